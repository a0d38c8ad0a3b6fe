"""The run of cuts, each step a file: a run that was killed goes on from the last."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from cosearch.deep.accuracy import evaluate
from cosearch.deep.data import ImageData, Split
from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt import Adapted, AdaptSettings, adapt_once, channels_of, smallest
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import LimitError
from cosearch.files import write_atomically
from cosearch.networks import Network
from cosearch.progress import Progress
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.units import show

JUDGED: Final = 2_000  # validation images that judge a proposal, at most
_QUANTITY: Final = {"latency_s": "time", "energy_j": "energy"}

Folder = RunFolder[NetadaptSettings]
CostOf = Callable[[Network], float]


@dataclass(frozen=True)
class Run:
    """What every step needs; `limit` and what `cost_of` gives are in SI units."""

    folder: Folder
    data: ImageData
    cost_of: CostOf
    limit: float
    training: TrainSettings  # of the data set's size; the short fine-tuning changes the rest
    progress: Progress


def limit_of(
    settings: NetadaptSettings, network: Network, cost_of: CostOf
) -> tuple[float, dict[str, float]]:
    """(the limit, what the network costs and what it costs at its narrowest), before any training.

    Raises `LimitError` where not even the narrowest is within.
    """
    multiple = settings.multiple
    narrowest = smallest(network, channels_of(network), multiple=multiple)
    known = {"own": cost_of(network), "least": cost_of(narrowest)}
    saving = settings.share * (known["own"] - known["least"])
    limit = next(iter(settings.limits().values()), known["own"] - saving)
    if min(known.values()) > limit:
        at_most, least = (shown(settings, value) for value in (limit, known["least"]))
        raise LimitError(
            f"{network.name} cannot be cut to {at_most}: with every group of channels at its "
            f"narrowest (multiples of {multiple}) it takes {least}"
        )
    return limit, known


def shown(settings: NetadaptSettings, cost: float) -> str:
    """For people."""
    return show(cost, _QUANTITY[settings.metric], 4)


def adapt(run: Run, first: Adapted) -> tuple[Adapted, list[dict[str, Any]]]:
    """Cut until the limit is kept; returns what is left and the history, a row per step."""
    now, history = first, [first.described()]
    start = first.cost
    while now.cost > run.limit:
        number = len(history)
        row = run.folder.step(f"cut-{number:03}", partial(_cut, run, now, start, number))
        now = _restored(run.folder, number, row)
        history.append(row)
        note = (
            f"{row['group']} {row['from']} to {row['to']}, {shown(run.folder.settings, now.cost)}"
        )
        done = int(1000 * min(1.0, (start - now.cost) / (start - run.limit)))
        run.progress("netadapt", done, 1000, f"{note}, {now.accuracy:.2%}")
    return now, history


def _cut(run: Run, now: Adapted, start: float, number: int) -> dict[str, Any]:
    """One step, its network and weights stored."""
    settings = run.folder.settings
    how = AdaptSettings(settings.step, settings.multiple, settings.norm, settings.rule)
    target = max(run.limit, now.cost - settings.step * start)
    then, tried = adapt_once(
        now,
        run.cost_of,
        target,
        how,
        tune=partial(_tune, run, number),
        judge=lambda module: evaluate(module, judging(run.data)),
        progress=run.progress,
    )
    state = {"network": then.network.to_dict(), "state": then.module.state_dict()}
    path = _path(run.folder, number)
    write_atomically(path, lambda beside: torch.save(state, beside))
    return {"step": number, **then.described(), "proposals": tried}


def _tune(run: Run, number: int, module: GraphModule, place: int) -> None:
    """A few steps on images of their own: (seed, step, proposal) draws them."""
    settings = run.folder.settings
    wanted = settings.tune_steps * run.training.batch
    rng = np.random.default_rng([settings.seed, number, place])
    epochs = math.ceil(wanted / len(run.data.train))
    chosen = rng.permutation(len(run.data.train))[: max(1, wanted // epochs)]
    fit(
        module,
        run.data.train.take(torch.from_numpy(chosen)),
        replace(run.training, epochs=epochs, lr=settings.tune_lr, warmup=0.0),
        seed=int(rng.integers(2**31)),
    )


def judging(data: ImageData) -> Split:
    """The validation images that judge, the same for all proposals and seeds."""
    if len(data.validation) <= JUDGED:
        return data.validation
    order = np.random.default_rng(0).permutation(len(data.validation))[:JUDGED]
    return data.validation.take(torch.from_numpy(order))


def _path(folder: Folder, number: int) -> Path:
    return folder.path / "cuts" / f"{number:03}.pt"


def _restored(folder: Folder, number: int, row: dict[str, Any]) -> Adapted:
    stored = torch.load(_path(folder, number), weights_only=True)
    network = Network.from_dict(stored["network"])
    module = GraphModule(network)
    module.load_state_dict(stored["state"])
    return Adapted(network, module.eval(), row["accuracy"], row["cost"])
