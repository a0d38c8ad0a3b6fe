"""How differentiable searches weigh cross-entropy (CE) against expected latency.

Inside a logarithm the unit counts: LAT and ref are latencies over `unit_s`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from cosearch.errors import CosearchError

PAPER_UNIT_S: Final = 1e-6  # FBNet's tables are in microseconds
FINE_UNIT_S: Final = 1e-9
_COARSE: Final = 100.0  # a logarithm of less than this changes too fast to be FBNet's


@dataclass(frozen=True)
class Weighing:
    """Scales of a loss; `ref` is the latency aimed at, in the unit of the latencies."""

    alpha: float
    beta: float
    ref: float


Value = Callable[[Tensor, Tensor, Weighing], Tensor]


@dataclass(frozen=True)
class LatencyLoss:
    """`value` takes CE, LAT and the scales, whose published values are `alpha` and `beta`.

    `sampled`: LAT is of the operators as they are mixed in the step, else the expectation under
    the probabilities themselves.
    """

    summary: str
    value: Value
    alpha: float
    beta: float
    sampled: bool
    logarithmic: bool = True


def _multiplied(ce: Tensor, lat: Tensor, by: Weighing) -> Tensor:
    return ce * by.alpha * lat.log() ** by.beta


def _as_coded(ce: Tensor, lat: Tensor, by: Weighing) -> Tensor:
    return ce * by.alpha * (lat**by.beta).log()


def _proxyless(ce: Tensor, lat: Tensor, by: Weighing) -> Tensor:
    return by.alpha * ce * (lat.log() / torch.tensor(by.ref).log()) ** by.beta


def _added(ce: Tensor, lat: Tensor, by: Weighing) -> Tensor:
    return ce + by.alpha * (lat - by.ref) / by.ref


LOSSES: Final[Mapping[str, LatencyLoss]] = {
    "multiplied": LatencyLoss(
        "CE alpha log(LAT)^beta: FBNet (arXiv 1812.03443)", _multiplied, 0.2, 0.6, sampled=True
    ),
    "multiplied-as-coded": LatencyLoss(
        "CE alpha log(LAT^beta), which is CE alpha beta log(LAT): what a widely used "
        "re-implementation of FBNet computes instead; its exponent only scales",
        _as_coded,
        0.2,
        0.6,
        sampled=True,
    ),
    "proxyless": LatencyLoss(
        "alpha CE (log E[LAT] / log ref)^beta: ProxylessNAS (arXiv 1812.00332)",
        _proxyless,
        0.2,
        0.3,
        sampled=False,
    ),
    "added": LatencyLoss(
        "CE + alpha (E[LAT] - ref) / ref: the additive form of ProxylessNAS's code",
        _added,
        0.1,
        1.0,
        sampled=False,
        logarithmic=False,
    ),
}


def suitable_unit_s(fastest_s: float) -> float:
    """Microseconds as in the paper; nanoseconds for networks so fast that their log is near 0.

    Of 20 ms the logarithm is 10, and latency counts for beta / 10 in the logarithm of the loss;
    of 1.1 us it is 0.1, and nothing else would count; below 1 us it is negative.
    """
    return PAPER_UNIT_S if fastest_s >= _COARSE * PAPER_UNIT_S else FINE_UNIT_S


def check_unit(loss: LatencyLoss, fastest_s: float, unit_s: float) -> None:
    """Raise `CosearchError` where a logarithm could come to 0 or below."""
    if loss.logarithmic and not fastest_s > unit_s:
        raise CosearchError(
            f"unit of the latency {unit_s:.3g} s: the loss takes a logarithm, which needs a unit "
            f"below the fastest network's {fastest_s:.3g} s"
        )
