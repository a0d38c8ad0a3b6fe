"""Zen-score (Lin et al. 2021, arXiv 2102.01063): how expressive the features are, norms undone."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cosearch.deep.module import GraphModule
from cosearch.deep.proxies.proxy import own_copy, weighted

BATCH: Final = 16
STEP: Final = 1e-2
DRAWS: Final = 32


def zen(
    module: GraphModule,
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    *,
    draws: int = DRAWS,
) -> float:
    """log E|f(x) - f(x + 0.01 e)| + sum over norms of log sqrt(mean variance); x, e Gaussian.

    f is what the last global pool reads, its weights drawn anew, standard normal, for each of
    `draws`. It looks at no data: of `images` only the shape counts. Variances are the batch's.
    """
    own = own_copy(module)
    features: list[Tensor] = []
    own.ops[_end(own)].register_forward_pre_hook(lambda _, given: features.append(given[0]))
    norms = [part for part in own.modules() if isinstance(part, _BatchNorm)]
    for norm in norms:
        norm.momentum = 1.0
    scores = []
    with torch.no_grad():
        for _ in range(draws):
            _draw(own, generator)
            scores.append(_once(own, features, norms, images.shape[1:], generator))
    return sum(scores) / draws


def _end(module: GraphModule) -> int:
    """Place of the last global pool; of the last operator where there is none."""
    pools = [
        i
        for i, node in enumerate(module.nodes)
        if node.op == "avg_pool" and node.shape[1:] == (1, 1)
    ]
    return pools[-1] if pools else len(module.nodes) - 1


def _draw(module: nn.Module, generator: torch.Generator) -> None:
    for part in weighted(module):
        part.weight.normal_(generator=generator)
        if part.bias is not None:
            part.bias.zero_()


def _once(
    module: nn.Module,
    features: list[Tensor],
    norms: list[_BatchNorm],
    shape: torch.Size,
    generator: torch.Generator,
) -> float:
    noise = partial(torch.randn, BATCH, *shape, generator=generator)
    first = noise()
    features.clear()
    module(first)
    module(first + STEP * noise())
    apart = float((features[0] - features[1]).abs().flatten(1).sum(1).mean())
    if not apart > 0:
        return -math.inf
    variances = [float(norm.running_var.mean()) for norm in norms]
    passing = [variance for variance in variances if variance > 0]  # others hold back nothing
    return math.log(apart) + sum(math.log(variance) for variance in passing) / 2
