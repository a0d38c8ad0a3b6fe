"""FBNet (arXiv 1812.03443): operators mixed in every layer, their shares learnt too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.fbnet.settings import FbnetSettings

if TYPE_CHECKING:
    from cosearch.deep.data import ImageData
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: FbnetSettings) -> ImageData:
    """Read the images."""
    from cosearch.recipes.trained.space import read_data

    return read_data(settings)


def run(folder: RunFolder[FbnetSettings], data: ImageData, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.recipes.fbnet.searched import search

    return search(folder, data, progress)
