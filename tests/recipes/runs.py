"""Whole runs of a recipe: begun, gone on with, compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from cosearch.progress import Progress, silent
from cosearch.recipes import find_recipe
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.settings import Settings


def run(recipe: str, path: Path, settings: Settings, progress: Progress = silent) -> dict[str, Any]:
    """Its result; a run that is in `path` already goes on."""
    torch.set_num_threads(1)
    started = (path / "manifest.json").exists()
    folder = RunFolder.open(path) if started else RunFolder.start(path, recipe, settings)
    result: dict[str, Any] = find_recipe(recipe).run(folder, progress)
    return result


def steady(result: dict[str, Any]) -> dict[str, Any]:
    """A result as it is written, without what differs from run to run."""
    written = json.loads(json.dumps(result))
    return {name: value for name, value in written.items() if name not in ("timings", "measured")}
