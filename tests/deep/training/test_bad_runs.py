"""What goes wrong in training is said in a line, and leaves what was good."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from cosearch.deep.module import to_module
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import Classify, TrainSettings, fit, train
from cosearch.errors import CosearchError

SHORT = TrainSettings(epochs=2, batch=20, lr=0.05, threads=1)


def quiet_net() -> nn.Module:
    """Without batch norm: parts of a batch add up exactly."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(1, 6, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(54, 10))


class Full(Classify):
    """Memory that holds `room` images."""

    room = 10**9

    def backward(self, images, labels, moment):
        loss = super().backward(images, labels, moment)
        if len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        return loss


@pytest.mark.parametrize("room", [19, 10, 7, 1])
def test_out_of_memory_halves_the_part_and_keeps_the_batch(digits, room):
    some, said = digits.train.take(torch.arange(60)), []
    whole, full = Full(quiet_net(), SHORT), Full(quiet_net(), SHORT)
    full.room = room
    train(whole, some, SHORT, seed=0)
    history = train(full, some, SHORT, seed=0, progress=lambda *words: said.append(words[3]))
    for a, b in zip(whole.model.parameters(), full.model.parameters(), strict=True):
        torch.testing.assert_close(a, b)
    assert history.notes
    assert all(note in said for note in history.notes)
    assert "out of memory with 20 images at a time: from epoch 1, step 1 on 10" in history.notes[0]
    assert "still learns from 20" in history.notes[0]


def test_out_of_memory_with_one_image(digits):
    task = Full(quiet_net(), SHORT)
    task.room = 0
    with pytest.raises(CosearchError, match="out of memory with one image at a time"):
        train(task, digits.train.take(torch.arange(60)), SHORT, seed=0)


def test_a_resumed_run_remembers_how_much_fits(digits, tmp_path):
    some, path = digits.train.take(torch.arange(60)), tmp_path / "run.pt"
    for epochs in (1, 2):
        task, settings = Full(quiet_net(), SHORT), SHORT
        task.room = 10
        if epochs == 1:
            with pytest.raises(KeyboardInterrupt):
                train(task, some, settings, seed=0, checkpoint=path, progress=interrupt)
        else:
            history = train(task, some, settings, seed=0, checkpoint=path)
    assert len(history.notes) == 1


def interrupt(phase, done, total, note=""):
    if done == 1 and note.startswith("loss"):
        raise KeyboardInterrupt


@pytest.mark.parametrize("micro", [1, 7, 10, 64])
def test_parts_give_the_gradients_of_the_whole(digits, micro):
    some = digits.train.take(torch.arange(60))
    whole, parts = quiet_net(), quiet_net()
    fit(whole, some, SHORT, seed=0)
    fit(parts, some, replace(SHORT, micro_batch=micro), seed=0)
    for a, b in zip(whole.parameters(), parts.parameters(), strict=True):
        torch.testing.assert_close(a, b)


class Poisoned(Classify):
    """Weights of one layer go bad in a given step."""

    at, node, value = (1, 0), 0, float("nan")

    def backward(self, images, labels, moment):
        if (moment.epoch, moment.step) == self.at:
            with torch.no_grad():
                next(self.model.ops[self.node].parameters()).fill_(self.value)
        return super().backward(images, labels, moment)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3e38])
def test_the_layer_that_went_wrong_first_is_named(tiny, middle, some, tmp_path, value):
    module, path = to_module(tiny.network(middle)), tmp_path / "run.pt"
    task = Poisoned(module, SHORT)
    task.node, task.value = 3, value
    said = (
        r"training diverged: loss \S+ in epoch 2, step 1; the first output that is not finite is "
        rf"of layer '{module.nodes[3].name}\..*' \(\w+\); the learning rate is 0.05 .*; "
        r"the last good checkpoint is .*run\.pt"
    )
    with pytest.raises(CosearchError, match=said) as error:
        train(task, some, SHORT, seed=0, checkpoint=path)
    assert "\n" not in str(error.value)
    held = torch.load(path)
    assert held["epoch"] == 1
    assert all(torch.isfinite(tensor).all() for tensor in held["model"].values())


def test_without_a_checkpoint_it_says_so(tiny, middle, some):
    task = Poisoned(to_module(tiny.network(middle)), SHORT)
    with pytest.raises(CosearchError, match="there is no checkpoint yet"):
        train(task, some, SHORT, seed=0)


class Steep(Classify):
    """A finite loss with a gradient that is not."""

    def backward(self, images, labels, moment):
        super().backward(images, labels, moment)
        self.model[3].bias.grad.fill_(float("inf"))
        return 1.0


def test_a_gradient_that_is_not_finite_reaches_no_weight(digits):
    task = Steep(quiet_net(), SHORT)
    before = [p.clone() for p in task.model.parameters()]
    with pytest.raises(
        CosearchError,
        match=r"the gradient of '3\.bias' is not; .*epoch 1, step 1|"
        r"epoch 1, step 1; .*gradient of '3\.bias' is not",
    ):
        train(task, digits.train, SHORT, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(before, task.model.parameters(), strict=True))


def test_a_layer_of_a_supernet_is_named(tiny, some):
    from cosearch.deep.supernet import Sandwich

    supernet = Supernet(tiny)
    with torch.no_grad():
        for parameter in supernet.parameters():
            parameter.fill_(float("nan"))
    with pytest.raises(CosearchError, match="not finite is of layer 'stem"):
        train(Sandwich(supernet, SHORT), some, SHORT, seed=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": float("nan")}, "training lr nan: 0 to 1e.12 is needed"),
        ({"lr": -0.1}, "training lr -0.1"),
        ({"warmup": 1.0}, "training warmup 1.0: 0 to 0.99 is needed"),
        ({"label_smoothing": 1.5}, "training label_smoothing 1.5"),
        ({"optimizer": "adm"}, "unknown training optimizer 'adm'"),
        ({"schedule": "cosin"}, "unknown training schedule 'cosin'.* did you mean 'cosine'"),
        ({"precision": "int8"}, "unknown training precision 'int8'"),
        ({"balance": "yes"}, "unknown training balance 'yes'"),
        ({"device": "gpu"}, "unknown training device 'gpu'"),
        ({"patience": 0}, "training patience 0: at least 1, a whole number, is needed"),
        ({"micro_batch": 0}, "training micro_batch 0: at least 1, a whole number, is needed"),
        ({"batch": 2.5}, "training batch 2.5: at least 1, a whole number, is needed"),
        ({"mirror": "False"}, "training mirror False: true or false"),
        ({"average": 1.0}, "training average 1.0"),
        ({"magnitude": 11}, "training magnitude 11: 0 to 10 is needed"),
        ({"decay": 0}, "training decay 0: must be above 0"),
        ({"mixup": -1}, "training mixup -1"),
        ({"epochs": None}, "training epochs None: at least 1, a whole number, is needed"),
    ],
)
def test_settings_out_of_range(change, message):
    with pytest.raises(CosearchError, match=message) as error:
        replace(SHORT, **change)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(
    ("change", "message"),
    [({"device": "cuda"}, "finds no GPU here"), ({"precision": "fp16"}, "'fp16': needs a GPU")],
)
def test_what_needs_a_gpu(digits, change, message):
    with pytest.raises(CosearchError, match=message):
        fit(quiet_net(), digits.train, replace(SHORT, **change), seed=0)
