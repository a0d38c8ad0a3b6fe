"""Checks that need no torch and must come before anything is written."""

from __future__ import annotations

from cosearch.errors import unknown
from cosearch.hardware import find_chip
from cosearch.recipes.settings import Settings
from cosearch.search import OPTIMIZERS


def validate(settings: Settings) -> None:
    """Raise `CosearchError` for an unknown device or optimizer."""
    find_chip(settings.chip)
    if settings.optimizer not in OPTIMIZERS:
        raise unknown("optimizer", settings.optimizer, OPTIMIZERS)
