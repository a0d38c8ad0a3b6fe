"""The job from end to end: train the first network, cut, train the last, deliver."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosearch.cost import Cost
from cosearch.deep.accuracy import evaluate
from cosearch.deep.data import ImageData
from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt import Adapted
from cosearch.deep.training import plan_for
from cosearch.networks import Network
from cosearch.problem import Limit
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.netadapt.costs import costs_on
from cosearch.recipes.netadapt.cut import Run, judging, shown
from cosearch.recipes.netadapt.int8 import tuned_in_int8
from cosearch.recipes.netadapt.pictures import plots
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.netadapt.start import first_network
from cosearch.recipes.netadapt.steps import adapt, limit_of
from cosearch.recipes.netadapt.target import target_of
from cosearch.recipes.netadapt.weights import first_weights, train_long
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.latency import Again
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.space import read_data
from cosearch.recipes.trained.target import Target

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
    return Inputs(data, target_of(settings), network, module)


def find(folder: Folder, inputs: Inputs, progress: Progress) -> dict[str, Any]:
    """All steps; each is stored, so a killed run goes on where it was."""
    settings, network, data, target = folder.settings, inputs.network, inputs.data, inputs.target
    costs = costs_on(target, folder, network, progress)
    limit, known = limit_of(settings, network, costs)
    progress("space", 1, 1, _in_a_line(settings, limit, known))
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads).alone
    place = target.place if settings.metric == "latency_s" else None  # no energy is measured
    run = Run(folder, data, costs, place, limit, plan, progress)
    module = first_weights(folder, inputs.module, data, plan, progress)
    accuracy = folder.step("judged", lambda: evaluate(module, judging(data)))
    way = adapt(run, Adapted(network, module.eval(), accuracy, known["own"]))
    last, history = way.last, way.history
    train_long(folder, last.module, data, plan, progress)
    delivered = deliver(folder, last.network, data, plan, progress)
    tuned = tuned_in_int8(folder, last.network, data, plan, progress)
    outcome = Outcome(
        last.network,
        _metrics(target, last.network, way.again),
        (Limit(settings.metric, limit),),
        search={**_search(settings, history), **_said(tuned)},
        plots=plots(settings.metric, history, limit, target.figures),
        more={"history": history, "first": {**_counts(network), **known}, **tuned},
        again=way.again,
    )
    return finish(folder, data, target, outcome, delivered)


def _in_a_line(settings: NetadaptSettings, limit: float, known: dict[str, float]) -> str:
    own, least, wanted = (shown(settings, at) for at in (known["own"], known["least"], limit))
    return f"{own} as it is, {least} at its narrowest; wanted {wanted}"


def _metrics(target: Target, network: Network, again: Again) -> dict[str, float]:
    """Latency in s and energy in J as the target's model has them; else what pieces told."""
    if target.device is None:
        return {"latency_s": again[-1]["predicted_s"]}
    cost: Cost = target.device(network.layers).sum(-1)
    return {"latency_s": float(cost.latency_s), "energy_j": float(cost.energy_j)}


def _said(tuned: dict[str, Any]) -> dict[str, str]:
    """For the summary."""
    if not tuned:
        return {}
    return {"int8_after_tuning": f"{tuned['int8_tuned']['test_accuracy']:.2%}"}


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
