"""A space of networks by its name on the command line."""

from __future__ import annotations

from typing import Any


def find_space(name: str, image_size: int | None = None) -> Any:
    """The family of that name; `image_size` pixels a side, where it leaves that open."""
    from inspect import signature

    from cosearch.errors import CosearchError, unknown
    from cosearch.families import FAMILIES

    spaces = [each for each, entry in FAMILIES.items() if entry.summary.startswith("networks")]
    if name not in spaces:
        raise unknown("space", name, spaces)
    make: Any = FAMILIES[name].make
    if image_size is None:
        return make()
    if "image" not in signature(make).parameters:
        raise CosearchError(f"image size {image_size}: space {name} has images of its own size")
    if not 32 <= image_size <= 512:
        raise CosearchError(f"image size {image_size}: 32 to 512 pixels are allowed")
    return make(image=(3, image_size, image_size))
