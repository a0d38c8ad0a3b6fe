"""How far predictions are off: agreement with its interval, and whether the spread is honest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.agreement import agreement

RESAMPLES: Final = 1000
SHOWN: Final = ("mape", "kendall", "spearman")
_TWO_SIDED: Final = 1.96  # standard deviations about 95 % of a normal distribution


@dataclass(frozen=True)
class Check:
    """Predicted against measured figures of n networks."""

    networks: int
    bias: float
    mape: float
    kendall: float
    spearman: float
    intervals: Mapping[str, tuple[float, float]]  # 95 %, of drawing the networks again
    coverage: float | None  # share of the measurements within their predicted 95 % interval

    def to_dict(self) -> dict[str, Any]:
        """Plain data; a rank correlation that is not known is None."""
        plain = {name: _known(value) for name, value in asdict(self).items()}
        ends = {name: [_known(end) for end in both] for name, both in self.intervals.items()}
        return {**plain, "intervals": ends}


def check(
    predicted_s: Float[ndarray, " n"],
    measured_s: Float[ndarray, " n"],
    spread: Float[ndarray, " n"] | None = None,
    seed: int = 0,
) -> Check:
    """All figures. `spread` is the standard deviation of the predictions' logarithm."""
    found = agreement(predicted_s, measured_s)
    return Check(
        len(measured_s),
        found.bias,
        found.mape,
        found.kendall,
        found.spearman,
        _intervals(predicted_s, measured_s, np.random.default_rng(seed)),
        None if spread is None else _coverage(predicted_s, measured_s, spread),
    )


def _intervals(
    predicted_s: ndarray, measured_s: ndarray, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Percentiles of the bootstrap; a draw of one network only has no ranks, and does not count."""
    draws = rng.integers(0, len(measured_s), (RESAMPLES, len(measured_s)))
    found = [agreement(predicted_s[draw], measured_s[draw]) for draw in draws]
    return {name: _middle(np.array([getattr(each, name) for each in found])) for name in SHOWN}


def _middle(values: ndarray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _coverage(predicted_s: ndarray, measured_s: ndarray, spread: ndarray) -> float:
    off = np.abs(np.log(measured_s / predicted_s))
    return float((off <= _TWO_SIDED * spread).mean())


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value
