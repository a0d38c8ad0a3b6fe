"""`result.json` of a recipe that trains: what was found, in people's units.

Two runs with one seed differ in `timings` and `measured` only; where the target is measured, in
what follows from that too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cosearch.deep.data import ImageData
from cosearch.files import write_json
from cosearch.networks import Network
from cosearch.problem import Limit
from cosearch.recipes.deliver import Delivered
from cosearch.recipes.nahas.figures import in_edge_units
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.latency import Again, latency_of
from cosearch.recipes.trained.settings import TrainedSettings
from cosearch.recipes.trained.target import Target
from cosearch.report.trained_page import PAGE, write_trained_page

PACKAGES: Final = ("numpy", "numba", "torch", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Outcome:
    """What a search found. `metrics` are in SI units; `plots` as `cosearch.report.plots` has them.

    `search` says how it was found, for people: trials, epochs, steps, whatever there is. `metrics`
    are as the search had them; `again` is what was then measured, whole, the last of `network`.
    """

    network: Network
    metrics: Mapping[str, float]
    limits: Sequence[Limit]
    choices: Mapping[str, Any] = field(default_factory=dict)
    validation_accuracy: float | None = None  # with shared weights, before training alone
    search: Mapping[str, Any] = field(default_factory=dict)
    plots: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)  # what else belongs into the result
    again: Again = ()


def finish(
    folder: RunFolder[TrainedSettings],
    data: ImageData,
    target: Target,
    outcome: Outcome,
    delivered: Delivered,
) -> dict[str, Any]:
    """Write `network.json`, `result.json` and `report.html`; returns the result."""
    result = _result(folder, data, target, outcome, delivered)
    write_json(folder.path / "network.json", result["network"])
    write_json(folder.path / "result.json", result)
    write_trained_page(folder.path)
    return result


def _result(
    folder: RunFolder[TrainedSettings],
    data: ImageData,
    target: Target,
    outcome: Outcome,
    delivered: Delivered,
) -> dict[str, Any]:
    network = outcome.network
    metrics = dict(outcome.metrics)
    latency = latency_of(target, metrics.get("latency_s"), outcome.again)
    if outcome.again:
        metrics["latency_s"] = outcome.again[-1]["median_s"]
    return {
        "page": PAGE,
        **folder.origin(*PACKAGES),
        "data": describe_data(data),
        "target": target.name,
        "limits": in_edge_units({limit.metric: limit.at_most for limit in outcome.limits}),
        "test_accuracy_fp32": delivered.test_accuracy_fp32,
        "test_accuracy_int8": delivered.test_accuracy_int8,
        "validation_accuracy": outcome.validation_accuracy,
        **in_edge_units(metrics),
        "latency": latency,
        "measured_again": [dict(row) for row in outcome.again],
        "params": network.params,
        "macs": network.macs,
        "search": dict(outcome.search),
        "network_choices": dict(outcome.choices),
        **outcome.more,
        "export": delivered.export,
        "network": network.to_dict(),
        "layers": target.layers(network),
        "plots": [dict(plot) for plot in outcome.plots],
        "measured": delivered.measured,
        "timings": folder.timings(),
    }


def describe_data(data: ImageData) -> dict[str, Any]:
    """A data set, as results have it."""
    return {
        "name": data.name,
        "train": len(data.train),
        "validation": len(data.validation),
        "test": len(data.test),
        "input_shape": list(data.shape),
        "classes": len(data.classes),
        "class_names": list(data.classes),
    }
