"""Given mappings against Gemmini's RTL: the target of the issue, on problems held out."""

from dataclasses import replace

import numpy as np
import pytest
from validation.common import spearman
from validation.gemmini_fit import fit, thirds
from validation.gemmini_rows import NEEDED, read
from validation.gemmini_rtl import outside, validate

from cosearch.cost.gemmini.loop_nest import C, P, Q
from cosearch.cost.gemmini.model import cycles, work
from cosearch.errors import CosearchError
from cosearch.hardware.gemmini import FITTED, gemmini

FILE = "gemmini_rtl/firesim.csv"


@pytest.fixture(scope="module")
def rows(reference_data):
    return read(reference_data / FILE)


def test_held_out_problems_meet_the_target_with_a_margin(rows):
    pytest.importorskip("scipy")
    for seed in range(3):
        held = thirds(rows.problems, seed) == 0
        predicted, measured = outside(rows, seed)[held], rows.measured[held]
        assert np.abs(np.log(predicted / measured)).mean() < 0.16
        assert spearman(predicted, measured) > 0.97
    everywhere = outside(rows, 0)
    assert np.abs(np.log(everywhere / rows.measured)).mean() < 0.12
    assert spearman(everywhere, rows.measured) > 0.985


def test_timeloop_is_further_off(rows):
    assert np.abs(np.log(rows.timeloop / rows.measured)).mean() > 0.3


def test_the_shipped_constants_are_those_fitted_on_all_rows(rows):
    pytest.importorskip("scipy")
    refit = fit(work(rows.nests, gemmini()), rows.measured, gemmini())
    for name in FITTED:
        assert getattr(gemmini(), name) == pytest.approx(getattr(refit, name), rel=0.02)


def test_a_fit_finds_the_constants_that_made_the_rows(rows):
    pytest.importorskip("scipy")
    truth = replace(gemmini(), request_cycles=3.0, write_cycles=8.0, dram_cycles=15.0)
    done = work(rows.nests, truth)
    found = fit(done, cycles(done, truth).total, gemmini())
    for name in FITTED:
        assert getattr(found, name) == pytest.approx(getattr(truth, name), rel=0.1)


def test_thirds_split_problems_not_rows_and_depend_on_the_seed(rows):
    third = thirds(rows.problems, 0)
    for problem in set(rows.problems):
        assert len(set(third[rows.problems == problem])) == 1
    counts = [len(set(rows.problems[third == part])) for part in range(3)]
    assert max(counts) - min(counts) <= 1
    assert np.any(third != thirds(rows.problems, 1))


def write(path, **changes):
    row = dict.fromkeys(NEEDED, "1") | {"mapping.mapping": MAPPING} | changes
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    return path


MAPPING = "L3[WIO] Q7 P2 - L2[WI] K16X - L1[O] C3 P20 Q8 R2 S2 C16X - L0[W] N1"
SIZES = {"C": 48, "K": 16, "P": 56, "Q": 56, "R": 2, "S": 2}
CONV = {f"prob.{dim}": str(size) for dim, size in SIZES.items()}


def test_an_even_kernel_gives_one_more_row_and_column(tmp_path):
    nest = read(write(tmp_path / "one.csv", **CONV)).nests
    assert nest.bounds[0, [P, Q]].tolist() == [57, 57]
    assert nest.trips[0, [P, Q]].tolist() == [3, 8]


def test_a_matrix_product_is_tiled_by_whole_blocks(tmp_path):
    mapping = "L3[WIO] N1 - L2[WI] K10X - L1[O] C50 K50 C16X - L0[W] N1"
    sizes = {"prob.C": "800", "prob.K": "1000"}
    nest = read(write(tmp_path / "one.csv", **{"mapping.mapping": mapping}, **sizes)).nests
    assert nest.trips.prod() == 3
    assert nest.tile[0, C] == 800


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"target.gemmini_cycle": ""}, "column target.gemmini_cycle"),
        ({"target.gemmini_cycle": "nan"}, "column target.gemmini_cycle"),
        ({"prob.P": "many"}, "columns prob.N"),
        ({"prob.P": "0"}, "P = 0"),
        ({"mapping.mapping": "L3 K2"}, "is no level"),
    ],
)
def test_bad_files_are_refused(tmp_path, changes, says):
    with pytest.raises(CosearchError, match=says):
        read(write(tmp_path / "bad.csv", **changes))


def test_missing_columns_and_too_few_problems_are_named(tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("prob.K\n16\n")
    with pytest.raises(CosearchError, match=r"columns mapping\.mapping, .* are missing"):
        read(short)
    with pytest.raises(CosearchError, match="fewer than three problems"):
        validate(write(tmp_path / "one.csv", **CONV))
