"""The technology tables against CACTI 7 and HWComponents, on rows no fit has seen."""

import csv
from pathlib import Path

import pytest
from validation.technology import validate
from validation.technology_anchors import ratios

from cosearch.errors import CosearchError

TARGET = 0.15


def test_every_quantity_is_within_the_target_on_rows_kept_back(reference_data: Path) -> None:
    figures = validate(reference_data / "technology")
    means = {name: value for name, value in figures.items() if name.endswith("mean error")}
    assert len(means) > 60
    assert {name: value for name, value in means.items() if float(value) > TARGET} == {}
    assert figures["rows without a figure of ours"] == 0


def test_any_rows_of_the_same_form_are_compared(reference_data: Path, tmp_path: Path) -> None:
    """A file with rows of a node outside the tables and of a size between the fitted ones."""
    source = reference_data / "technology" / "sram_cacti7.csv"
    with source.open() as file:
        rows = list(csv.DictReader(file))[:2]
    rows[0]["size_bytes"], rows[1]["tech_nm"] = "12288", "90"
    path = tmp_path / "other.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    figures = validate(path)
    assert figures["quantities compared"] == 4
    assert figures["rows without a figure of ours"] == 1


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CosearchError, match=r"other.csv: no column of rd_pJ"):
        validate(path)


def test_anchors_stay_within_the_stated_spreads() -> None:
    """Printed figures of other libraries and chips: far apart, but not farther than we say."""
    for name, ratio in ratios().items():
        assert 1 / 6 < ratio < 7, name
