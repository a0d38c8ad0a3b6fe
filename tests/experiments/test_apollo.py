"""Apollo's experiments: runs on record, their figures, and the page made of them."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from experiments.apollo import (
    advice,
    confirm,
    figures,
    fingerprint,
    optima,
    play,
    pool,
    runs,
    tables,
    transfer,
)
from experiments.apollo.chips import FAMILY
from experiments.apollo.plan import APOLLOS, EXPERIMENTS, OURS, OUTSIDE, seconds_of
from experiments.apollo.records import Records
from experiments.apollo.results import Results, middle
from experiments.apollo.run import ALL, Record, Run
from experiments.apollo.telling import TELLINGS
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS
from tests.experiments import apollo_toy

from cosearch.errors import CosearchError
from cosearch.search import Prior, RandomSearch, Seeded, make_optimizer

RUN = Run("M7", 5.8, "violations", "", "genetic", 0, 256)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    apollo_toy.install(monkeypatch)
    yield
    monkeypatch.undo()
    for cached in (fingerprint.figures, fingerprint.code, transfer.study):
        cached.cache_clear()


def _main(folder: Path, *words: str) -> None:
    runs.main([*words, "--folder", str(folder), "--workers", "1"])


def _like(run: Run, **changes: object) -> Run:
    return Run(**{**vars(run), **changes})  # type: ignore[arg-type]


# ---- the whole


@pytest.mark.usefixtures("toy")
def test_from_runs_to_a_page(tmp_path: Path) -> None:
    names = ["single", "transfer", "between", "zero", "transfer-zero", "known"]
    chosen = ["--strategies", "random", "genetic", "--workloads", "M7"]
    _main(tmp_path, "--experiment", *names, *chosen, "--seeds", "2", "--trials", "64")
    _main(tmp_path, "--experiment", "multi", "--strategies", "genetic", "--trials", "64")
    optima.write(optima.find("M7", AREAS_MM2) | optima.find(ALL, AREAS_MM2), tmp_path)
    results = Results.load(tmp_path)
    assert len(results.records) == 2 * 2 * (3 + 1 + 1 + 3 + 1 + 3) + 5 * 3
    page = tables.page(results, tables.figures.write(results, tmp_path))
    assert "{{" not in page
    assert "| M7, 4.8 mm² |" in page
    for name in ("single.svg", "transfer.svg", "multi.svg"):
        assert f"](apollo/{name})" in page
        ElementTree.parse(tmp_path / name)
    assert "](apollo/field.svg)" not in page  # nobody from outside ran


def test_advice_names_the_best_that_ran_everywhere(tmp_path: Path) -> None:
    def curves(strategy: str, after: int, places: list[tuple[str, float]]) -> list[Record]:
        """Finds the optimum after so many of 64 trials, twice it before."""
        runs = [Run(w, a, "known", "", strategy, 0, 64) for w, a in places]
        return [Record(run, "", ((16, 2.0), (after, 1.0))) for run in runs]

    everywhere = [(workload, area) for workload in WORKLOADS for area in AREAS_MM2]
    records = curves("genetic", 32, everywhere) + curves("evolution", 80, everywhere)
    records += curves("gp", 32, everywhere[1:])
    best = {place: optima.Optimum(1, 1.0, 1.0) for place in everywhere}
    page = tmp_path / "page.md"
    page.write_text(f"before\n{advice.BEGIN}old{advice.END}\nafter\n")
    advice.write(Results(tuple(records), best), page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| 64 | – | `genetic` 0 %, 100 % of runs |" in text
    assert "|  | – | `evolution` 100 %, 0 % of runs |" in text
    assert "`gp`" not in text


@pytest.mark.usefixtures("toy")
def test_a_page_of_nothing_says_so(tmp_path: Path) -> None:
    page = tables.page(Results.load(tmp_path), [])
    assert "{{" not in page
    assert "*Not run yet.*" in page
    assert "confirmed" not in page


# ---- one run


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("telling", TELLINGS)
def test_a_run_is_what_a_plain_loop_finds(telling: str) -> None:
    run = _like(RUN, telling=telling)
    chips, record = apollo_toy.Toy(WORKLOADS["M7"]), play.play(run, "code")

    def excess(genomes: np.ndarray) -> np.ndarray:
        return np.maximum(chips.area_mm2(genomes) / 5.8 - 1, 0)

    known = excess if telling == "known" else None
    rng = np.random.default_rng([0, play.PROTOCOL])
    optimizer = make_optimizer("genetic", FAMILY.space, rng, excess=known)
    best, events = np.inf, []
    for done in range(16, 257, 16):
        genomes = optimizer.ask(16)
        latency, area = chips.evaluate(genomes)
        bad = area > 5.8
        if telling == "known":
            assert not bad.any()
        told = np.where(bad, np.inf, latency) if telling == "zero" else latency
        optimizer.tell(genomes, told[:, None], bad * 1.0 if telling == "zero" else excess(genomes))
        if (now := float(np.where(bad, np.inf, latency).min())) < best:
            best = now
            events.append((done, pytest.approx(1e6 * best, rel=1e-6)))
    assert list(record.improvements) == events
    assert list(record.seconds) == [64, 256]


@pytest.mark.usefixtures("toy")
def test_a_longer_run_begins_as_the_shorter() -> None:
    short, long = play.play(RUN, ""), play.play(_like(RUN, trials=512), "")
    assert [event for event in long.improvements if event[0] <= 256] == list(short.improvements)
    assert long.run == short.run
    assert np.isnan(short.best_us(512))
    assert long.best_us(256) == short.best_us(256) == short.improvements[-1][1]
    assert short.best_us(short.improvements[0][0] - 1) == np.inf


@pytest.mark.usefixtures("toy")
def test_no_run_beats_the_optimum() -> None:
    (found,) = optima.find("M7", [5.8]).values()
    record = play.play(_like(RUN, trials=2048), "")
    assert found.optimum_us <= record.best_us(2048) < 1.5 * found.optimum_us
    assert found.designs_within / FAMILY.space.size == pytest.approx(found.share)


def test_zero_tells_nothing_of_the_infeasible() -> None:
    latency, area = np.array([1.0, 2.0, np.inf, 3.0]), np.array([1.0, 5.0, 1.0, 9.0])
    losses, violations = TELLINGS["zero"](latency, area, 4.0)
    assert losses[:, 0].tolist() == [1.0, np.inf, np.inf, np.inf]
    assert violations.tolist() == [0, 1, 1, 1]
    losses, violations = TELLINGS["violations"](latency, area, 4.0)
    assert losses[:, 0].tolist() == latency.tolist()
    assert violations.tolist() == [0, 0.25, 0, 1.25]


# ---- transfer


class _Listener(RandomSearch):
    def __init__(self) -> None:
        super().__init__(FAMILY.space, np.random.default_rng(0))
        self.heard: list[tuple[np.ndarray, ...]] = []

    def tell(self, *told: np.ndarray) -> None:
        self.heard.append(told)


@pytest.mark.usefixtures("toy")
def test_another_area_is_told_as_fact_the_worst_first() -> None:
    listener, chips = _Listener(), apollo_toy.Toy(WORKLOADS["M7"])
    run = _like(RUN, area_mm2=4.8, source="6.8")
    assert transfer.prepare(listener, run, chips) is listener  # type: ignore[arg-type]
    ((genomes, losses, violations),) = listener.heard
    latency, area = chips.evaluate(genomes)
    np.testing.assert_array_equal(losses[:, 0], latency)
    np.testing.assert_array_equal(violations, np.maximum(area / 4.8 - 1, 0))
    assert (np.diff(violations) <= 0).all()
    assert (np.diff(latency[violations == 0]) <= 0).all()
    assert len(np.unique(genomes, axis=0)) == len(genomes)


@pytest.mark.usefixtures("toy")
def test_what_is_told_within_the_limit_is_found_before_the_first_trial() -> None:
    there = transfer.study((WORKLOADS["M7"],), 6.8, 0)
    known = 1e6 * there.latency_s[there.area_mm2 <= 4.8].min()
    record = play.play(_like(RUN, area_mm2=4.8, source="6.8"), "")
    assert record.improvements[0] == (0, pytest.approx(known, rel=1e-6))
    assert record.best_us(0) == record.improvements[0][1]
    assert play.play(_like(RUN, source="M6"), "").best_us(0) == np.inf


@pytest.mark.usefixtures("toy")
def test_another_workload_is_a_prior() -> None:
    listener, chips = _Listener(), apollo_toy.Toy(WORKLOADS["M7"])
    seeded = transfer.prepare(listener, _like(RUN, source="M6"), chips)  # type: ignore[arg-type]
    assert isinstance(seeded, Seeded)
    assert not listener.heard
    there = transfer.study((WORKLOADS["M6"],), 5.8, 0)
    told = TELLINGS["violations"](there.latency_s, there.area_mm2, 5.8)
    np.testing.assert_array_equal(seeded.ask(8), Prior(there.genomes, *told).best(8))


@pytest.mark.usefixtures("toy")
def test_a_source_is_another_stream_than_the_run() -> None:
    there = transfer.study((WORKLOADS["M7"],), 5.8, 0)
    rng = np.random.default_rng([0, play.PROTOCOL])
    first = make_optimizer(transfer.TEACHER, FAMILY.space, rng).ask(16)
    assert not {*map(bytes, there.genomes)} & {*map(bytes, first)}


# ---- runs on record


@pytest.mark.usefixtures("toy")
def test_what_is_on_record_is_skipped_until_its_code_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Run] = []
    monkeypatch.setattr(pool, "play", lambda run, code: played.append(run) or play.play(run, code))
    words = ["--experiment", "multi", "--strategies", "random", "genetic", "--seeds", "2"]
    _main(tmp_path, *words, "--trials", "64")
    assert [run.seed for run in played] == [0] * 6 + [1] * 6
    _main(tmp_path, *words, "--trials", "32")  # a longer one counts
    assert len(played) == 12
    _main(tmp_path, *words, "--trials", "128")
    assert len(played) == 24
    real = fingerprint.code
    monkeypatch.setattr(fingerprint, "code", lambda name: real(name) + "*" * (name == "genetic"))
    _main(tmp_path, *words, "--trials", "128")
    assert [run.strategy for run in played[24:]] == ["genetic"] * 6
    assert len(Records(tmp_path).load()) == 12


@pytest.mark.usefixtures("toy")
def test_runs_of_other_code_are_confirmed_by_a_sample_that_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--experiment", "single", "--strategies", "genetic", "--seeds", "1"]
    _main(tmp_path, *words, "--trials", "64")
    records = Records(tmp_path)
    before = records.load()
    real = fingerprint.code
    monkeypatch.setattr(fingerprint, "code", lambda name: real(name) + "*")
    asked = ["--strategy", "genetic", "--telling", "violations", "--folder", str(tmp_path)]
    confirm.main([*asked, "--sample", "3"])
    after = records.load()
    assert all(after[run].code == fingerprint.fingerprint(run) != before[run].code for run in after)
    assert all(after[run].improvements == before[run].improvements for run in after)
    monkeypatch.setattr(fingerprint, "code", lambda name: real(name) + "**")
    for record in after.values():  # as if the change had mattered
        records.add(replace(record, improvements=((16, 1.0),)))
    with pytest.raises(SystemExit, match="3 of 3 came out otherwise"):
        confirm.main([*asked, "--sample", "3"])
    assert {record.code for record in records.load().values()} == {
        record.code for record in after.values()
    }


@pytest.mark.usefixtures("toy")
def test_on_another_machine_the_old_code_is_played_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--experiment", "single", "--strategies", "genetic", "--seeds", "1"]
    _main(tmp_path, *words, "--trials", "64", "--workloads", "M7")
    records = Records(tmp_path)
    same = {str(run.area_mm2): record.improvements for run, record in records.load().items()}
    for record in records.load().values():  # as if made where numbers are rounded otherwise
        records.add(replace(record, improvements=((16, 1.0),), code="other"))
    asked = ["--strategy", "genetic", "--telling", "violations", "--folder", str(tmp_path)]
    with pytest.raises(SystemExit, match="3 of 3 came out otherwise"):
        confirm.main(asked)
    _old_checkout(tmp_path / "lies", dict.fromkeys(same, ((16, 2.0),)))
    with pytest.raises(SystemExit, match="3 of 3 came out otherwise"):
        confirm.main([*asked, "--old", str(tmp_path / "lies")])
    _old_checkout(tmp_path / "old", same)
    confirm.main([*asked, "--old", str(tmp_path / "old")])
    assert all(each.code == fingerprint.fingerprint(run) for run, each in records.load().items())


def _old_checkout(folder: Path, improvements: Mapping[str, Any]) -> None:
    """Code of another time, which finds these at each area."""
    package = folder / "experiments" / "apollo"
    package.mkdir(parents=True)
    for name in (package.parent / "__init__.py", package / "__init__.py"):
        name.touch()
    (package / "run.py").write_text("from types import SimpleNamespace as Run")
    (package / "play.py").write_text(
        "from types import SimpleNamespace\n"
        f"FOUND = {dict(improvements)!r}\n"
        "def play(run, code):\n"
        "    return SimpleNamespace(improvements=FOUND[str(run.area_mm2)])\n"
    )


@pytest.mark.usefixtures("toy")
def test_all_experiments_get_their_first_seed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Run] = []
    monkeypatch.setattr(pool, "play", lambda run, code: played.append(run) or play.play(run, code))
    words = ["--experiment", "multi", "between", "--strategies", "random", "--seeds", "2"]
    _main(tmp_path, *words, "--trials", "16")
    assert [run.seed for run in played] == [0] * 10 + [1] * 10


@pytest.mark.usefixtures("toy")
def test_nothing_is_started_after_the_limit_or_for_a_plan(tmp_path: Path) -> None:
    _main(tmp_path, "--experiment", "multi", "--strategies", "random", "--limit-minutes", "0")
    _main(tmp_path, "--experiment", "multi", "--strategies", "random", "--plan")
    assert not Records(tmp_path).load()


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("error", [CosearchError("needs a library"), KeyError("needs a library")])
def test_a_strategy_that_cannot_run_is_named_once_and_left_out(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fails(run: Run, code: str) -> Record:
        tried.append(run.strategy)
        if run.strategy == "genetic":
            raise error
        return play.play(run, code)

    monkeypatch.setattr(pool, "play", fails)
    words = ["--experiment", "multi", "--strategies", "genetic", "random", "--trials", "32"]
    with pytest.raises(SystemExit, match=r"genetic: .*needs a library"):
        _main(tmp_path, *words)
    assert tried.count("genetic") == 1
    assert len(Records(tmp_path).load()) == 15


def test_records_come_back_sorted_and_whole(tmp_path: Path) -> None:
    records = Records(tmp_path)
    made = [
        Record(_like(RUN, seed=seed), "abc", ((16, 2.5), (48, 1.25)), {64: 0.5}) for seed in (1, 0)
    ]
    empty = Record(_like(RUN, source="M6"), "abc", ())
    for record in (*made, empty):
        records.add(record)
    longer = Record(_like(RUN, trials=512), "new", ((16, 2.0),), {64: 0.5, 256: 1.0})
    records.add(longer)
    found = records.load()
    assert found == {made[0].run: made[0], empty.run: empty, longer.run: longer}
    assert found[longer.run].run.trials == 512
    with (tmp_path / "single.csv").open() as stream:
        assert [row["seed"] for row in csv.DictReader(stream)] == ["0", "1"]
    assert (tmp_path / "transfer.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir())[0] == "single-seconds.csv"


# ---- fingerprints


@pytest.mark.usefixtures("toy")
def test_a_fingerprint_is_of_what_decides_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    same = fingerprint.fingerprint(RUN)
    assert fingerprint.fingerprint(_like(RUN, seed=3, trials=64, area_mm2=1.0)) == same
    others = [{"strategy": "random"}, {"telling": "known"}, {"source": "M6"}, {"workload": "M1"}]
    assert len({same, *(fingerprint.fingerprint(_like(RUN, **each)) for each in others)}) == 5
    monkeypatch.setattr(fingerprint, "PROTOCOL", play.PROTOCOL + 1)
    assert fingerprint.fingerprint(RUN) != same


def test_a_strategy_is_all_modules_that_it_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: fingerprint.code(name) for name in ("p3bo", "ppo", "random")}
    real = fingerprint._tree
    changed = [
        "cosearch.search.evolutionary.breeding",  # imported by what p3bo imports
        "cosearch.search.policy_gradient.recurrent_policy",  # imported inside a function
    ]

    def tree(module: str) -> ast.Module:
        found = real(module)
        if module in changed:
            found.body.append(ast.parse("x = 1").body[0])
        return found

    monkeypatch.setattr(fingerprint, "_tree", tree)
    fingerprint.code.cache_clear()
    assert fingerprint.code("p3bo") != before["p3bo"]
    assert fingerprint.code("ppo") != before["ppo"]
    assert fingerprint.code("random") == before["random"]
    fingerprint.code.cache_clear()


def test_comments_and_docstrings_are_not_code(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = iter(
        ('"""One."""\ndef f():\n    """Two."""\n    return 1  # three', "def f(): return 1")
    )
    monkeypatch.setattr(Path, "read_text", lambda self: next(texts))
    first, second = (ast.unparse(fingerprint._tree("json")) for _ in range(2))
    assert first == second


# ---- the plan


def test_every_experiment_goes_seed_by_seed() -> None:
    for experiment in EXPERIMENTS.values():
        found = list(experiment.runs(seeds=3))
        assert [run.seed for run in found] == sorted(run.seed for run in found)
        assert len(found) == len(set(found)) == 3 * len(found) // 3
        assert max(run.trials for run in found) <= experiment.trials
    assert {run.workload for run in EXPERIMENTS["field"].runs()} == set(WORKLOADS)
    assert set(APOLLOS) <= {run.strategy for run in EXPERIMENTS["single"].runs()}


def test_seconds_are_expected_from_those_on_record() -> None:
    record = Record(RUN, "", (), {64: 1.0, 256: 7.0})
    expected = {32: 0.5, 64: 1.0, 160: 4.0, 256: 7.0, 448: 13.0}
    for trials, seconds in expected.items():
        assert seconds_of(_like(RUN, trials=trials), [record]) == pytest.approx(seconds)
    assert np.isnan(seconds_of(_like(RUN, strategy="random"), [record]))


# ---- results


def test_every_strategy_has_its_colour() -> None:
    assert set(OURS) | set(OUTSIDE) == set(figures._COLOURS)
    assert len(set(figures._COLOURS.values())) == len(figures._COLOURS)


def test_regret_and_trials_to_it() -> None:
    known = {("M7", 5.8): optima.Optimum(1, 0.1, 100.0)}
    curves = {0: ((16, 200.0), (64, 101.0)), 1: ((32, 110.0),), 2: ()}
    made = tuple(Record(_like(RUN, seed=seed), "", curve) for seed, curve in curves.items())
    results = Results(made, known)
    np.testing.assert_allclose(results.regrets(16), [1.0, np.inf, np.inf])
    np.testing.assert_allclose(results.regrets(64), [0.01, 0.1, np.inf])
    assert results.regrets(257).size == 0
    assert results.trials_to(0.1).tolist() == [64, 32, np.inf]
    assert results.trials_to(0.01 + 1e-9).tolist() == [64, np.inf, np.inf]
    assert results.never_feasible() == pytest.approx(1 / 3)
    assert middle(results.regrets(64)) == pytest.approx(0.1)
    assert middle([1.0, np.inf]) == np.inf
    assert np.isnan(middle([]))


@pytest.mark.slow
def test_on_real_chips_two_processes_find_what_one_does(tmp_path: Path) -> None:
    words = ["--experiment", "single", "--workloads", "M7", "--strategies", "genetic", "random"]
    words += ["--seeds", "1", "--trials", "64"]
    for workers in ("1", "2"):
        runs.main([*words, "--folder", str(tmp_path / workers), "--workers", workers])
    one, two = ((tmp_path / workers / "single.csv").read_text() for workers in ("1", "2"))
    assert one == two
    found = optima.find("M7", AREAS_MM2)
    for run, record in Records(tmp_path / "1").load().items():
        assert record.best_us(64) >= found[run.workload, run.area_mm2].optimum_us
