"""NAHAS (arXiv 2102.08619): network and accelerator searched together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.nahas.settings import NahasSettings

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: NahasSettings) -> Any:
    """Read the images."""
    from cosearch.recipes.nahas import trained

    return trained.prepare(settings)


def run(folder: RunFolder[NahasSettings], inputs: Any, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.recipes.nahas import trained

    return trained.run(folder, inputs, progress)
