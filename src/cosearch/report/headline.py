"""The few big numbers at the top: what came out, against what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from cosearch.report.formats import area, count, percent, quantity, tag
from cosearch.report.run_data import RunData
from cosearch.report.theme import STUDY_NAMES


@dataclass(frozen=True)
class Card:
    """One number. `used` is its share of the limit, if there is one."""

    label: str
    value: str
    note: str = ""
    used: float | None = None


def headline_cards(run: RunData) -> list[Card]:
    """The result's cards, or how far the searches are."""
    return _result_cards(run.result) if run.finished else _progress_cards(run)


def _result_cards(result: Mapping[str, Any]) -> list[Card]:
    limits = result.get("limits", {})
    tests = result.get("data", {}).get("test")
    cards = [
        Card(
            "Test accuracy, int8", percent(result.get("test_accuracy_int8")), _right(result, tests)
        ),
        _limited("Latency", result, limits, "latency_ms", lambda v: quantity(v, "time", 1e-3)),
        _limited("Chip area", result, limits, "area_mm2", area),
        _limited(
            "Energy per inference",
            result,
            limits,
            "energy_mj",
            lambda v: quantity(v, "energy", 1e-3),
        ),
        Card(
            "Network",
            f"{count(result.get('params'))}",
            f"parameters, {count(result.get('macs'))} MACs",
        ),
    ]
    return [card for card in cards if card.value != "–"]


def _right(result: Mapping[str, Any], tests: int | None) -> str:
    """How many test images that is, and the accuracy before quantisation."""
    fp32 = f"fp32: {percent(result.get('test_accuracy_fp32'))}"
    accuracy = result.get("test_accuracy_int8")
    if not tests or accuracy is None:
        return fp32
    return f"{round(accuracy * tests):,} of {tests:,} images; {fp32}"


def _limited(
    label: str, result: Mapping[str, Any], limits: Mapping[str, Any], key: str, show: Any
) -> Card:
    value, limit = result.get(key), limits.get(key)
    if not limit or value is None:
        return Card(label, show(value), "modelled")
    note = f"limit {show(limit)}, {value / limit:.0%} used"
    return Card(label, show(value), note, value / limit)


def _progress_cards(run: RunData) -> list[Card]:
    cards = []
    for name, trials in run.studies.items():
        feasible = trials.feasible
        best = float(np.max(trials.accuracy[feasible])) if feasible.any() else None
        cards += [
            Card(
                f"{STUDY_NAMES[name].capitalize()}: best so far",
                run.merit.show(best),
                run.merit.score or "validation accuracy",
            ),
            Card(
                f"{STUDY_NAMES[name].capitalize()}: trials",
                f"{len(trials):,}",
                f"{feasible.mean():.0%} meet the limits",
            ),
        ]
    return cards


def draw_cards(cards: list[Card]) -> str:
    """HTML of the cards."""
    return tag("div", "".join(map(_draw, cards)), class_="cards")


def _draw(card: Card) -> str:
    parts = [
        tag("div", escape(card.label), class_="label"),
        tag("div", escape(card.value), class_="value"),
        tag("div", escape(card.note), class_="note"),
    ]
    if card.used is not None:
        over = " over" if card.used > 1 else ""
        bar = tag("span", style=f"width:{min(card.used, 1.0):.1%}", class_="fill" + over)
        parts.append(tag("div", bar, class_="meter"))
    return tag("div", "".join(parts), class_="card")
