"""Studies: replay, resume after any cut, any number of workers, durable records."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cosearch.accuracy import Memoised
from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily, NahasChipFamily
from cosearch.families.mobile import Stage
from cosearch.hardware import find_chip
from cosearch.problem import Goal, Limit, Problem
from cosearch.study import Study, spread
from cosearch.study.records import Records


class Sizes:
    """Stands in for a trained accuracy where only its arithmetic matters to the test."""

    price = "nothing"

    def __call__(self, genomes: np.ndarray) -> np.ndarray:
        return 1 - np.exp(-genomes.sum(axis=1) / 40)


def problem(accuracy: object = None) -> Problem:
    limits = (Limit("latency_s", 4e-7), Limit("area_mm2", 42.3))
    networks = MobileFamily.for_images(1, 8, 10)
    return Problem(networks, NahasChipFamily(), EdgeModel(), accuracy or Sizes(), limits=limits)  # type: ignore[arg-type]


def records(folder: Path) -> bytes:
    return (folder / "records.jsonl").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    Study(folder, problem()).run(300)
    return folder


@pytest.mark.parametrize("keep", [0, 1, 31, 32, 33, 200, 299])
@pytest.mark.parametrize("torn", [b"", b'{"trial": 12, "geno'])
def test_resumed_after_any_cut_it_ends_the_same(
    keep: int, torn: bytes, whole: Path, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_bytes((whole / "manifest.json").read_bytes())
    lines = records(whole).splitlines(keepends=True)
    (tmp_path / "records.jsonl").write_bytes(b"".join(lines[:keep]) + torn)
    trials = Study(tmp_path, problem()).run(300)
    assert records(tmp_path) == records(whole)
    assert len(trials) == 300


def test_resuming_evaluates_nothing_twice(whole: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "records.jsonl"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())

    class Forbidden(Sizes):
        def __call__(self, genomes: np.ndarray) -> np.ndarray:
            raise AssertionError("a recorded trial was evaluated again")

    Study(tmp_path, problem(Forbidden())).run(300)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_same_records_on_any_number_of_workers(workers: int, whole: Path, tmp_path: Path) -> None:
    with spread(Sizes(), workers) as accuracy:
        Study(tmp_path, problem(Memoised(accuracy))).run(300)
    assert records(tmp_path) == records(whole)


def test_another_seed_gives_other_trials(whole: Path, tmp_path: Path) -> None:
    Study(tmp_path, problem(), seed=1).run(64)
    assert records(tmp_path)[:2000] != records(whole)[:2000]


def test_a_folder_of_another_study_is_refused(whole: Path) -> None:
    with pytest.raises(CosearchError, match="holds another study: seed differ"):
        Study(whole, problem(), seed=1).run(300)
    other = replace(problem(), goals=(Goal("energy_j"),))
    with pytest.raises(CosearchError, match="problem differ"):
        Study(whole, other).run(300)


def test_records_of_another_behaviour_are_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((whole / "manifest.json").read_bytes())
    lines = records(whole).splitlines()
    row = json.loads(lines[40])
    row["genome"][0] = (row["genome"][0] + 1) % 3
    lines[40] = json.dumps(row).encode()
    (tmp_path / "records.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(CosearchError, match="differs from what this version would try"):
        Study(tmp_path, problem()).run(300)


def test_damage_inside_the_records_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"trial": 0}\nnonsense\n{"trial": 2}\n')
    with pytest.raises(CosearchError, match="line 2: not a record"):
        Records(path).load()


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").symlink_to("/dev/full")
    with pytest.raises(
        CosearchError, match=r"cannot write .*records.jsonl: No space left on device"
    ):
        Records(tmp_path / "records.jsonl").append([{"trial": 0}])


def test_what_cannot_run_is_data(tmp_path: Path) -> None:
    """A chip whose memories hold no row of the images: infinite, recorded as null, no exception."""
    tiny = replace(find_chip("small-edge").columns(), pe_memory_bytes=np.array(4.0))
    trials = Study(tmp_path, replace(problem(), chips=tiny)).run(40)
    assert np.isinf(trials.violations).all()
    assert np.isnan(trials.metrics["accuracy"]).all()
    first = json.loads(records(tmp_path).splitlines()[0])
    assert first["violation"] is None
    assert first["metrics"]["latency_s"] is None
    assert len(Study(tmp_path, replace(problem(), chips=tiny)).run(40)) == 40


def test_best_meets_the_limits_and_beats_the_rest(whole: Path) -> None:
    trials = Study(whole, problem()).run(300)
    best = trials.best()
    assert trials.feasible[best]
    ok = trials.feasible
    assert trials.metrics["accuracy"][best] == trials.metrics["accuracy"][ok].max()
    assert trials.metrics["latency_s"][best] <= 4e-7


def test_first_designs_are_tried_first_and_bound_the_best(whole: Path, tmp_path: Path) -> None:
    known = Study(whole, problem()).run(300)
    first = known.top(40)
    assert len(np.unique(first, axis=0)) == 40
    trials = Study(tmp_path, problem(), seed=5, first=first).run(70)
    assert np.array_equal(trials.genomes[:40], first)
    best, before = trials.losses[trials.best()], known.losses[known.best()]
    assert tuple(best) <= tuple(before)
    with pytest.raises(CosearchError, match="first differ"):
        Study(tmp_path, problem(), seed=5).run(70)


def test_screening_pays_only_for_new_designs_within_the_limits(tmp_path: Path) -> None:
    paid: list[np.ndarray] = []

    class Priced(Sizes):
        def __call__(self, genomes: np.ndarray) -> np.ndarray:
            paid.append(genomes)
            return super().__call__(genomes)

    screened = Study(tmp_path / "a", problem(Priced()), optimizer="random").run(96)
    plain = Study(tmp_path / "b", problem(), optimizer="random", screen=1).run(96)
    assert sum(map(len, paid)) == 96
    assert len(np.unique(screened.genomes, axis=0)) == 96
    assert screened.feasible.sum() > 3 * plain.feasible.sum()


def test_a_space_smaller_than_the_trials_is_tried_whole_then_again(tmp_path: Path) -> None:
    """Nothing new is left to propose: trials repeat rather than end or hang."""
    chips = NahasChipFamily()
    one = MobileFamily((1, 8, 8), 10, stages=(Stage((4,), (1,), 1),), kernels=(3,), expansions=(2,))
    small = replace(problem(), networks=one, chips=find_chip("nahas-baseline").columns())
    assert one.space.size == 2
    trials = Study(tmp_path, small).run(40)
    assert len(trials) == 40
    assert len(np.unique(trials.genomes, axis=0)) == 2
    assert chips.locate(find_chip("nahas-baseline").columns()) is not None
