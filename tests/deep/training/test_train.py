"""Training learns, repeats itself, and survives being killed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.kills import KilledError, kill_after

from cosearch.deep.accuracy import evaluate
from cosearch.deep.module import to_module
from cosearch.deep.supernet import Supernet, fit_supernet
from cosearch.deep.training import PLANS, TrainSettings, fit, plan_for
from cosearch.deep.training.augment import augment
from cosearch.errors import CosearchError

SHORT = TrainSettings(epochs=4, batch=50, lr=0.05, threads=1)


def alone(tiny, middle):
    return lambda: to_module(tiny.network(middle), seed=1)


def everything(tiny, middle):
    return lambda: Supernet(tiny, seed=1)


CASES = [(fit, alone, SHORT), (fit_supernet, everything, SHORT)]
CASES += [(fit_supernet, everything, replace(SHORT, distil=True, random_networks=2, epochs=3))]


def same(first, second) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize(("train", "make", "settings"), CASES)
def test_a_killed_run_ends_like_a_whole_one(tiny, middle, some, tmp_path, train, make, settings):
    new = make(tiny, middle)
    whole, killed, resumed = new(), new(), new()
    train(whole, some, settings, seed=5)
    path = tmp_path / "run.pt"
    with pytest.raises(KilledError):
        train(killed, some, settings, seed=5, checkpoint=path, progress=kill_after(2))
    torch.manual_seed(99)  # nothing may come from the global generator
    epochs = []
    train(
        resumed,
        some,
        settings,
        seed=5,
        checkpoint=path,
        progress=lambda phase, done, total, note="": (
            epochs.append(done) if note.startswith("loss") else None
        ),
    )
    assert epochs == list(range(3, settings.epochs + 1))
    assert same(whole, resumed)
    assert not same(whole, killed)


def test_a_finished_run_is_not_trained_again(tiny, middle, some, tmp_path):
    new = alone(tiny, middle)
    first, second = new(), new()
    for module in (first, second):
        fit(module, some, SHORT, seed=5, checkpoint=tmp_path / "run.pt")
    assert same(first, second)


def test_seed_decides(tiny, middle, some):
    modules = [to_module(tiny.network(middle), seed=1) for _ in range(2)]
    for seed, module in enumerate(modules):
        fit(module, some, replace(SHORT, epochs=1), seed=seed)
    assert not same(*modules)


@pytest.mark.parametrize("change", [{"lr": 0.06}, {"epochs": 5}])
def test_a_checkpoint_of_another_run_is_refused(tiny, middle, some, tmp_path, change):
    new, path = alone(tiny, middle), tmp_path / "run.pt"
    fit(new(), some, SHORT, seed=5, checkpoint=path)
    message = rf"run\.pt belongs to another run: {next(iter(change))}"
    with pytest.raises(CosearchError, match=message):
        fit(new(), some, replace(SHORT, **change), seed=5, checkpoint=path)


def test_a_checkpoint_of_another_network_is_refused(tiny, middle, some, tmp_path):
    path = tmp_path / "run.pt"
    fit(alone(tiny, middle)(), some, SHORT, seed=5, checkpoint=path)
    other = tiny.network(np.zeros_like(middle))
    with pytest.raises(CosearchError, match=r"another run: network is '\d+ numbers, \w{8}' there"):
        fit(to_module(other), some, SHORT, seed=5, checkpoint=path)


def test_what_was_trained_computes_what_its_file_does(tiny, middle, some):
    module, read = alone(tiny, middle)(), alone(tiny, middle)()
    fit(module, some, replace(SHORT, epochs=1), seed=5)
    read.load_state_dict(module.state_dict())
    assert all(tensor.is_contiguous() for tensor in module.state_dict().values())
    assert torch.equal(module(some.pixels), read.eval()(some.pixels))


def test_weights_are_no_checkpoint(tiny, middle, some, tmp_path):
    module, path = alone(tiny, middle)(), tmp_path / "run.pt"
    torch.save(module.state_dict(), path)
    with pytest.raises(CosearchError, match=r"run\.pt: not a checkpoint of a training run"):
        fit(module, some, SHORT, seed=5, checkpoint=path)


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_broken_checkpoint_is_named(tiny, middle, some, tmp_path, content):
    path = tmp_path / "run.pt"
    path.write_bytes(content)
    with pytest.raises(CosearchError, match=r"run\.pt: not a checkpoint"):
        fit(alone(tiny, middle)(), some, SHORT, seed=5, checkpoint=path)


def test_divergence_names_epoch_and_step(tiny, middle, some):
    module = to_module(tiny.network(middle))
    with torch.no_grad():
        module.ops[0].conv.weight.fill_(float("nan"))
    with pytest.raises(CosearchError, match=r"loss nan in epoch 1, step 1.*learning rate is 0\.05"):
        fit(module, some, SHORT, seed=0)


def test_training_learns(tiny, middle, digits):
    module = to_module(tiny.network(middle))
    fit(module, digits.train, replace(SHORT, epochs=10, lr=0.1, shift=0), seed=0)
    assert evaluate(module, digits.validation) > 0.85
    assert not module.training


def test_fewer_images_than_a_batch(tiny, middle, some):
    module = to_module(tiny.network(middle))
    fit(module, some.take(torch.arange(7)), replace(SHORT, epochs=1), seed=0)


def test_torch_keeps_its_thread_count(tiny, middle, some):
    before = torch.get_num_threads()
    fit(to_module(tiny.network(middle)), some, replace(SHORT, epochs=1, threads=2), seed=0)
    assert torch.get_num_threads() == before


def test_shift_moves_whole_images():
    images = torch.zeros(200, 1, 5, 5, dtype=torch.uint8)
    images[:, 0, 2, 2] = 9
    moved = augment(images, shift=1, mirror=False, generator=torch.Generator().manual_seed(0))
    places = moved[:, 0].nonzero()
    assert len(places) == 200
    assert moved.dtype == torch.uint8
    assert set(map(tuple, places[:, 1:].tolist())) == {(y, x) for y in (1, 2, 3) for x in (1, 2, 3)}


def test_shift_keeps_channels_apart_and_brings_zeros():
    images = torch.full((50, 3, 4, 6), 7, dtype=torch.uint8)
    images[:, 1] = 8
    moved = augment(images, shift=2, mirror=False, generator=torch.Generator().manual_seed(0))
    assert moved.shape == images.shape
    assert [moved[:, c].unique().tolist() for c in range(3)] == [[0, 7], [0, 8], [0, 7]]


def test_mirror_turns_about_half():
    images = torch.arange(6, dtype=torch.uint8).reshape(1, 1, 1, 6).repeat(400, 1, 1, 1)
    turned = augment(images, shift=0, mirror=True, generator=torch.Generator().manual_seed(0))
    share = float((turned[:, 0, 0, 0] == 5).float().mean())
    assert 0.4 < share < 0.6
    assert torch.equal(turned.sort(-1).values, images)


def test_no_augmentation_changes_nothing(some):
    out = augment(some.images, shift=0, mirror=False, generator=torch.Generator())
    assert torch.equal(out, some.images)


@pytest.mark.parametrize("change", [{"epochs": 0}, {"batch": 0}, {"threads": 0}, {"lr": 0.0}])
def test_bad_settings(change):
    with pytest.raises(CosearchError, match=next(iter(change))):
        replace(SHORT, **change)


def test_plans_grow_with_the_data():
    assert plan_for(1_000).sandwich.mirror is False
    assert plan_for(45_000, mirror=True, threads=1).alone.mirror is True
    assert plan_for(45_000, threads=1).paths.threads == 1
    assert np.all(np.diff([plan.images for plan in PLANS]) > 0)
