"""SynFlow (Tanaka et al. 2020, arXiv 2006.05467): how much the paths through the weights carry."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cosearch.deep.module import GraphModule
from cosearch.deep.proxies.proxy import gradients, own_copy, swap

# Of what is positive they are the identity, or near it; but ReLU6 ends at 6, and its gradient at 0.
_OFF: Final = (_BatchNorm, nn.LayerNorm, nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.GELU)


def synflow(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """log of the sum of w dR/dw, R the sum of the outputs for an image of ones.

    Weights are taken by their size, norms are off. It looks at no data. Double precision, for R
    grows with every layer; the logarithm ranks as the sum does, and is a number one can read.
    """
    own = own_copy(module).double()
    swap(own, _OFF, nn.Identity)
    with torch.no_grad():
        for parameter in own.parameters():
            parameter.abs_()
    own(torch.ones(1, *images.shape[1:], dtype=torch.float64)).sum().backward()
    flow = sum(float((weight * gradient).sum()) for weight, gradient in gradients(own))
    return math.log(flow) if flow > 0 else -math.inf
