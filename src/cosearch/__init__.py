"""Cosearch finds a neural network and the accelerator it runs on, together.

Names are loaded when first used, so that importing the package costs almost nothing.
"""

from importlib import import_module
from typing import Any, Final

_HOMES: Final = {
    "Accelerators": "cosearch.hardware",
    "CosearchError": "cosearch.errors",
    "EdgeModel": "cosearch.cost",
    "Goal": "cosearch.problem",
    "Knob": "cosearch.space",
    "Layers": "cosearch.networks",
    "Limit": "cosearch.problem",
    "Network": "cosearch.networks",
    "Problem": "cosearch.problem",
    "Space": "cosearch.space",
    "Study": "cosearch.study",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cosearch' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
