"""The last word on a latency: a whole network, measured in a fresh process."""

from __future__ import annotations

from typing import Any

from cosearch.networks import Network
from cosearch.recipes.mnasnet.measured import as_kept, measure_again
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.place import Place


def taken_again(
    folder: RunFolder[Any], number: int, network: Network, place: Place, limit_s: float
) -> dict[str, Any]:
    """Seconds with their 95 % interval, what measured them, and whether all of it is within.

    A step of the run: gone on with, it is not measured another time.
    """

    def take() -> dict[str, Any]:
        taken = measure_again(network, place.on, place.settings)
        place.check(taken)
        return as_kept(taken)

    found = folder.step(f"again-{number:02}", take)
    return {**found, "met": found["high_s"] <= limit_s}
