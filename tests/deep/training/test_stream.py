"""Images from files: the same for any number of workers, and refused in a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from cosearch.deep.datasets.crops import _random_box, centre_crop
from cosearch.deep.datasets.stream import stream
from cosearch.deep.module import to_module
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import CosearchError
from cosearch.families.mobile import MobileFamily

SETTINGS = TrainSettings(2, 4, 0.05, threads=1)


@pytest.fixture
def images(tmp_path):
    """Two classes, bright and dark, of odd sizes."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 9), ("val", 3)):
        for label, low in (("dark", 0), ("light", 120)):
            folder = tmp_path / part / label
            folder.mkdir(parents=True)
            for i in range(n):
                pixels = rng.integers(low, low + 130, (24 + i, 30, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{i}.png")
    return tmp_path


def batches(source, key=(0, 0)):
    return list(source.read(torch.arange(len(source)).split(5), key))


def test_any_number_of_workers_reads_the_same(images):
    alone = batches(stream(images, 16).train)
    for workers in (1, 2):
        found = batches(stream(images, 16, workers=workers).train)
        assert all(torch.equal(a, b) for a, b in zip(alone, found, strict=True))
    assert [tuple(batch.shape) for batch in alone] == [(5, 3, 16, 16)] * 3 + [(3, 3, 16, 16)]
    assert alone[0].dtype == torch.uint8


def test_epochs_differ_and_validation_does_not(images):
    data = stream(images, 16)
    assert not torch.equal(batches(data.train)[0], batches(data.train, (0, 1))[0])
    assert not torch.equal(batches(data.train)[0], batches(data.train, (1, 0))[0])
    assert torch.equal(batches(data.validation)[0], batches(data.validation, (0, 1))[0])
    assert data.classes == ("dark", "light")
    assert data.shape == (3, 16, 16)


def test_the_middle_is_cut_out(tmp_path):
    pixels = np.zeros((40, 80, 3), dtype=np.uint8)
    pixels[2:38, 22:58] = 200  # seven eighths of 40, and a little more
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert (centre_crop(tmp_path / "a.png", 20) >= 199).all()


def test_boxes_are_within_and_of_every_size():
    boxes = [_random_box(60, 40, [0, 0, i]) for i in range(300)]
    assert all(0 <= x <= a <= 60 and 0 <= y <= b <= 40 for x, y, a, b in boxes)
    areas = np.array([(a - x) * (b - y) for x, y, a, b in boxes]) / 2400
    assert areas.min() < 0.15
    assert areas.max() > 0.85


def test_it_trains_and_resumes(images, tmp_path):
    data, family = stream(images, 8, workers=1), MobileFamily.for_images(3, 8, 2)
    genome = family.space.encode(family.references["smallest"])
    whole, killed, resumed = (to_module(family.network(genome)) for _ in range(3))
    settings = replace(SETTINGS, checkpoint_steps=1)
    history = fit(whole, data.train, settings, seed=0, validation=data.validation)
    assert len(history) == 2
    path = tmp_path / "run.pt"

    def stop(phase, done, total, note=""):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(killed, data.train, settings, seed=0, checkpoint=path, progress=stop)
    fit(resumed, data.train, settings, seed=0, checkpoint=path)
    assert all(
        torch.equal(a, b)
        for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_file_is_named_in_a_line(images, workers):
    (images / "train" / "dark" / "3.png").write_bytes(b"no image")
    with pytest.raises(CosearchError, match=r"unreadable image '.*dark/3\.png'") as error:
        batches(stream(images, 16, workers=workers).train)
    assert "\n" not in str(error.value)


def test_an_empty_class_is_named(images):
    (images / "train" / "empty").mkdir()
    with pytest.raises(CosearchError, match=r"class 'empty' in .* has no images, 1 of 3"):
        stream(images, 16)


@pytest.mark.parametrize(("part", "other"), [("val", "train"), ("train", "val")])
def test_a_class_that_a_part_lacks_is_named(images, part, other):
    for file in (images / part / "light").iterdir():
        file.unlink()
    (images / part / "light").rmdir()
    (images / part / "other").mkdir()
    Image.new("RGB", (9, 9)).save(images / part / "other" / "a.png")
    with pytest.raises(CosearchError, match="has no sub-folder for 1 of 2 classes"):
        stream(images, 16)


def test_a_folder_without_parts_is_named(tmp_path):
    with pytest.raises(CosearchError, match=r"data folder '.*train': no such folder"):
        stream(tmp_path, 16)
