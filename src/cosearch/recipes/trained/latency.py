"""What a result says of a latency: as predicted, and as measured, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cosearch.recipes.trained.target import Target

Again = Sequence[Mapping[str, Any]]


def latency_of(target: Target, predicted_s: float | None, again: Again) -> dict[str, Any]:
    """In ms. `measured_ms` is of the whole network, with its 95 % interval; None if it was not.

    `missed`: what was measured before, and was not within the limit.
    """
    return {
        "predicted_ms": None if predicted_s is None else predicted_s * 1e3,
        "predicted": target.figures,
        "measured_ms": _in_ms(again[-1]) if again else None,
        "measured_on": str(target.place) if again else None,
        "unmeasured": target.unmeasured,
        "missed": [
            {"predicted_ms": row["predicted_s"] * 1e3, "measured_ms": _in_ms(row)}
            for row in again[:-1]
        ],
    }


def _in_ms(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: row[f"{name}_s"] * 1e3 for name in ("median", "low", "high")}
