"""Figures of a policy's learning, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cosearch.problem import Limit
from cosearch.report.plots import heat, lines
from cosearch.space import Space


def pictures(learnt: dict[str, Any], space: Space, limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Reward and accuracy by epoch, costs against their limits, what is certain of each knob."""
    return [_rewards(learnt), _ratios(learnt, limits), _entropies(learnt, space)]


def _rewards(learnt: dict[str, Any]) -> dict[str, Any]:
    series = [
        {"name": name, **_known(learnt[key])}
        for name, key in (("reward", "rewards"), ("accuracy", "accuracies"))
    ]
    return lines(
        "What the policy draws",
        "Mean over each epoch's designs; accuracy is of batches, with the weights of then.",
        "epoch",
        "share",
        series,
    )


def _ratios(learnt: dict[str, Any], limits: Sequence[Limit]) -> dict[str, Any]:
    series = []
    for i, limit in enumerate(limits):
        column = [None if row is None else row[i] for row in learnt["ratios"]]
        series.append({"name": limit.metric, **_known(column)})
    return lines(
        "Costs of what it draws",
        "Mean over each epoch's designs of metric over limit; the absolute reward aims at 1.",
        "epoch",
        "times the limit",
        series,
    )


def _entropies(learnt: dict[str, Any], space: Space) -> dict[str, Any]:
    by_knob = np.array(learnt["entropies"]).T
    return heat(
        "How sure the policy is of each knob",
        "Entropy of its choices' probabilities; 0 where one is left.",
        [knob.name for knob in space.knobs],
        [str(epoch + 1) for epoch in range(by_knob.shape[1])],
        by_knob.tolist(),
        "nat",
    )


def _known(column: list[Any]) -> dict[str, Any]:
    """Epochs in which the policy learnt."""
    epochs = [epoch for epoch, value in enumerate(column, 1) if value is not None]
    return {"x": epochs, "y": [column[epoch - 1] for epoch in epochs]}
