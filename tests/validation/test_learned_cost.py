"""The script about NAHAS's learned cost model: who learns what, from which designs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from validation.common import main
from validation.learned_cost import HELD_OUT, joint, simulated, validate
from validation.learned_cost_learners import LEARNERS, Designs

from cosearch.errors import CosearchError
from validation import learned_cost

SIZES = (4, 5, 3)


def designs(count: int, seed: int) -> Designs:
    """Every choice is a factor of the latency and of the area."""
    genomes = np.random.default_rng(seed).integers(0, SIZES, (count, 3))
    work, lanes, memory = genomes.T
    return Designs(genomes, (1 + work) / (2.0 + lanes) * 1e-3, 3.0 * (1 + memory), SIZES)


@pytest.mark.parametrize(("name", "within"), [("MLP", 0.15), ("ridge", 0.02), ("boosting", 0.1)])
def test_all_learn_both_heads(name: str, within: float) -> None:
    asked = designs(100, seed=1)
    latency_s, area_mm2 = LEARNERS[name](designs(800, seed=0), 0)(asked.genomes)
    assert np.abs(latency_s / asked.latency_s - 1).mean() < within
    assert np.abs(area_mm2 / asked.area_mm2 - 1).mean() < within


def test_designs_are_those_of_the_simulator() -> None:
    problem = joint("nas-bench-macro")
    drawn, seconds = simulated(problem, 5, np.random.default_rng(3))
    again, _ = simulated(problem, 3, np.random.default_rng(3))
    np.testing.assert_array_equal(drawn.genomes, problem.space.sample(np.random.default_rng(3), 5))
    np.testing.assert_array_equal(drawn.latency_s, problem.model(drawn.genomes)["latency_s"])
    np.testing.assert_array_equal(drawn.area_mm2, problem.model(drawn.genomes)["area_mm2"])
    assert len(again) == 3
    assert seconds > 0
    assert drawn.columns.shape == (5, sum(drawn.cardinalities))


def test_those_that_cannot_run_teach_nothing_and_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: list[Designs] = []

    def nobody(given: Designs, seed: int):  # type: ignore[no-untyped-def]
        known.append(given)
        return lambda genomes: (np.full(len(genomes), 2e-3), np.full(len(genomes), 5.0))

    def odd(problem: object, count: int, rng: np.random.Generator) -> tuple[Designs, float]:
        drawn = designs(count, int(rng.integers(100)))
        every_third = np.arange(count) % 3 == 0
        latency_s = np.where(every_third, np.inf, 1e-3)
        return Designs(drawn.genomes, latency_s, np.full(count, 4.0), SIZES), 1e-5

    monkeypatch.setattr(learned_cost, "LEARNERS", {"nobody": nobody})
    monkeypatch.setattr(learned_cost, "simulated", odd)
    figures = validate(samples=[600, 300], space="nas-bench-macro")
    assert [len(each) for each in known] == [200, 400]
    np.testing.assert_array_equal(known[0].genomes, known[1].genomes[:200])
    assert figures["designs asked"] == HELD_OUT - HELD_OUT // 3
    assert figures["designs that cannot run %"] == pytest.approx(100 / 3)
    assert figures["300 samples, nobody: latency, mean error %"] == pytest.approx(100)
    assert figures["300 samples, nobody: area, mean error %"] == pytest.approx(25)
    assert figures["simulator: µs a design"] == pytest.approx(10)


def test_the_script_reads_nothing_and_writes_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(learned_cost, "LEARNERS", {"ridge": LEARNERS["ridge"]})
    out = tmp_path / "figures.json"
    arguments = ["--samples", "400", "--space", "nas-bench-macro", "--seed", "2", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["learned_cost", *arguments])
    main("purpose", None, validate, options=learned_cost.OPTIONS)
    figures = json.loads(out.read_text())["figures"]
    assert (figures["seed"], figures["space"]) == (2, "nas-bench-macro")
    assert figures["400 samples, ridge: latency, Spearman"] > 0.9
    assert "ridge" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["learned_cost", "--data", "x"])
    with pytest.raises(SystemExit):
        main("purpose", None, validate, options=learned_cost.OPTIONS)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"samples": [199]}, "samples 199: at least 200"),
        ({"seed": -1}, "seed -1: at least 0"),
        ({"space": "apollo-chip"}, "unknown space 'apollo-chip'"),
        ({"space": "mobilnet"}, "unknown space 'mobilnet'"),
    ],
)
def test_bad_input(asked: dict[str, object], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        validate(**asked)  # type: ignore[arg-type]
