"""What the page says of runs made up for it, and the statistics below it."""

from __future__ import annotations

import numpy as np
import pytest
from experiments.apollo.claims import claims_table, mean_ranks
from experiments.apollo.field import beats_random_table, outside_table, wins_table
from experiments.apollo.markdown import percent, table
from experiments.apollo.optima import Optima, Optimum
from experiments.apollo.results import Results
from experiments.apollo.run import Record, Run
from experiments.apollo.significance import compare, holm
from experiments.apollo.transfer_tables import reached_table, transfer_table
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS
from scipy.stats import binomtest, wilcoxon

OPTIMA: Optima = {
    (name, area): Optimum(1, 0.1, 100.0) for name in WORKLOADS for area in (*AREAS_MM2, 1.0)
}


def _records(
    strategy: str, us: float, telling: str = "violations", source: str = "", at: int = 16
) -> list[Record]:
    """Five seeds everywhere that find about so much, after so many trials."""
    return [
        Record(
            Run(name, area, telling, source, strategy, seed, 4096),
            "",
            ((at, us + seed / 1000),) if np.isfinite(us) else (),
        )
        for name, area in OPTIMA
        for seed in range(5)
    ]


def _told(*records: list[Record]) -> Results:
    return Results(tuple(record for each in records for record in each), OPTIMA)


def _single(results: Results) -> Results:
    return results.where("violations", areas=AREAS_MM2)


def _row(text: str, start: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_wins_are_counted_by_workload_and_area() -> None:
    everybody = _single(
        _told(_records("genetic", 105), _records("random", 150), _records("optuna-tpe", 110))
    )
    assert _row(wins_table(everybody), "`optuna-tpe`")[1:] == ["7/7, 7/7, 7/7"] * 4 + ["yes"]
    worse = _single(_told(_records("genetic", 105, at=100), _records("optuna-tpe", 110)))
    assert _row(wins_table(worse), "`optuna-tpe`")[1] == "0/7, 0/7, 0/7"  # nothing after 64 trials
    assert _row(wins_table(worse), "`optuna-tpe`")[-1] == "no"
    tied = _single(_told(_records("genetic", 105), _records("optuna-tpe", 105)))
    assert _row(wins_table(tied), "`optuna-tpe`")[-1] == "no"


def test_rivals_are_tested_both_ways() -> None:
    everybody = _single(
        _told(_records("genetic", 105), _records("random", 150), _records("optuna-tpe", 110))
    )
    text = outside_table(everybody)
    assert "| `optuna-tpe` | 64 | `genetic` | `random` |" in text


def test_random_is_beaten_or_not() -> None:
    text = beats_random_table(_single(_told(_records("genetic", 105), _records("random", 150))))
    assert _row(text, "`genetic`")[1] == "105, 0, 0; < 0.001"
    text = beats_random_table(_single(_told(_records("genetic", 155), _records("random", 150))))
    assert _row(text, "`genetic`")[1] == "0, 0, 105; 1.000"


def test_goals_count_the_places_where_the_median_run_is_in_time() -> None:
    results = _told(
        _records("genetic", 100.5, at=512),
        _records("random", 100.5, at=528),
        _records("genetic", 100.5, source="6.8", at=128),
        _records("random", 100.5, source="M6", at=144),
        _records("random", 100.5, "known", at=512),
    )
    text = reached_table(results)
    nothing = ["–", "–"]
    assert _row(text, "`genetic`")[1:] == ["21 of 21", "21 of 21", "–", "–", *nothing]
    assert _row(text, "`random`")[1:] == ["0 of 21", "–", "0 of 21", "21 of 21", *nothing]
    best = ["21 of 21", "21 of 21", "0 of 21", "21 of 21", *nothing]
    assert _row(text, "the best at each")[1:] == best


def test_transfer_is_held_against_the_same_without() -> None:
    results = _told(_records("genetic", 150), _records("genetic", 105, source="6.8"))
    cells = _row(transfer_table(results, "violations", 4.8, "area"), "`genetic`")
    assert cells[1:3] == ["none → none", "50.0 % → 5.0 %"]  # after 0 trials, and 64
    assert cells[-1] == "< 0.001"
    assert transfer_table(results, "zero", 4.8, "area") == "*Not run yet.*"


def _claims(figures: dict[str, float], transferred: dict[str, float]) -> dict[str, str]:
    zero = [_records(name, us, "zero") for name, us in figures.items()]
    zero += [_records(name, us, "zero", "6.8") for name, us in transferred.items()]
    lines = claims_table(_told(*zero)).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cell[0]: cell[-1] for cell in cells}


