"""What a network is narrowed for: a device's model, or a place where its pieces are measured."""

from __future__ import annotations

from cosearch.errors import CosearchError
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.trained.target import Target, find_target


def target_of(settings: NetadaptSettings) -> Target:
    """As asked. Of a table only the place counts: it has the blocks of its space, and no others.

    Raises `CosearchError` where nothing can be measured there from here.
    """
    if settings.measured:
        return Target(str(settings.place), place=settings.place)
    found = find_target(settings.on)
    if found.device is not None:
        return found
    if found.place is None:
        raise CosearchError(
            f"{settings.on} is a lookup table, which lacks the widths that netadapt cuts to, and "
            f"they cannot be measured: {found.unmeasured}; name a runtime, a device or a "
            "calibration"
        )
    return Target(str(found.place), place=found.place)
