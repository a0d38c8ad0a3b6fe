"""NAHAS (arXiv 2102.08619): network and accelerator searched together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.nahas.settings import NahasSettings

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
    """The module for where accuracies come from; only one of them needs torch."""
    if settings.tabular:
        from cosearch.recipes.nahas import tabular

        return tabular
    from cosearch.recipes.nahas import trained

    return trained
