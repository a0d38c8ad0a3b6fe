"""The shipped surrogate: what it adds up, what it was fitted to, how well it ranks."""

from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

from cosearch.accuracy import Accuracy
from cosearch.accuracy.surrogate import (
    DEVELOPMENT,
    Surrogate,
    codes,
    fingerprints,
    read_surrogate,
    unpacked,
)
from cosearch.errors import CosearchError
from cosearch.families.accel_nasbench import accel_nasbench_family

NAME = "accel-nasbench"
SPACE = accel_nasbench_family().space
GENOMES = SPACE.sample(np.random.default_rng(3), 200)


@pytest.fixture(scope="module")
def shipped() -> Surrogate:
    return read_surrogate(NAME)


def test_it_is_an_accuracy_of_the_family(shipped: Surrogate) -> None:
    assert isinstance(shipped, Accuracy)
    assert shipped.manifest["knobs"] == [knob.name for knob in SPACE.knobs]
    assert [n for block in shipped.blocks for n in block] == SPACE.cardinalities.tolist()
    assert "only the ranking counts" in shipped.price


def test_it_adds_the_tables_of_all_pairs(shipped: Surrogate) -> None:
    """Against a loop over pairs of blocks, one network at a time."""
    for genome in GENOMES[:20]:
        places, start = [], 0
        for block in shipped.blocks:
            place = 0
            for choices, choice in zip(block, genome[start:], strict=False):
                place = place * choices + int(choice)
            places.append(place)
            start += len(block)
        pairs = combinations(range(7), 2)
        total = sum(
            table[places[i], places[j]] for (i, j), table in zip(pairs, shipped.tables, strict=True)
        )
        assert shipped(genome[None])[0] == pytest.approx(0.72 - np.exp(-total), abs=1e-8)


def test_a_batch_is_what_each_is_alone(shipped: Surrogate) -> None:
    assert np.array_equal(shipped(GENOMES), [shipped(genome[None])[0] for genome in GENOMES])


def test_more_of_everything_is_more_accurate(shipped: Surrogate) -> None:
    ends = np.stack([np.zeros(28, dtype=np.int64), SPACE.cardinalities - 1])
    smallest, largest = shipped(ends)
    assert smallest < shipped.manifest["lowest"] + 0.05 < shipped.manifest["highest"] < 0.72
    assert largest > smallest + 0.15


@pytest.mark.parametrize(
    ("genomes", "message"),
    [
        (np.zeros((2, 27), dtype=np.int64), r"\(n, 28\) is needed"),
        (np.full((1, 28), 3), "out of range"),
        (np.full((1, 28), -1), "out of range"),
    ],
)
def test_what_is_no_genome_is_refused(
    shipped: Surrogate, genomes: np.ndarray, message: str
) -> None:
    with pytest.raises(CosearchError, match=message):
        shipped(genomes)


def test_codes_and_tables_go_together() -> None:
    blocks = ((2, 3), (2,), (3,))
    assert codes(np.array([[1, 2, 0, 1]]), blocks).T.tolist() == [[5, 0, 1]]
    tables = unpacked(np.arange(12.0 + 18 + 6), blocks)
    assert [table.shape for table in tables] == [(6, 2), (6, 3), (2, 3)]
    assert tables[1][5, 1] == 12 + 5 * 3 + 1


def test_rows_are_known_again_and_others_not(shipped: Surrogate) -> None:
    assert len(set(fingerprints(GENOMES).tolist())) == len(GENOMES)
    assert np.array_equal(fingerprints(GENOMES[::-1]), fingerprints(GENOMES)[::-1])
    assert not shipped.seen(GENOMES).any()  # 4,080 of 8e10
    development = read_surrogate(NAME, DEVELOPMENT)
    assert set(development.fitted_on) < set(shipped.fitted_on)
    assert len(shipped.fitted_on) == 4080


def test_the_files_are_small_and_hold_no_pickle() -> None:
    folder = files("cosearch.accuracy").joinpath("surrogates")
    assert sum(len(path.read_bytes()) for path in folder.iterdir()) < 2e6
    with folder.joinpath(f"{NAME}.npz").open("rb") as file, np.load(file) as arrays:
        assert {arrays[name].dtype.kind for name in arrays} == {"f", "u"}


def test_the_manifest_says_how_well_it_ranks_and_whose_data(shipped: Surrogate) -> None:
    reported = shipped.manifest["reported"]
    assert reported["kendall"] >= 0.92
    assert reported["kendall of a perfect model"] > reported["kendall"]
    assert "Apache-2.0" in shipped.manifest["data"]
    assert "ranking" in shipped.manifest["accuracy"]
