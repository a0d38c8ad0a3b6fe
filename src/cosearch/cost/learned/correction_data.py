"""A correction as plain data, and back: every array that its predictions are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.cost.learned.correction import Correction
from cosearch.cost.learned.correction_kernel import Baseline, Kernel
from cosearch.cost.learned.operator_times import OperatorTimes
from cosearch.errors import CosearchError


def to_plain(correction: Correction) -> dict[str, Any]:
    """Lists of numbers by name; operators as rows of their class and sizes."""
    kernel, measured = correction.kernel, correction.measured
    sizes = np.rint(np.exp2(measured.sizes)).astype(int)
    return {
        "scale": kernel.baseline.scale,
        "floor_s": float(kernel.baseline.floor_s),
        "variances": kernel.variances.tolist(),
        "noise": correction.noise,
        "surprise": correction.surprise,
        "operators": np.column_stack([measured.classes, sizes]).tolist(),
        "operator_s": measured.seconds.tolist(),
        "measured_s": correction.measured_s.tolist(),
        "weights": correction.weights.tolist(),
        "precision": correction.precision.tolist(),
    }


def from_plain(data: Any, origin: str) -> Correction:
    """The inverse of `to_plain`. Raises `CosearchError` for what is missing or of another shape."""
    try:
        operators = _array(data["operators"], None, 7)
        m, d = len(data["measured_s"]), len(operators)
        measured = OperatorTimes(
            _array(data["operator_s"], m, d), operators[:, 0].astype(int), np.log2(operators[:, 1:])
        )
        return Correction(
            Kernel(Baseline(data["scale"], data["floor_s"]), _array(data["variances"], 6)),
            data["noise"],
            data["surprise"],
            measured,
            _array(data["measured_s"], m),
            _array(data["weights"], m),
            _array(data["precision"], m, m),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CosearchError(f"{origin}: malformed: {error!r}") from error


def _array(values: Any, *shape: int | None) -> np.ndarray:
    found = np.array(values, dtype=float)
    fits = len(shape) == found.ndim and all(
        wanted in (None, size) for wanted, size in zip(shape, found.shape, strict=True)
    )
    if not fits or not np.isfinite(found).all():
        raise ValueError(f"shape {found.shape}, needed are finite numbers of shape {shape}")
    return found
