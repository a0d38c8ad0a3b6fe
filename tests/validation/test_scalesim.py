"""SCALE-Sim's rows: cycles equal on every one, stalls and DRAM traffic too."""

import csv

import numpy as np
from validation.scalesim import DEFAULT, arrays_of, layers_of, read, validate

from cosearch.cost.systolic.folds import compute_cycles, sides, sram_words


def test_compute_cycles_and_sram_words_of_every_row(reference_data):
    table = read(reference_data / DEFAULT)
    layers, chips = layers_of(table), arrays_of(table)
    expected = table["total_cycles"] - table["stall_cycles"]
    assert np.array_equal(compute_cycles(sides(layers), chips)[:, 0], expected)
    words = sram_words(sides(layers), chips)
    assert np.array_equal(words[0][:, 0], table["sram_if_reads"])
    assert np.array_equal(words[1][:, 0], table["sram_f_reads"])


def test_memories_of_some_rows(reference_data, tmp_path):
    """One row in nine of the small network; `python -m validation.scalesim` runs them all."""
    with (reference_data / DEFAULT).open() as file:
        rows = [row for row in csv.DictReader(file) if row["net"].endswith("cifar")][::9]
    path = tmp_path / "layers.csv"
    with path.open("w") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    figures = validate(path)
    assert figures["rows with stalls"] > 10
    unequal = {name: value for name, value in figures.items() if name.endswith("unequal")}
    ours = {name: value for name, value in unequal.items() if not name.startswith("stream")}
    assert set(ours.values()) == {0}
    # the ideal buffer fetches what SCALE-Sim's does when nothing bounds its bandwidth
    assert figures.get("stream: DRAM input reads CALC ws, median %", 0) == 0
    assert figures.get("stream: DRAM filter reads CALC os, median %", 0) == 0
