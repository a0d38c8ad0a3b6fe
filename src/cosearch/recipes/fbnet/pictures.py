"""Figures of a differentiable search, as data."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.families.places import places_of
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable
from cosearch.report.plots import heat, lines


def pictures(
    found: dict[str, Any], chosen: dict[str, Any], table: PathTable, problem: Problem
) -> list[dict[str, Any]]:
    """Entropy by layer and epoch, the expected latency, theta in the end, the candidates."""
    places = [place.slot for place in places_of(table.chain)]
    return [
        _entropies(found, places),
        _latencies(found, problem),
        _shares(found, table),
        _candidates(chosen, problem),
    ]


def _entropies(found: dict[str, Any], places: list[str]) -> dict[str, Any]:
    by_place = np.array(found["entropies"]).T
    return heat(
        "How sure the search is of each layer",
        "Entropy of the operators' probabilities; 0 where one is left.",
        places,
        [str(epoch + 1) for epoch in range(by_place.shape[1])],
        by_place.tolist(),
        "nat",
    )


def _latencies(found: dict[str, Any], problem: Problem) -> dict[str, Any]:
    micro = [seconds * 1e6 for seconds in found["expected_s"]]
    epochs = list(range(1, len(micro) + 1))
    series = [{"name": "expected", "x": epochs, "y": micro}]
    for limit in problem.limits:
        if limit.metric == "latency_s":
            series.append({"name": "limit", "x": epochs, "y": [limit.at_most * 1e6] * len(epochs)})
    return lines(
        "Expected latency",
        "Of a network drawn from the probabilities, as added up by operator.",
        "epoch",
        "latency (µs)",
        series,
    )


def _shares(found: dict[str, Any], table: PathTable) -> dict[str, Any]:
    places = places_of(table.chain)
    most = max(places, key=lambda place: len(place.options))
    names = [" ".join(map(str, values)) for values in most.options]
    width = len(names)
    rows = [list(np.exp(logs)) for logs in found["log_probabilities"]]
    return heat(
        "What was learnt",
        "Probability of each operator in the end"
        + ("." if len({p.options for p in places}) == 1 else ", by number in its layer."),
        [place.slot for place in places],
        names if len({p.options for p in places}) == 1 else [str(i) for i in range(width)],
        [[*map(float, row), *[None] * (width - len(row))] for row in rows],
    )


def _candidates(chosen: dict[str, Any], problem: Problem) -> dict[str, Any]:
    micro = [seconds * 1e6 for seconds in chosen["latency_s"]]
    accuracies = [100 * accuracy for accuracy in chosen["accuracies"]]
    return lines(
        "Candidates within the limits",
        "Validation accuracy with shared weights.",
        "latency (µs)",
        "accuracy (%)",
        [
            {"name": "most probable", "x": micro[:1], "y": accuracies[:1], "dots": True},
            {"name": "drawn", "x": micro[1:], "y": accuracies[1:], "dots": True},
        ],
    )
