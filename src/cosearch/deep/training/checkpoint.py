"""One training run's last checkpoint, on disk."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cosearch.errors import CosearchError
from cosearch.files import write_atomically


def save(path: Path, state: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Write `state`, tensors and plain data; `run` says which run it belongs to."""
    held = {"run": dict(run), **state}
    write_atomically(path, lambda temporary: torch.save(held, temporary))


def restore(path: Path, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `save` wrote; None if there is no such file, `CosearchError` for another run's."""
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CosearchError(f"{path}: not a checkpoint ({error})") from error
    if "run" not in state:
        raise CosearchError(f"{path}: not a checkpoint of a training run")
    for key, value in run.items():
        if state["run"].get(key) != value:
            raise CosearchError(
                f"{path} belongs to another run: {key} is {state['run'].get(key)!r} there, "
                f"{value!r} here"
            )
    return state
