"""The run of cuts, each step a file: a run that was killed goes on from the last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cosearch.deep.netadapt import Adapted, channels_of, smallest
from cosearch.errors import LimitError
from cosearch.networks import Network
from cosearch.recipes.netadapt.costs import Costs
from cosearch.recipes.netadapt.cut import Run, cut, restored, shown
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.trained.again import taken_again


def limit_of(
    settings: NetadaptSettings, network: Network, costs: Costs
) -> tuple[float, dict[str, float]]:
    """(the limit, what the network costs and what it costs at its narrowest), before any training.

    Raises `LimitError` where not even the narrowest is within.
    """
    multiple = settings.multiple
    narrowest = smallest(network, channels_of(network), multiple=multiple)
    known = {"own": costs.whole(network), "least": costs.whole(narrowest)}
    saving = settings.share * (known["own"] - known["least"])
    limit = next(iter(settings.limits().values()), known["own"] - saving)
    if min(known.values()) > limit:
        at_most, least = (shown(settings, value) for value in (limit, known["least"]))
        raise LimitError(
            f"{network.name} cannot be cut to {at_most}: with every group of channels at its "
            f"narrowest (multiples of {multiple}) it takes {least}"
        )
    return limit, known


@dataclass(frozen=True)
class Way:
    """What is left, the history (a row per step), and what was measured in the end, the last it."""

    last: Adapted
    history: list[dict[str, Any]]
    again: list[dict[str, Any]]


def adapt(run: Run, first: Adapted) -> Way:
    """Cut until the limit is kept; where it is measured, until that says so too."""
    way = Way(first, [first.described()], [])
    while True:
        way = _cut_down(run, way, first.cost)
        if run.place is None:
            return way
        row = taken_again(run.folder, len(way.history) - 1, way.last.network, run.place, run.limit)
        predicted = way.history[-1].get("predicted", way.last.cost)
        way = replace(way, again=[*way.again, {"predicted_s": predicted, **row}])
        if row["met"]:
            return way
        way = replace(way, last=replace(way.last, cost=row["high_s"]))


def _cut_down(run: Run, way: Way, start: float) -> Way:
    """Until the limit is kept as far as can be told here."""
    now, history = way.last, list(way.history)
    begun = max(start, now.cost)
    while now.cost > run.limit:
        number = len(history)
        row = run.folder.step(f"cut-{number:03}", partial(cut, run, now, start, number))
        now = restored(run.folder, number, row)
        history.append(row)
        note = (
            f"{row['group']} {row['from']} to {row['to']}, {shown(run.folder.settings, now.cost)}"
        )
        done = int(1000 * min(1.0, max(0.0, (begun - now.cost) / (begun - run.limit))))
        run.progress("netadapt", done, 1000, f"{note}, {now.accuracy:.2%}")
    return replace(way, last=now, history=history)
