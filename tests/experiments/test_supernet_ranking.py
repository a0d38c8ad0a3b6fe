"""The ranking experiment: it resumes, and its page says what its records say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from experiments.supernet_ranking import runs
from experiments.supernet_ranking.page import beyond, interval, write_page
from experiments.supernet_ranking.plan import (
    CELLS,
    IMAGE,
    MACRO,
    OURS,
    RECIPES,
    SINGLE,
    Plan,
    family_of,
    macs_of,
)
from experiments.supernet_ranking.records import ALONE, Row, add, read

from cosearch.calibrate.agreement import kendall
from cosearch.deep.data import load
from cosearch.deep.datasets.images import ImageData, Split

TINY = Plan(
    images=64, networks=3, looked_up=3, epochs=1, passes=1, looked_up_passes=1, validation=32
)


@pytest.fixture
def photos() -> ImageData:
    """Digits as if they were colour photos."""
    data = load("digits").resized(IMAGE[-1])
    parts = [
        Split(part.images.expand(-1, 3, -1, -1).contiguous()[:300], part.labels[:300])
        for part in (data.train, data.validation, data.test)
    ]
    return replace(data, train=parts[0], validation=parts[1], test=parts[2])


def test_every_recipe_passes_the_images_as_often() -> None:
    for recipe in RECIPES:
        passes = Plan().shared(OURS, recipe).epochs * recipe.networks
        assert passes == pytest.approx(recipe.longer * Plan().passes, rel=0.05)


def test_networks_are_different_and_enough() -> None:
    for space, least in ((OURS, 30), (MACRO, 100), (CELLS, 100)):
        genomes = Plan().genomes(space)
        assert len(np.unique(genomes, axis=0)) == len(genomes) >= least
        assert family_of(space).space.validate(genomes).shape == genomes.shape


def test_a_smoke_that_is_killed_goes_on(photos, tmp_path, monkeypatch, reference_data) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(reference_data))
    monkeypatch.setattr(Plan, "jobs", lambda self: ((OURS, RECIPES[2]), (CELLS, SINGLE)))
    path = tmp_path / "accuracies.csv"

    def killed(phase: str, done: int, total: int, note: str = "") -> None:
        if phase.startswith("judging") and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run(TINY, photos, path, tmp_path, killed)
    before = read(path)
    runs.run(TINY, photos, path, tmp_path, lambda *_: None)
    after = read(path)
    assert after | before == after
    assert len(after) == 3 + 2 * 3 + 2 * (3 + 3)
    for part in ("_trained", "fit"):
        monkeypatch.setattr(runs, part, None)  # nothing is left to do
    runs.run(TINY, photos, path, tmp_path, lambda *_: None)
    assert read(path) == after
    write_page(after.values(), tmp_path / "page.md", macs_of)
    assert "| sandwich, distilled | yes | 3 |" in (tmp_path / "page.md").read_text()


def test_the_page_s_figures_are_those_of_the_records(tmp_path: Path) -> None:
    truth = [0.1, 0.2, 0.3, 0.4]
    shared = {0: [0.4, 0.3, 0.2, 0.1], 1: [0.1, 0.3, 0.2, 0.4]}
    rows = [Row(OURS, ALONE, 0, str(i), a, 1.0) for i, a in enumerate(truth)]
    rows += [
        Row(OURS, "sandwich", calibrated, str(i), a, 1.0)
        for calibrated, figures in shared.items()
        for i, a in enumerate(figures)
    ]
    add(tmp_path / "rows.csv", rows)
    held = read(tmp_path / "rows.csv")
    assert list(held.values()) == rows
    write_page(held.values(), tmp_path / "page.md", lambda space, genome: 10 - int(genome))
    text = (tmp_path / "page.md").read_text()
    assert "| sandwich | no | 4 | -1.00 |" in text
    assert "| sandwich | yes | 4 | 0.67 |" in text
    assert "10.0% to 40.0%" in text
    assert "| none: MACs alone |  | 4 | -1.00 |" in text


def test_what_macs_explain_is_no_merit_of_shared_weights() -> None:
    rng = np.random.default_rng(0)
    macs = np.geomspace(1e5, 1e7, 400)
    size, rest = np.log(macs), rng.random(400)
    explained = np.stack([2 * size + 0.01 * rng.random(400), size + rest], axis=1)
    more = np.stack([size + 2 * rest, 3 * size + rest], axis=1)
    assert kendall(*explained.T) > 0.7
    assert abs(beyond(explained, macs)) < 0.15
    assert beyond(more, macs) == pytest.approx(1.0)


def test_the_interval_holds_the_coefficient() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(40)
    low, high = interval(np.stack([truth + 0.3 * rng.random(40), truth], axis=1))
    assert 0 < low < high < 1
    assert torch.tensor(interval(np.zeros((3, 2)))).isnan().all()
