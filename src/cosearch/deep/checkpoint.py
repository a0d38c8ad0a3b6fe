"""One training run's last finished epoch, on disk."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cosearch.errors import CosearchError
from cosearch.files import write_atomically


def save(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    epoch: int,
    run: Mapping[str, Any],
) -> None:
    """Write the state after `epoch` epochs; `run` says which run it belongs to."""
    state = {
        "run": dict(run),
        "epoch": epoch,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    write_atomically(path, lambda temporary: torch.save(state, temporary))


def restore(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, run: Mapping[str, Any]
) -> int:
    """Load what `save` wrote and return its epoch; 0 if there is no such file."""
    if not path.exists():
        return 0
    try:
        state = torch.load(path, weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CosearchError(f"{path}: not a checkpoint ({error})") from error
    for key, value in run.items():
        if state["run"].get(key) != value:
            raise CosearchError(
                f"{path} belongs to another run: {key} is {state['run'].get(key)!r} there, "
                f"{value!r} here"
            )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["epoch"])
