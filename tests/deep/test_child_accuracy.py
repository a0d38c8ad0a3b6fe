"""Children are trained once, alike in any process, and their figures survive a kill."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cosearch.accuracy import Accuracy
from cosearch.deep.child_accuracy import ChildAccuracy
from cosearch.deep.stored import Stored
from cosearch.deep.training import TrainSettings
from cosearch.errors import CosearchError
from cosearch.families.mobile import MobileFamily
from cosearch.files import read_json
from cosearch.study import spread

SETTINGS = TrainSettings(3, 50, 0.2, threads=1)


@pytest.fixture
def accuracy(tiny, digits, tmp_path):
    return ChildAccuracy.of(tiny, SETTINGS, digits, seed=0, folder=tmp_path / "children")


def rows(tiny, n=3):
    return tiny.space.sample(np.random.default_rng(0), n)


def test_it_is_an_accuracy_above_chance(tiny, accuracy):
    figures = accuracy(rows(tiny))
    assert isinstance(accuracy, Accuracy)
    assert figures.shape == (3,)
    assert figures.max() > 0.3
    assert len(set(figures)) == 3
    assert accuracy.price == "training on 1,079 images for 3 epochs"


def test_each_child_is_trained_once(tiny, accuracy, monkeypatch):
    figures = accuracy(rows(tiny))
    stored = Stored(accuracy.folder, accuracy.key)
    assert set(accuracy.folder.iterdir()) == {stored.path(row) for row in rows(tiny)}

    def never(*arguments, **settings):
        raise AssertionError

    monkeypatch.setattr("cosearch.deep.child_accuracy.fit", never)
    assert np.array_equal(accuracy(rows(tiny)[::-1]), figures[::-1])


def test_a_killed_child_goes_on_to_the_same_figure(tiny, digits, accuracy, tmp_path, monkeypatch):
    genome, said = rows(tiny, 1), accuracy(rows(tiny, 1))
    other = replace(accuracy, folder=tmp_path / "other")
    from cosearch.deep import child_accuracy

    fit = child_accuracy.fit

    def dies(*arguments, **settings):
        def kill(phase, done, total, note=""):
            raise KeyboardInterrupt

        return fit(*arguments, **settings, progress=kill)

    monkeypatch.setattr(child_accuracy, "fit", dies)
    with pytest.raises(KeyboardInterrupt):
        other(genome)
    assert [path.suffix for path in other.folder.iterdir()] == [".pt"]
    monkeypatch.setattr(child_accuracy, "fit", fit)
    assert np.array_equal(other(genome), said)
    assert [path.suffix for path in other.folder.iterdir()] == [".json"]


@pytest.mark.slow
def test_workers_say_the_same(tiny, accuracy, tmp_path):
    with spread(replace(accuracy, folder=tmp_path / "spread"), 2) as shared:
        there = shared(rows(tiny, 4))
    assert np.array_equal(there, accuracy(rows(tiny, 4)))


def test_what_a_figure_hangs_on_is_in_its_name(tiny, digits, accuracy):
    folder = accuracy.folder
    others = [
        ChildAccuracy.of(tiny, replace(SETTINGS, lr=0.1), digits, seed=0, folder=folder),
        ChildAccuracy.of(tiny, SETTINGS, digits, seed=1, folder=folder),
        ChildAccuracy.of(tiny, SETTINGS, digits.resized(9), seed=0, folder=folder),
        ChildAccuracy.of(replace(tiny, head_width=24), SETTINGS, digits, seed=0, folder=folder),
    ]
    same = ChildAccuracy.of(tiny, SETTINGS, digits, seed=0, folder=folder)
    assert same.key == accuracy.key
    assert len({accuracy.key, *(other.key for other in others)}) == 5


def test_a_child_that_diverges_is_worth_nothing(digits, tmp_path):
    """The search goes on; the reason is kept."""
    family = MobileFamily.for_images(1, 8, 10)
    wild = replace(SETTINGS, lr=1e12, warmup=0.0, clip=0.0, epochs=1)
    accuracy = ChildAccuracy.of(family, wild, digits, seed=0, folder=tmp_path)
    genome = rows(family, 1)
    assert accuracy(genome).tolist() == [0.0]
    assert "training diverged" in read_json(next(tmp_path.glob("*.json")))["note"]


def test_other_errors_are_not_swallowed(tiny, accuracy, monkeypatch):
    def broken(*arguments, **settings):
        raise CosearchError("no")

    monkeypatch.setattr("cosearch.deep.child_accuracy.fit", broken)
    with pytest.raises(CosearchError, match="no"):
        accuracy(rows(tiny, 1))