def test_each_claim_can_be_confirmed_and_refuted() -> None:
    kind = {"random": np.inf, "gp": np.inf, "mbo": 130.0, "genetic": 102.0, "p3bo": 101.0}
    kind["random"] = 200.0
    with_kind = {"gp": 101.0, "random": 150.0, "p3bo": 101.5, "genetic": 102, "mbo": 103}
    said = _claims(kind | {"gp": np.inf}, with_kind)
    assert said["P3BO and evolution lead"] == "confirmed"
    assert said["random search trails"] == "refuted"  # the GP does
    assert said["up to 24.6 % faster designs than a baseline black-box approach"] == "confirmed"
    assert said["up to 25.0 % from transfer between area budgets"] == "confirmed"
    assert said["the GP fails at 4.8 mm² without transfer"] == "confirmed"
    assert said["the GP leads at 4.8 mm² with transfer"] == "confirmed"
    unkind = {"gp": 100.0, "random": 105.0, "p3bo": 103.0, "genetic": 104.0, "mbo": 101.0}
    said = _claims(unkind, {name: us + 1 for name, us in unkind.items()} | {"gp": 180.0})
    assert said["P3BO and evolution lead"] == "refuted"
    assert said["random search trails"] == "confirmed"
    assert said["up to 24.6 % faster designs than a baseline black-box approach"] == "refuted"
    assert said["up to 25.0 % from transfer between area budgets"] == "refuted"
    assert said["the GP fails at 4.8 mm² without transfer"] == "refuted"
    assert said["the GP leads at 4.8 mm² with transfer"] == "refuted"


def test_equal_strategies_share_their_rank() -> None:
    runs = _single(_told(_records("mbo", 105), _records("gp", 105), _records("random", 150)))
    assert mean_ranks(runs, 64) == {"gp": 1.5, "mbo": 1.5, "random": 3.0}


# ---- statistics


def test_pairs_are_tested_one_sided_on_logarithms() -> None:
    rng = np.random.default_rng(0)
    first = dict(enumerate(rng.uniform(1, 2, 30)))
    second = {key: value * 1.1 * rng.uniform(0.9, 1.1) for key, value in first.items()}
    steps = [np.log(first[key] / second[key]) for key in first]
    expected = wilcoxon(np.round(steps, 9), alternative="less").pvalue
    assert compare(first, second).p == pytest.approx(expected)
    assert compare(second, first).p > 0.9
    assert compare(first, first).p == 1
    assert compare(first, {}).p == 1


def test_who_finds_nothing_lost_by_most() -> None:
    found = {key: 1.0 + key for key in range(6)}
    nothing = dict.fromkeys(range(6), np.inf)
    all_won = compare(found, nothing)
    assert (all_won.lower, all_won.equal, all_won.higher) == (6, 0, 0)
    assert all_won.p == pytest.approx(binomtest(6, 6, 0.5).pvalue / 2)  # 2 ** -6
    assert compare(nothing, nothing).equal == 6
    mixed = compare(nothing | {0: 0.5}, found)
    assert (mixed.lower, mixed.higher) == (1, 5)
    assert mixed.p > 0.9


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_numbers_as_text() -> None:
    assert [percent(x) for x in (0.0, 0.00012, 0.05, 3.0)] == ["0 %", "0.012 %", "5.0 %", "300 %"]
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
