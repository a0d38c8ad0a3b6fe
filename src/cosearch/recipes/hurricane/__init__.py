"""HURRICANE (arXiv 1910.11609): a space made for the target, searched in two stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.hurricane.settings import HurricaneSettings

if TYPE_CHECKING:
    from cosearch.deep.data import ImageData
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: HurricaneSettings) -> ImageData:
    """Read the images."""
    from cosearch.recipes.trained.space import read_data

    return read_data(settings)


def run(
    folder: RunFolder[HurricaneSettings], data: ImageData, progress: Progress
) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.recipes.hurricane.searched import search

    return search(folder, data, progress)
