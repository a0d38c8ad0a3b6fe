"""SPOS (arXiv 1904.00420): a supernet trained on uniform paths, then evolution under a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.spos.settings import SposSettings

if TYPE_CHECKING:
    from cosearch.deep.data import ImageData
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: SposSettings) -> ImageData:
    """Read the images."""
    from cosearch.recipes.trained.space import read_data

    return read_data(settings)


def run(folder: RunFolder[SposSettings], data: ImageData, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.recipes.spos.searched import search

    return search(folder, data, progress)
