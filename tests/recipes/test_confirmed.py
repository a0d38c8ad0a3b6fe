"""What was predicted held against what is measured: the best that is truly within the limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.recipes.fresh import answer

from cosearch.errors import LimitError
from cosearch.families import sized
from cosearch.families.places import options_of, places_of
from cosearch.measure import Settings as Measuring
from cosearch.networks import Network
from cosearch.problem import Limit, Problem
from cosearch.progress import silent
from cosearch.recipes.fbnet.proposals import Proposals as ByChance
from cosearch.recipes.fbnet.searched import table_of
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.evolution import Evolved
from cosearch.recipes.spos.proposals import Proposals as OfTrials
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.trained import again
from cosearch.recipes.trained.confirmed import TRIES, Proposed, confirm
from cosearch.recipes.trained.place import Place
from cosearch.recipes.trained.target import Target, find_target
from cosearch.study import Trials

FAMILY = sized("nas-bench-macro", (1, 8, 8), 10, width=0.1)
MODEL = find_target("tpu-v3")
HERE = Target("here", device=MODEL.device, place=Place("onnxruntime", Measuring()))
EVERY = np.stack(np.unravel_index(np.arange(3**8), (3,) * 8), axis=1)
LATENCY_S = MODEL.problem(FAMILY).model(EVERY)["latency_s"]
LIMIT_S = float(np.quantile(LATENCY_S, 0.4))
PROBLEM = MODEL.problem(FAMILY, limits=(Limit("latency_s", LIMIT_S),))


def seconds(network: Network) -> float:
    assert MODEL.device is not None
    return float(MODEL.device(network.layers).latency_s.sum())


class Truth:
    """A device that takes `ratio` times what was predicted, and counts how often it is asked."""

    def __init__(self, ratio: Callable[[float], float]) -> None:
        self.ratio, self.asked = ratio, 0

    def __call__(self, network: Network, on: str, settings: Measuring) -> Any:
        self.asked += 1
        high_s = seconds(network) * self.ratio(seconds(network))
        return answer(high_s, settings, wide=0.02)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder[Any]:
    return RunFolder(tmp_path, "spos", SposSettings())


SCORES = np.random.default_rng(0).random(len(EVERY))


def by_score(at_most_s: float, tried: Sequence[np.ndarray]) -> Proposed | None:
    """All networks of the space, the best first: brute force."""
    old = {tuple(genome) for genome in tried}
    for i in np.argsort(-SCORES):
        if LATENCY_S[i] <= at_most_s and tuple(EVERY[i]) not in old:
            return Proposed(EVERY[i], SCORES[i])
    return None


def best_truly_within(ratio: Callable[[float], float], among: np.ndarray) -> int:
    true_s = np.array([s * ratio(s) for s in LATENCY_S])
    within = among[true_s[among] <= LIMIT_S]
    return int(within[np.argmax(SCORES[within])])


@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.2, 2.0])
def test_the_best_of_those_truly_within_where_all_are_off_alike(
    ratio: float, folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = Truth(lambda _: ratio)
    monkeypatch.setattr(again, "measure_again", truth)
    found = confirm(folder, HERE, PROBLEM, by_score, silent)
    predicted = np.flatnonzero(LATENCY_S <= LIMIT_S)
    assert found.accuracy == SCORES[best_truly_within(lambda _: ratio, predicted)]
    assert truth.asked <= 2
    assert found.again[-1]["high_s"] <= LIMIT_S
    assert [row["met"] for row in found.again] == [False] * (truth.asked - 1) + [True]
    assert found.again[-1]["predicted_s"] == found.metrics["latency_s"]


@pytest.mark.parametrize("seed", range(8))
def test_none_better_was_passed_over_unless_further_off_than_any_seen(
    seed: int, folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ratio(s: float) -> float:
        return 1.0 + 0.3 * float(np.random.default_rng([seed, round(s * 1e12)]).random())

    monkeypatch.setattr(again, "measure_again", Truth(ratio))
    found = confirm(folder, HERE, PROBLEM, by_score, silent)
    assert found.again[-1]["high_s"] <= LIMIT_S
    least = min((row["high_s"] / row["predicted_s"] for row in found.again[:-1]), default=0.0)
    better = np.flatnonzero((found.accuracy < SCORES) & (LATENCY_S <= LIMIT_S))
    for i in better:
        off = ratio(LATENCY_S[i])
        assert LATENCY_S[i] * off > LIMIT_S or off < least


def test_one_that_is_far_off_does_not_rule_out_others(
    folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest to its prediction says what is passed over, not the furthest.

    The first misses by the upper end of its interval alone.
    """
    given = iter((lambda s: 1.01 * LIMIT_S / s, lambda _: 9.0, lambda _: 1.0))
    monkeypatch.setattr(again, "measure_again", Truth(lambda s: next(given)(s)))
    found = confirm(folder, HERE, PROBLEM, by_score, silent)
    first = by_score(LIMIT_S, ())
    assert first is not None
    assert found.again[0]["median_s"] <= LIMIT_S < found.again[0]["high_s"]
    nearest = found.again[0]["high_s"] / found.again[0]["predicted_s"]
    second = by_score(LIMIT_S / nearest, [first.genome])
    assert second is not None
    third = by_score(LIMIT_S / nearest, [first.genome, second.genome])
    assert third is not None
    assert (found.genome == third.genome).all()


