"""The exact sweep against brute force over all designs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.cost.sweep_oracle import Everything, random_tables, smooth_tables

from cosearch.cost.sweep import (
    AGGREGATES,
    Aggregate,
    Budget,
    Figures,
    Goal,
    SweepResult,
    SweepTables,
    figures,
    sweep,
)
from cosearch.cost.sweep.front import Front
from cosearch.cost.sweep.kernels import beyond
from cosearch.errors import CosearchError
from cosearch.pareto import non_dominated

BUDGETS = (
    Budget(),
    Budget(area_mm2=4.0),
    Budget(area_mm2=3.0, latency_s=18.0),
    Budget(energy_j=4.5),
    Budget(area_mm2=2.5, latency_s=17.0, energy_j=6.0),
    Budget(area_mm2=0.3),
    Budget(area_mm2=0.3, latency_s=1.0, energy_j=0.5),
)
ON = ("cpu", "torch-cpu")


def chip(workloads: list[SweepTables]) -> Figures:
    """Some design that can run everything."""
    runs = Everything(workloads).can_run
    return figures(workloads, np.flatnonzero(runs)[5:6])


def check(workloads: list[SweepTables], goal: Goal, **options: Any) -> SweepResult:
    """Everything a sweep says, against brute force."""
    reference = chip(workloads)
    found = sweep(workloads, goal, reference=reference, **options)
    every = Everything(workloads)
    assert found.evaluated == len(every.area)
    assert found.can_run == every.can_run.sum() < found.evaluated
    for budget, answer in zip(goal.budgets, found.answers, strict=True):
        best = every.best(goal, budget, reference)
        assert answer.budget == budget
        assert answer.met == every.within(budget).sum()
        assert answer.best.design.tolist() == best
        loss = every.objective(goal, goal.objective, reference)
        assert np.allclose(answer.loss, loss[best], rtol=1e-12)
        assert np.allclose(answer.best.latency_s.T, np.array(every.latency)[:, best], rtol=1e-12)
        assert np.allclose(answer.best.energy_j.T, np.array(every.energy)[:, best], rtol=1e-12)
        assert np.array_equal(answer.best.area_mm2, every.area[best])
        assert (answer.nearest is None) == (answer.met > 0)
        if answer.nearest is not None:
            excess = every.violation(budget)
            assert answer.nearest.design[0] == np.argmin(excess)
            assert answer.violation == pytest.approx(excess.min(), rel=1e-12)
            assert answer.violation > 0
    if goal.front:
        assert found.front is not None
        assert found.front.design.tolist() == every.front(goal, reference)
    return found


@pytest.mark.parametrize("make", [random_tables, smooth_tables])
@pytest.mark.parametrize("objective", ["latency", "energy", "edp", "area"])
@pytest.mark.parametrize("device", ON)
def test_one_workload(make: Callable[..., SweepTables], objective: str, device: str) -> None:
    found = check([make(0)], Goal(objective, BUDGETS, top=7, front=2), device=device)
    assert [answer.met > 0 for answer in found.answers] == [True] * 5 + [False] * 2


@pytest.mark.parametrize("make", [random_tables, smooth_tables])
@pytest.mark.parametrize("device", ON)
def test_front_with_energy(make: Callable[..., SweepTables], device: str) -> None:
    found = check([make(1)], Goal(front=3), device=device)
    assert found.front is not None
    assert len(found.front) > 15


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("objective", ["latency", "edp"])
@pytest.mark.parametrize("device", ON)
def test_several_workloads(aggregate: str, objective: str, device: str) -> None:
    tables = (random_tables(2), smooth_tables(3), smooth_tables(4, layers=24))
    workloads = [_part(each, 120, 15) for each in tables]
    budgets = (Budget(), Budget(area_mm2=3.0, latency_s=70.0), Budget(energy_j=1.0))
    goal = Goal(objective, budgets, front=3, aggregate=AGGREGATES[aggregate])
    check(workloads, goal, device=device, workers=2)


def test_an_aggregate_of_ones_own() -> None:
    weighted = Aggregate("two to one", lambda x, xp: 2 * x[0] + x[1], lambda x, n: 3 / x)
    check([smooth_tables(5), smooth_tables(6)], Goal(front=2, aggregate=weighted))


@pytest.mark.parametrize("device", ON)
def test_all_chips_alike_but_in_their_index(device: str) -> None:
    tables = random_tables(18, n_on=600)
    tables.on_area_mm2[:], tables.off_area_mm2[:] = 1.0, 1.0
    goal = Goal("area", (Budget(area_mm2=2.0), Budget(area_mm2=1.0)))
    met, missed = check([tables], goal, device=device, workers=2).answers
    lowest = np.flatnonzero(Everything([tables]).can_run)
    assert met.best.design.tolist() == lowest[:10].tolist()
    assert missed.nearest is not None
    assert missed.nearest.design[0] == lowest[0]


def test_tiles_smaller_than_a_memory_class() -> None:
    check([random_tables(17, n_on=4000, n_off=9)], Goal(budgets=BUDGETS), workers=3)


def test_speed_ups() -> None:
    workloads = [smooth_tables(5), smooth_tables(6)]
    base = chip(workloads)
    expected = {"geomean": 8**0.5, "mean": 3.0, "worst": 2.0}
    faster = Figures(base.design, base.area_mm2, base.latency_s / [2, 4], base.energy_j)
    for name, gain in expected.items():
        found = sweep(workloads, Goal(aggregate=AGGREGATES[name]), reference=base)
        assert found.speed_up(faster) == pytest.approx(gain)
        assert found.speed_up(base) == pytest.approx(1.0)
    assert sweep(workloads[:1], Goal()).speed_up(faster) is None
    broken = Figures(base.design, base.area_mm2, base.latency_s[:, :1] * np.inf, base.energy_j)
    assert sweep(workloads[:1], Goal(), reference=broken).speed_up(faster) is None


@pytest.mark.parametrize("sizes", [(1, 1), (1, 5), (300, 1), (257, 3), (1024, 281), (40, 840)])
def test_odd_sizes(sizes: tuple[int, int]) -> None:
    tables = random_tables(7, n_on=max(sizes[0], 27), n_off=max(sizes[1], 2), layers=8)
    tables = _part(tables, *sizes)
    found = sweep([tables], Goal(front=2, top=3))
    every = Everything([tables])
    loss = every.latency[0]
    assert found.evaluated == sizes[0] * sizes[1]
    assert found.answers[0].best.latency_s[:1, 0].tolist() == ([loss.min()] * (found.can_run > 0))


def _part(tables: SweepTables, n_on: int, n_off: int) -> SweepTables:
    columns = dict(vars(tables))
    for name in ("row", "memory", "on_energy_j", "on_leakage_w", "on_area_mm2"):
        columns[name] = columns[name][:n_on]
    for name in ("off_s", "off_energy_j", "off_leakage_w", "off_area_mm2"):
        columns[name] = columns[name][..., :n_off]
    return SweepTables(**columns)


def test_any_number_of_workers_gives_the_same() -> None:
    workloads = [random_tables(8, n_on=6000), random_tables(9, n_on=6000)]
    goal = Goal("edp", BUDGETS, front=3)
    first, *others = (
        sweep(workloads, goal, reference=chip(workloads), workers=n) for n in (1, 2, 5)
    )
    for other in others:
        assert (other.evaluated, other.can_run) == (first.evaluated, first.can_run)
        assert first.front is not None
        assert other.front is not None
        assert np.array_equal(other.front.design, first.front.design)
        for a, b in zip(first.answers, other.answers, strict=True):
            assert a.met == b.met
            assert np.array_equal(a.best.design, b.best.design)
            assert a.violation == b.violation


def test_devices_agree_to_the_last_bit() -> None:
    tables = smooth_tables(10)
    goal = Goal("edp", BUDGETS, front=3)
    ours, torchs = (sweep([tables], goal, device=device) for device in ON)
    for a, b in zip(ours.answers, torchs.answers, strict=True):
        assert np.array_equal(a.loss, b.loss)
        assert a.violation == b.violation


def test_nothing_can_run() -> None:
    tables = random_tables(11)
    tables.off_s[:] = np.inf
    for device in ON:
        found = sweep([tables], Goal(front=2, budgets=(Budget(), Budget(3.0))), device=device)
        assert (found.evaluated, found.can_run) == (4_800, 0)
        assert found.front is not None
        assert len(found.front) == 0
        assert all(a.nearest is None and a.violation == np.inf for a in found.answers)


def test_a_front_larger_than_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cosearch.cost.sweep.front._ENOUGH", 50)
    check([smooth_tables(12)], Goal(front=3))


@pytest.mark.parametrize("spread", [(1e-4, 1, 1e-4), (4, 4, 4), (4, 1e-2, 1e-2), (1e-2, 1e-2, 4)])
@pytest.mark.parametrize("objectives", [2, 3])
def test_the_sieve_keeps_every_point_of_the_front(
    objectives: int, spread: tuple[float, float, float]
) -> None:
    """Values all in one bin, in a few, over many octaves; zeros and repeats among them."""
    rng = np.random.default_rng(objectives)
    points = np.exp(rng.normal(0, spread, (4000, 3)))
    points[::7] = points[np.argmin(points[:, 0])]
    points[::11, 2] = 0.0
    if objectives == 2:
        points[:, 2] = 0.0
    front, let_through = Front(objectives), 0
    for part in np.array_split(rng.permutation(4000), 40):
        listed = sieved(points[part], part, front)
        let_through += len(listed[0])
        front.offer(*listed)
    _, designs = front.cut()
    distinct, first = np.unique(points, axis=0, return_index=True)
    assert sorted(designs.tolist()) == sorted(first[non_dominated(distinct)].tolist())
    assert spread != (4, 4, 4) or let_through < 1500


def sieved(points: np.ndarray, designs: np.ndarray, front: Front) -> tuple[np.ndarray, np.ndarray]:
    """What the compiled sieve lets through, every point a row of one setting."""
    area, latency, energy = points.T.copy()
    measured = (latency[:, None].copy(), energy[:, None].copy(), area, np.zeros(1))
    out, out_design = np.empty(points.shape), np.empty(len(points), dtype=np.int64)
    n = beyond(measured, energy, *front.sieve, designs, out, out_design)
    return out[:n], out_design[:n]


def test_progress_and_interrupt() -> None:
    tables, seen = smooth_tables(13, n_on=20_000, n_off=30), []

    def interrupt(phase: str, done: int, total: int, note: str = "") -> None:
        seen.append((phase, done, total))
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        sweep([tables], Goal(), workers=2, progress=interrupt)
    assert threading.active_count() == before
    sweep([tables], Goal(), progress=lambda *a, **k: seen.append(a))
    assert seen[-1] == ("sweep", 600_000, 600_000)


def test_bad_input() -> None:
    tables = random_tables(14)
    with pytest.raises(CosearchError, match="no workload"):
        sweep([], Goal())
    with pytest.raises(CosearchError, match="workers = 0"):
        sweep([tables], Goal(), workers=0)
    with pytest.raises(CosearchError, match="reference chip is needed"):
        sweep([tables, tables], Goal())
    with pytest.raises(CosearchError, match="not of the same chips"):
        sweep([tables, random_tables(15, n_on=900)], Goal(), reference=chip([tables, tables]))
    broken = Figures(*(np.full(shape, np.inf) for shape in (1, 1, (1, 2), (1, 2))))
    with pytest.raises(CosearchError, match="latency or energy of a workload is unknown"):
        sweep([tables, tables], Goal(), reference=broken)
    with pytest.raises(CosearchError, match="unknown objective 'speed'"):
        Goal("speed")
    with pytest.raises(CosearchError, match="area_mm2 = -1"):
        Budget(area_mm2=-1)
    with pytest.raises(CosearchError, match="latency_s = nan"):
        Budget(latency_s=np.nan)
    with pytest.raises(CosearchError, match="front = 1"):
        Goal(front=1)
    with pytest.raises(CosearchError, match="device cuda: torch finds no CUDA GPU"):
        sweep([tables], Goal(), device="cuda")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on_s": np.full((80, 11), np.nan)}, "on_s: holds a NaN"),
        ({"on_s": np.zeros((80, 12))}, "off_s: shape .7, 11, 20., expected .7, 12, 20."),
        ({"memory": np.full(240, 7)}, "memory: indices must be 0 to 6"),
        ({"count": np.zeros(11)}, "count: every layer"),
        ({"on_area_mm2": np.full(240, np.inf)}, "on_area_mm2: must be finite"),
    ],
)
def test_tables_that_cannot_be(change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        SweepTables(**(vars(random_tables(16)) | change))
