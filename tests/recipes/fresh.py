"""What a fresh process answers, where a test decides how long a network takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cosearch.measure import Settings


def answer(high_s: float, settings: Settings, *, wide: float = 0.0) -> Any:
    """The interval ends at `high_s`; its middle is `wide` below that, its lower end twice so."""
    return SimpleNamespace(
        median_s=high_s * (1 - wide),
        low_s=high_s * (1 - 2 * wide),
        high_s=high_s,
        statistics=SimpleNamespace(noise=wide),
        sha256="",
        model_sha256="",
        versions={},
        device={},
        settings=settings,
    )
