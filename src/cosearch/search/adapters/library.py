"""Other people's libraries: brought in when first wanted, and what they may take for ordered."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cosearch.errors import CosearchError
from cosearch.quiet import quiet
from cosearch.space import Knob


def library(module: str, *, wants: str, extra: str) -> Any:
    """The imported module; raises `CosearchError` that names the extra where it is missing."""
    try:
        with quiet():
            return import_module(module)
    except ImportError as error:
        raise CosearchError(
            f"{wants} needs {error.name or module}: pip install 'cosearch[{extra}]'"
        ) from error


def ordered(knob: Knob) -> bool:
    """Whether neighbouring choices are alike: numbers are, words are not."""
    return not any(isinstance(choice, str) for choice in knob.choices)
