"""What the figures show, apart from how."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cosearch.report import RunData, Trials
from cosearch.report.layers_figure import draw_layers, layers_data
from cosearch.report.pareto_data import MOST_POINTS, front, pareto_data
from cosearch.report.pareto_figure import draw_pareto
from cosearch.report.progress_figure import best_so_far, draw_progress, progress_data


def trials(*rows: tuple[float | None, float | None, float | None]) -> Trials:
    """(accuracy, latency in µs, violation) per trial."""
    return Trials.of(
        [
            {
                "trial": i,
                "metrics": {"accuracy": a, "latency_s": None if t is None else t * 1e-6},
                "violation": v,
            }
            for i, (a, t, v) in enumerate(rows)
        ]
    )


SMALL = trials(
    (None, None, None),  # cannot run
    (0.99, 5.0, 0.2),  # over a limit, else it would dominate all
    (0.80, 9.0, 0.0),
    (0.90, 8.0, 0.0),  # front
    (0.95, 9.0, 0.0),  # front
    (0.70, 8.5, 0.0),
    (None, 1.0, 0.0),  # feasible chip, accuracy unknown
)


def test_front_is_of_feasible_trials_only() -> None:
    assert front(SMALL).tolist() == [False, False, False, True, True, False, False]


def test_no_feasible_trial_beats_the_front() -> None:
    rng = np.random.default_rng(0)
    many = trials(*zip(rng.random(300), rng.random(300), rng.integers(0, 2, 300), strict=True))
    on_front = many[front(many)]
    for trial in np.flatnonzero(many.feasible):
        better = (on_front.accuracy >= many.accuracy[trial]) & (
            on_front.latency_s <= many.latency_s[trial]
        )
        assert better.any()


def test_pareto_roles_part_the_trials_that_can_run() -> None:
    data = pareto_data(RunData({}, {"joint": SMALL}))
    roles = {name: rows.trial.tolist() for name, rows in data["points"]["joint"].items()}
    assert roles == {"front": [3, 4], "feasible": [2, 5], "infeasible": [1]}
    assert data["left_out"] == 0
    assert data["limit_s"] is None
    assert data["picked"] == {}


def test_front_and_limit_are_in_sight() -> None:
    result = {"limits": {"latency_ms": 0.05}, "latency_ms": 0.009, "validation_accuracy": 0.95}
    data = pareto_data(RunData(result, {"joint": SMALL}))
    low, high = data["accuracy_range"]
    assert low < 0.90 < 0.99 < high
    left, right = data["log_latency_range"]
    assert left < np.log10(5e-6) < np.log10(5e-5) < right
    assert data["picked"] == {"joint": pytest.approx((9e-6, 0.95))}


def test_many_points_are_thinned_but_never_the_front() -> None:
    rng = np.random.default_rng(1)
    many = trials(*((a, t, 0.0) for a, t in rng.random((5 * MOST_POINTS, 2)) + 0.01))
    data = pareto_data(RunData({}, {"joint": many}))
    roles = data["points"]["joint"]
    assert len(roles["front"]) == front(many).sum()
    assert len(roles["feasible"]) <= MOST_POINTS
    assert data["left_out"] == len(many) - len(roles["front"]) - len(roles["feasible"])


def test_best_so_far() -> None:
    best = best_so_far(SMALL)
    assert np.isnan(best[:2]).all()
    assert best[2:].tolist() == [0.80, 0.90, 0.95, 0.95, 0.95]
    assert all(a <= b for a, b in pairwise(best[2:]))


HOPELESS = trials((None, None, None), (0.5, 3.0, 1.0))


@pytest.mark.parametrize("study", [HOPELESS, HOPELESS[:1], trials((0.5, 3.0, 0.0))])
def test_drawings_of_next_to_nothing(study: Trials) -> None:
    run = RunData({}, {"joint": study})
    draw_pareto(pareto_data(run)).to_json()
    draw_progress(progress_data(run)).to_json()


def test_nothing_feasible() -> None:
    assert np.isnan(best_so_far(HOPELESS)).all()
    assert progress_data(RunData({}, {"fixed": HOPELESS}))["fixed"]["share"] == 0.0


def layer(name: str, bound: str, time_us: float) -> dict[str, object]:
    return {"name": name, "bound_by": bound, "time_us": time_us, "macs": 10, "utilisation": 0.5}


def test_layers_by_bound() -> None:
    rows = [layer("a", "DRAM", 3.0), layer("b", "compute", 1.0), layer("c", "DRAM", 4.0)]
    data = layers_data(rows)
    assert data["names"] == ["a", "b", "c"]
    assert data["total_us"] == 8.0
    assert data["shares"] == {"compute": 1 / 8, "DRAM": 7 / 8}
    bars = {bar.name: list(bar.y) for bar in draw_layers(data).data}
    assert bars == {"bound by compute": [1], "bound by DRAM": [0, 2]}


def test_each_legend_entry_once() -> None:
    run = RunData({}, {"joint": SMALL, "fixed": SMALL})
    shown = [trace.name for trace in draw_pareto(pareto_data(run)).data if trace.showlegend]
    assert len(shown) == len(set(shown))
    assert "over a limit" in shown


@pytest.mark.parametrize("slowest", [9.0, 40.0, 3000.0])
def test_latency_ticks_are_round_and_cover_the_trials(slowest: float) -> None:
    run = RunData({}, {"joint": trials((0.9, 5.0, 0.0), (0.9, slowest, 0.0))})
    ticks = pareto_data(run)["latency_ticks_s"]
    assert ticks == sorted(set(ticks))
    assert ticks[0] <= 5e-6
    assert ticks[-1] >= slowest * 1e-6
