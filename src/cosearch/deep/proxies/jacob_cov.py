"""jacob_cov (the first version of NASWOT): how differently outputs react to different images."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from torch import Tensor

from cosearch.deep.module import GraphModule
from cosearch.deep.proxies.proxy import own_copy

_SMALL: Final = 1e-5


def jacob_cov(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """-sum(log(v + k) + 1/(v + k)), v the eigenvalues of the correlations of the images' Jacobians.

    A Jacobian is of the sum of the logits by the image; k = 1e-5.
    """
    pixels = images.clone().requires_grad_()
    (jacobian,) = torch.autograd.grad(own_copy(module)(pixels).sum(), pixels, allow_unused=True)
    if jacobian is None:
        return -math.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = np.corrcoef(jacobian.flatten(1).double().numpy())
    if not np.isfinite(correlations).all():
        return -math.inf  # an image that nothing reacts to
    spread = np.linalg.eigvalsh(correlations) + _SMALL
    return float(-(np.log(spread) + 1 / spread).sum())
