"""NASWOT (Mellor et al. 2021, arXiv 2006.04647): how unlike a network finds images."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from cosearch.deep.module import GraphModule
from cosearch.deep.proxies.proxy import own_copy

# Those that let pass or hold back by the sign; sigmoids scale, and have no such side.
_SWITCHES: Final = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.GELU)


def naswot(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """log det K; K[i, j] counts the units that are on, or off, for images i and j alike."""
    own = own_copy(module)
    count = len(images)
    agree = torch.zeros(count, count, dtype=torch.float64)

    def compare(part: object, given: tuple[Tensor, ...]) -> None:
        on = (given[0].detach().reshape(count, -1) > 0).float()
        agree.add_(on @ on.T).add_((1 - on) @ (1 - on).T)

    for part in own.modules():
        if isinstance(part, _SWITCHES):
            part.register_forward_pre_hook(compare)
    with torch.no_grad():
        own(images)
    return float(np.linalg.slogdet(agree.numpy())[1])
