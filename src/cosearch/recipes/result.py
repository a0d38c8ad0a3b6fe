"""`result.json`: everything a run found, in people's units.

Two runs with one seed differ in `timings` and `measured` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cosearch.cost import EdgeModel
from cosearch.cost.area import area_by_component_mm2
from cosearch.cost.explain import explain
from cosearch.deep.data import ImageData
from cosearch.families import MobileFamily
from cosearch.hardware import describe, technology
from cosearch.recipes.deliver import Delivered
from cosearch.recipes.nahas.figures import in_edge_units
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.scored import told
from cosearch.recipes.searching import Found
from cosearch.recipes.trained.result import PACKAGES, describe_data


def build_result(
    folder: RunFolder[NahasSettings],
    data: ImageData,
    networks: MobileFamily,
    limits: Mapping[str, float],
    found: Mapping[str, Found],
    delivered: Delivered,
) -> dict[str, Any]:
    """Put the parts together."""
    joint, fixed = found["joint"], found["fixed"]
    network = delivered.network
    layers, _ = explain(EdgeModel()(network.layers, joint.chip[None]), network)
    return {
        **folder.origin(*PACKAGES),
        "data": describe_data(data),
        "limits": in_edge_units(limits),
        "test_accuracy_fp32": delivered.test_accuracy_fp32,
        "test_accuracy_int8": delivered.test_accuracy_int8,
        **_outcome(joint, networks, folder.settings.proxy),
        "params": network.params,
        "macs": network.macs,
        "search": {
            "trials": joint.trials,
            "taken_over": joint.taken_over,
            "feasible": joint.feasible,
            "best": joint.best_trial,
        },
        "accelerator": {
            **describe(joint.chip, "found").model_dump(exclude={"source"}),
            "peak_tops": float(joint.chip.peak_ops_per_s) / 1e12,
        },
        "area_breakdown_mm2": {
            name: float(area)
            for name, area in area_by_component_mm2(joint.chip, technology()).items()
        },
        "fixed_accelerator": {
            **_outcome(fixed, networks, folder.settings.proxy),
            "meets_limits": fixed.feasible > 0,
            "search": {
                "trials": fixed.trials,
                "feasible": fixed.feasible,
                "best": fixed.best_trial,
            },
            "accelerator": describe(fixed.chip, folder.settings.chip).model_dump(
                exclude={"source"}
            ),
        },
        "export": delivered.export,
        "network": network.to_dict(),
        "layers": layers,
        "measured": delivered.measured,
        "timings": folder.timings(),
    }


def _outcome(found: Found, networks: MobileFamily, proxy: str | None) -> dict[str, Any]:
    merit = found.metrics["accuracy"]
    return {
        **({"score": told(proxy, merit)} if proxy else {"validation_accuracy": merit}),
        **in_edge_units(found.metrics),
        "network_choices": networks.space.values(found.network_genome),
    }
