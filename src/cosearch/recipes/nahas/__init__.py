"""NAHAS (arXiv 2102.08619): network and accelerator searched together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.nahas.settings import ONE_SHOT, NahasSettings

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: NahasSettings) -> Any:
    """Read the images, or the table."""
    return _way(settings).prepare(settings)


def run(folder: RunFolder[NahasSettings], inputs: Any, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    result: dict[str, Any] = _way(folder.settings).run(folder, inputs, progress)
    return result


def _way(settings: NahasSettings) -> Any:
    """The module for where accuracies come from, and how; only a table needs no torch."""
    if settings.tabular:
        from cosearch.recipes.nahas import tabular

        return tabular
    if settings.method == ONE_SHOT:
        from cosearch.recipes.nahas.one_shot import job

        return job
    from cosearch.recipes.nahas import trained

    return trained
