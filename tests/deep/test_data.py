"""Data sets: what they hold, how they are divided, and what happens to bad ones."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cosearch.deep.catalogue import DATASETS
from cosearch.deep.data import LOADERS, load
from cosearch.deep.datasets.images import as_split, divide, resize
from cosearch.errors import CosearchError


def write_images(folder: Path, classes=("cat", "dog"), n=6, mode="RGB", size=(20, 12)) -> Path:
    rng = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(n):
            shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
            pixels = rng.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


def write_idx(path: Path, array: np.ndarray) -> None:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_digits_are_whole_stratified_and_the_same_again(digits):
    parts = (digits.train, digits.validation, digits.test)
    assert sum(map(len, parts)) == 1797
    assert digits.shape == (1, 8, 8)
    assert digits.train.images.dtype == torch.uint8
    assert digits.train.images.max() == 255
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        counts = np.bincount(part.labels, minlength=10)
        assert np.all(np.abs(counts / 1797 - share / 10) < 0.005)
    again = load("digits")
    assert torch.equal(again.test.images, digits.test.images)


def test_parts_share_no_image():
    images = np.arange(200, dtype=np.uint8).reshape(-1, 1, 1, 1)
    parts = divide(as_split(images, np.arange(200) % 4), test=0.2, validation=0.2)
    assert sorted(torch.cat([part.images.flatten() for part in parts]).tolist()) == list(range(200))


def test_fewer_images_to_judge_by_are_drawn_and_the_same_again(digits):
    few = digits.judged_on(50, 10**6)
    assert len(few.validation) == 50
    assert few.test is digits.test
    assert few.train is digits.train
    assert torch.equal(few.validation.images, digits.judged_on(50, 0).validation.images)
    whole = {image.numpy().tobytes() for image in digits.validation.images}
    assert {image.numpy().tobytes() for image in few.validation.images} <= whole
    assert not torch.equal(few.validation.images, digits.validation.images[:50])


def test_pixels_are_in_zero_to_one(digits):
    assert digits.test.pixels.dtype == torch.float32
    assert digits.test.pixels.min() == 0
    assert digits.test.pixels.max() == 1


def test_size_resizes_every_part():
    data = load("digits", size=12)
    assert {part.images.shape[1:] for part in (data.train, data.validation, data.test)} == {
        (1, 12, 12)
    }


def test_resizing_keeps_a_flat_image_flat():
    assert torch.all(resize(torch.full((2, 1, 9, 5), 77, dtype=torch.uint8), 16) == 77)


def test_catalogue_names_every_loader():
    assert set(DATASETS) == {*LOADERS, "folder:PATH"}


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("digit", None, "unknown data set 'digit'.*did you mean 'digits'"),
        ("folder", None, "unknown data set 'folder'"),
        ("digits", 3, "image size 3: allowed are 8 to 512"),
        ("folder:/nowhere/at/all", None, "data folder '/nowhere/at/all': no such folder"),
    ],
)
def test_bad_names(name, size, words):
    with pytest.raises(CosearchError, match=words):
        load(name, size=size)


# ---- folders


def test_colour_folder(tmp_path):
    data = load(f"folder:{write_images(tmp_path)}")
    assert data.classes == ("cat", "dog")
    assert data.shape == (3, 32, 32)
    assert data.mirror
    assert (len(data.train), len(data.validation), len(data.test)) == (8, 2, 2)


def test_grey_folder_keeps_one_channel_and_is_not_mirrored(tmp_path):
    data = load(f"folder:{write_images(tmp_path, mode='L')}", size=16)
    assert data.shape == (1, 16, 16)
    assert not data.mirror


def test_grey_and_colour_mix_to_colour(tmp_path):
    write_images(tmp_path)
    Image.new("L", (5, 5), 9).save(tmp_path / "cat" / "grey.png")
    assert load(f"folder:{tmp_path}").shape[0] == 3


def test_sixteen_bit_images_are_scaled_not_clipped(tmp_path):
    write_images(tmp_path, mode="L")
    wide = np.full((8, 8), 0x8000, dtype=np.uint16)
    for i in range(20):
        Image.fromarray(wide).save(tmp_path / "cat" / f"wide{i}.png")
    data = load(f"folder:{tmp_path}")
    assert (data.train.images == 0x80).all(dim=(1, 2, 3)).sum() >= 10


def test_other_files_are_passed_over(tmp_path):
    write_images(tmp_path)
    (tmp_path / "README.txt").write_text("hello")
    (tmp_path / "cat" / "notes.txt").write_text("hello")
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"\0")
    (tmp_path / ".git").mkdir()
    assert load(f"folder:{tmp_path}").classes == ("cat", "dog")


def test_corrupt_image_is_named(tmp_path):
    bad = write_images(tmp_path) / "dog" / "bad.png"
    bad.write_bytes((tmp_path / "dog" / "0.png").read_bytes()[:60])
    with pytest.raises(CosearchError, match=r"unreadable image '.*dog/bad\.png'"):
        load(f"folder:{tmp_path}")


def test_text_that_calls_itself_an_image_is_named(tmp_path):
    (write_images(tmp_path) / "dog" / "bad.jpg").write_text("no image")
    with pytest.raises(CosearchError, match=r"unreadable image '.*dog/bad\.jpg'"):
        load(f"folder:{tmp_path}")


def test_folder_without_images(tmp_path):
    (tmp_path / "cat").mkdir()
    with pytest.raises(CosearchError, match="has no images"):
        load(f"folder:{tmp_path}")


def test_folder_with_one_class(tmp_path):
    with pytest.raises(CosearchError, match=r"has one class \('cat'\)"):
        load(f"folder:{write_images(tmp_path, classes=('cat',))}")


def test_class_with_too_few_images(tmp_path):
    with pytest.raises(CosearchError, match=r"class 'cat' .* has 4 images: at least 5"):
        load(f"folder:{write_images(tmp_path, n=4)}")


def test_five_images_per_class_suffice(tmp_path):
    data = load(f"folder:{write_images(tmp_path, n=5)}")
    assert (len(data.train), len(data.validation), len(data.test)) == (6, 2, 2)


# ---- local copies


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_fashion_mnist_from_a_local_copy(tmp_path, monkeypatch, suffix):
    rng = np.random.default_rng(0)
    for part, n in (("train", 200), ("t10k", 30)):
        images = rng.integers(0, 256, (n, 28, 28))
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", np.arange(n) % 10)
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    data = load("fashion-mnist")
    assert data.shape == (1, 28, 28)
    assert (len(data.train), len(data.validation), len(data.test)) == (180, 20, 30)
    assert data.test.images[0, 0].numpy().tolist() == images[0].tolist()


def test_broken_idx_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"hello")
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    with pytest.raises(CosearchError, match=r"train-images-idx3-ubyte: not an idx file"):
        load("fashion-mnist")


def test_altered_cifar_archive_is_never_unpickled(tmp_path, monkeypatch):
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"something else")
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    with pytest.raises(CosearchError, match=r"cifar-10-python\.tar\.gz has md5 .*: expected c58f"):
        load("cifar10")


def test_broken_jpeg_copy_is_named(tmp_path, monkeypatch):
    (tmp_path / "cifar10_jpeg.npz").write_bytes(b"something else")
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    with pytest.raises(CosearchError, match=r"cifar10_jpeg\.npz: not a JPEG-coded copy"):
        load("cifar10")


def test_small_jpeg_copy(tmp_path, monkeypatch):
    def pack(n: int) -> dict[str, np.ndarray]:
        files = []
        for i in range(n):
            file = io.BytesIO()
            Image.new("RGB", (32, 32), (i, 0, 255)).save(file, "JPEG", quality=95)
            files.append(file.getvalue())
        ends = np.cumsum([0, *map(len, files)])
        return {"jpeg": np.frombuffer(b"".join(files), np.uint8), "offset": ends}

    arrays = {"classes": np.array(["a", "b"])}
    for part, n in (("train", 40), ("test", 10)):
        arrays |= {f"{part}_{key}": value for key, value in pack(n).items()}
        arrays[f"{part}_label"] = np.arange(n) % 2
    np.savez(tmp_path / "cifar10_jpeg.npz", **arrays)
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    data = load("cifar10")
    assert data.name == "cifar10 (JPEG)"
    assert data.classes == ("a", "b")
    assert data.mirror
    assert (len(data.train), len(data.validation), len(data.test)) == (36, 4, 10)
    assert abs(int(data.test.images[7, 0].float().mean()) - 7) <= 3


def test_cifar10_jpeg_copy(shared_data, tmp_path, monkeypatch):
    """Every hundredth image of the real copy: decoding all takes half a minute."""
    with np.load(shared_data / "images/cifar10_jpeg.npz") as file:
        arrays = {"classes": file["classes"]}
        for part in ("train", "test"):
            data, offset = file[f"{part}_jpeg"], file[f"{part}_offset"]
            files = [data[a:b] for a, b in zip(offset[:-1:100], offset[1::100], strict=True)]
            arrays[f"{part}_jpeg"] = np.concatenate(files)
            arrays[f"{part}_offset"] = np.cumsum([0, *map(len, files)])
            arrays[f"{part}_label"] = file[f"{part}_label"][::100]
    (tmp_path / "images").mkdir()
    np.savez(tmp_path / "images/cifar10_jpeg.npz", **arrays)
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    data = load("cifar10")
    assert data.name == "cifar10 (JPEG)"
    assert data.classes[0] == "airplane"
    assert data.shape == (3, 32, 32)
    assert (len(data.train), len(data.validation), len(data.test)) == (450, 50, 100)
    assert np.all(np.bincount(data.validation.labels) == 5)


def test_missing_local_folder_is_named(monkeypatch):
    monkeypatch.setenv("COSEARCH_DATA", "/nowhere/at/all")
    with pytest.raises(CosearchError, match="COSEARCH_DATA = '/nowhere/at/all': no such folder"):
        load("cifar10")


@pytest.mark.parametrize("name", ["cifar10", "fashion-mnist"])
def test_failed_download_says_what_to_do(tmp_path, monkeypatch, name):
    def refuse(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.delenv("COSEARCH_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", refuse)
    with pytest.raises(CosearchError, match=r"cannot download http.*no route.*COSEARCH_DATA"):
        load(name)
