"""One cut: proposed, trained a little, judged; its network and weights stored."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from cosearch.deep.accuracy import evaluate
from cosearch.deep.data import ImageData, Split
from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt import Adapted, AdaptSettings, adapt_once
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import LimitError
from cosearch.files import write_atomically
from cosearch.networks import Network
from cosearch.problem.goals import QUANTITIES
from cosearch.progress import Progress
from cosearch.recipes.netadapt.costs import Costs, beside
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.place import Place
from cosearch.units import show

JUDGED: Final = 2_000  # validation images that judge a proposal, at most

Folder = RunFolder[NetadaptSettings]


def shown(settings: NetadaptSettings, cost: float) -> str:
    """For people."""
    return show(cost, QUANTITIES[settings.metric], 4)


@dataclass(frozen=True)
class Run:
    """What every step needs; `limit` and `costs` are in SI units.

    `place` is where what is left must keep the limit when it is measured; None: nowhere.
    """

    folder: Folder
    data: ImageData
    costs: Costs
    place: Place | None
    limit: float
    training: TrainSettings  # of the data set's size; the short fine-tuning changes the rest
    progress: Progress


def cut(run: Run, now: Adapted, start: float, number: int) -> dict[str, Any]:
    """One step of the history; `predicted` is its cost before it was known as a whole.

    Raises `LimitError` where nothing is left to cut.
    """
    then, tried = _best(run, now, start, number)
    state = {"network": then.network.to_dict(), "state": then.module.state_dict()}
    path = _path(run.folder, number)
    write_atomically(path, lambda part: torch.save(state, part))
    whole = replace(then, cost=run.costs.whole(then.network))
    return {"step": number, **whole.described(), "predicted": then.cost, "proposals": tried}


def _best(
    run: Run, now: Adapted, start: float, number: int
) -> tuple[Adapted, list[dict[str, Any]]]:
    settings = run.folder.settings
    how = AdaptSettings(settings.step, settings.multiple, settings.norm, settings.rule)
    target = max(run.limit, now.cost - settings.step * start)
    try:
        return adapt_once(
            now,
            beside(run.costs, now),
            target,
            how,
            tune=partial(_tune, run, number),
            judge=lambda module: evaluate(module, judging(run.data)),
            progress=run.progress,
        )
    except LimitError as error:
        raise LimitError(
            f"nothing of {now.network.name} is left to cut: it takes {shown(settings, now.cost)}, "
            f"{now.cost / run.limit - 1:.1%} over {shown(settings, run.limit)}"
        ) from error


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


def restored(folder: Folder, number: int, row: dict[str, Any]) -> Adapted:
    """What a step left, from its files."""
    stored = torch.load(_path(folder, number), weights_only=True)
    network = Network.from_dict(stored["network"])
    module = GraphModule(network)
    module.load_state_dict(stored["state"])
    return Adapted(network, module.eval(), row["accuracy"], row["cost"])
