"""The data, and the networks of a published space at the size of its images."""

from __future__ import annotations

from typing import Any

from cosearch.deep.data import ImageData, load
from cosearch.families import MobileFamily, sized
from cosearch.recipes.trained.settings import TrainedSettings


def read_data(settings: TrainedSettings) -> ImageData:
    """As asked; of the training images only so many, the same for every seed."""
    data = load(settings.data, size=settings.size)
    return data if settings.images is None else data.trained_on(settings.images)


def family_for(settings: TrainedSettings, data: ImageData) -> Any:
    """The space asked for. Raises `CosearchError` for one that has no such size."""
    if settings.space_asked == "mobile":
        return MobileFamily.for_images(*data.shape[:2], len(data.classes))
    return sized(settings.space_asked, data.shape, len(data.classes), width=settings.width)
