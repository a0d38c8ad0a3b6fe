"""The job from end to end: train the first network, cut, train the last, deliver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from cosearch.cost import Cost
from cosearch.deep.accuracy import evaluate
from cosearch.deep.data import ImageData
from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt import Adapted
from cosearch.deep.training import TrainSettings, fit, plan_for
from cosearch.files import write_atomically
from cosearch.networks import Network
from cosearch.problem import Limit
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.netadapt.pictures import plots
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.netadapt.start import first_network
from cosearch.recipes.netadapt.steps import Run, adapt, judging, limit_of, shown
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.space import read_data
from cosearch.recipes.trained.target import Target, find_target

Folder = RunFolder[Any]


@dataclass(frozen=True)
class Inputs:
    """What a run reads before it writes anything."""

    data: ImageData
    target: Target
    network: Network
    module: GraphModule


def read(settings: NetadaptSettings) -> Inputs:
    """Images, device, and the network at the images' size."""
    data = read_data(settings)
    network, module = first_network(settings, data)
    return Inputs(data, find_target(settings.on), network, module)


def find(folder: Folder, inputs: Inputs, progress: Progress) -> dict[str, Any]:
    """All steps; each is stored, so a killed run goes on where it was."""
    settings, network, data = folder.settings, inputs.network, inputs.data

    def cost_of(candidate: Network) -> float:
        return _metrics(inputs.target, candidate)[settings.metric]

    limit, known = limit_of(settings, network, cost_of)
    progress("space", 1, 1, _in_a_line(settings, limit, known))
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads).alone
    run = Run(folder, data, cost_of, limit, plan, progress)
    module = _first(folder, inputs, plan, progress)
    accuracy = folder.step("judged", lambda: evaluate(module, judging(data)))
    first = Adapted(network, module.eval(), accuracy, known["own"])
    last, history = adapt(run, first)
    _train_long(folder, last.module, data, plan, progress)
    delivered = deliver(folder, last.network, data, plan, progress)
    outcome = Outcome(
        last.network,
        _metrics(inputs.target, last.network),
        (Limit(settings.metric, limit),),
        search=_search(settings, history),
        plots=plots(settings.metric, history, limit),
        more={"history": history, "first": {**_counts(network), **known}},
    )
    return finish(folder, data, inputs.target, outcome, delivered)


def _in_a_line(settings: NetadaptSettings, limit: float, known: dict[str, float]) -> str:
    own, least, wanted = (shown(settings, at) for at in (known["own"], known["least"], limit))
    return f"{own} as it is, {least} at its narrowest; wanted {wanted}"


def _metrics(target: Target, network: Network) -> dict[str, float]:
    """Latency in s and energy in J on the target."""
    assert target.device is not None
    cost: Cost = target.device(network.layers).sum(-1)
    return {"latency_s": float(cost.latency_s), "energy_j": float(cost.energy_j)}


def _first(folder: Folder, inputs: Inputs, plan: TrainSettings, progress: Progress) -> GraphModule:
    """The network to be cut, with its weights: read, or trained now."""
    settings, module = folder.settings, inputs.module
    if settings.trained_before:
        return module
    path = folder.path / "first.pt"
    epochs = settings.first_epochs or plan.epochs

    def train() -> None:
        fit(
            module,
            inputs.data.train,
            replace(plan, epochs=epochs),
            seed=settings.seed,
            checkpoint=folder.path / "checkpoints" / "first.pt",
            progress=progress,
        )
        _save(module, path)

    folder.step("first", train)
    module.load_state_dict(torch.load(path, weights_only=True))
    return module


def _train_long(
    folder: Folder, module: GraphModule, data: ImageData, plan: TrainSettings, progress: Progress
) -> None:
    """With the weights carried over; what is delivered is this, not weights drawn anew.

    `deliver` trains under the name of this step, and finds it done.
    """
    epochs = folder.settings.epochs or plan.epochs

    def train() -> None:
        fit(
            module,
            data.train.join(data.validation),
            replace(plan, epochs=epochs, lr=folder.settings.tune_lr),
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / "network.pt",
            progress=progress,
        )
        _save(module, folder.path / "network.pt")

    folder.step("training", train)


def _save(module: GraphModule, path: Path) -> None:
    write_atomically(path, lambda beside: torch.save(module.state_dict(), beside))


def _counts(network: Network) -> dict[str, Any]:
    return {"name": network.name, "params": network.params, "macs": network.macs}


def _search(settings: NetadaptSettings, history: list[dict[str, Any]]) -> dict[str, Any]:
    tried = sum(len(row["proposals"]) for row in history[1:])
    return {
        "network": Path(settings.network).name,
        "steps": len(history) - 1,
        "proposals": tried,
        "rule": settings.rule,
        "accuracy_before_any_cut": f"{history[0]['accuracy']:.2%} of the validation images",
        "accuracy_after_the_last": f"{history[-1]['accuracy']:.2%}, before the long training",
    }