def test_what_was_measured_is_not_measured_again(
    folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = Truth(lambda _: 1.3)
    monkeypatch.setattr(again, "measure_again", truth)
    first = confirm(folder, HERE, PROBLEM, by_score, silent)
    asked = truth.asked
    once_more = confirm(folder, HERE, PROBLEM, by_score, silent)
    assert truth.asked == asked
    assert (once_more.genome == first.genome).all()
    assert once_more.again == first.again


def test_where_none_is_it_says_by_how_much(
    folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slowest = float(LATENCY_S.min())
    truth = Truth(lambda s: 1.1 * LIMIT_S / s + s - slowest)  # whatever it is, a tenth too much
    monkeypatch.setattr(again, "measure_again", truth)
    with pytest.raises(LimitError, match=r"networks kept .* in a fresh process; .* 10\.0% over"):
        confirm(folder, HERE, PROBLEM, by_score, silent)
    assert truth.asked <= TRIES


def test_a_model_is_taken_at_its_word(
    folder: RunFolder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = Truth(lambda _: 9.0)
    monkeypatch.setattr(again, "measure_again", truth)
    found = confirm(folder, MODEL, PROBLEM, by_score, silent)
    assert (found.genome == by_score(LIMIT_S, ()).genome).all()  # type: ignore[union-attr]
    assert not found.again
    assert not truth.asked


# ---- what the recipes propose


def evolved(genomes: np.ndarray, accuracies: np.ndarray) -> Evolved:
    metrics = {**PROBLEM.model(genomes), "accuracy": accuracies}
    return Evolved(PROBLEM, Trials.judged(PROBLEM, genomes, metrics))


def test_an_evolution_proposes_its_trials_then_what_is_drawn() -> None:
    order = np.argsort(LATENCY_S)[1000:1060:2]
    accuracies = np.linspace(0.5, 0.9, len(order))  # the slowest is the best
    drawn: list[float] = []

    def within(problem: Problem) -> np.ndarray:
        drawn.append(problem.limits[0].at_most)
        return EVERY[problem.limits[0].at_most >= LATENCY_S][:5]

    def accuracy(genomes: np.ndarray) -> np.ndarray:
        return genomes.sum(axis=1) / 100

    accuracy.price = "nothing"  # type: ignore[attr-defined]
    propose = OfTrials(evolved(EVERY[order], accuracies), within, accuracy)  # type: ignore[arg-type]
    first = propose(LIMIT_S, ())
    assert first is not None
    assert (first.genome == EVERY[order[-1]]).all()
    second = propose(LIMIT_S, [first.genome])
    assert second is not None
    assert (second.genome == EVERY[order[-2]]).all()
    tighter = propose(float(LATENCY_S[order[4]]), ())
    assert tighter is not None
    assert (tighter.genome == EVERY[order[4]]).all()
    assert not drawn
    last = propose(float(LATENCY_S[order[0]]) * 0.99, ())
    assert drawn == [float(LATENCY_S[order[0]]) * 0.99]
    few = EVERY[drawn[0] >= LATENCY_S][:5]
    assert last is not None
    assert last.accuracy == few.sum(axis=1).max() / 100
    assert propose(drawn[0], list(few)) is None


def test_a_differentiable_search_proposes_the_next_most_probable() -> None:
    rng = np.random.default_rng(3)
    logs = [np.log(rng.dirichlet(np.ones(len(p.options)))) for p in places_of(FAMILY.chain)]
    chosen = np.argsort(LATENCY_S)[[2000, 2100]]
    candidates = {
        "genomes": EVERY[chosen].tolist(),
        "latency_s": LATENCY_S[chosen].tolist(),
        "accuracies": [0.3, 0.4],
    }
    propose = ByChance(
        candidates, PROBLEM, table_of(MODEL, FAMILY), logs, lambda g: [float(g.sum())]
    )
    first = propose(LIMIT_S, ())
    assert first is not None
    assert first.accuracy == 0.4
    second = propose(LIMIT_S, [EVERY[chosen[1]]])
    assert second is not None
    assert second.accuracy == 0.3
    options = options_of(FAMILY.chain, EVERY)
    scores = np.sum([log[options[:, i]] for i, log in enumerate(logs)], axis=0)
    at_most, tried = float(np.quantile(LATENCY_S, 0.2)), []
    for _ in range(5):  # brute force, one after another
        within = [i for i in np.flatnonzero(at_most >= LATENCY_S) if i not in tried]
        best = max(within, key=lambda i: scores[i])
        found = propose(at_most, [EVERY[i] for i in tried])
        assert found is not None
        assert (found.genome == EVERY[best]).all()
        assert found.accuracy == EVERY[best].sum()
        tried.append(best)
