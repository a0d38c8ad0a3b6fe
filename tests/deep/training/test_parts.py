"""The parts of training, one by one, against what their papers say."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cosearch.deep.datasets.images import Split
from cosearch.deep.module import to_module
from cosearch.deep.qat import Quantised
from cosearch.deep.training import (
    Classify,
    History,
    Moment,
    TrainSettings,
    class_weights,
    cross_entropy,
    divergence,
    fit,
    images_of_class,
)
from cosearch.deep.training.average import Average
from cosearch.deep.training.images import order_of
from cosearch.deep.training.mix import mixed
from cosearch.deep.training.optimizers import groups, optimizer_of
from cosearch.deep.training.randaugment import CHANGES, randaugment
from cosearch.deep.training.schedules import rate
from cosearch.deep.training.settings import SCHEDULES
from cosearch.deep.training.streams import streams
from cosearch.errors import CosearchError
from cosearch.zoo import find_network

BASE = TrainSettings(epochs=10, lr=0.2, warmup=0.1, threads=1)


def moment(seed: int = 0) -> Moment:
    return Moment(0, 1, 0, 1, 0.0, *streams(seed, 0))


# ---- schedules


def test_every_schedule_warms_up_in_a_line():
    for schedule in SCHEDULES:
        settings = replace(BASE, schedule=schedule)
        assert [rate(settings, done) for done in (0.025, 0.05)] == pytest.approx([0.05, 0.1])


def test_cosine_ends_at_nothing():
    assert rate(BASE, 0.1) == pytest.approx(0.2)
    assert rate(BASE, 0.55) == pytest.approx(0.1)
    assert rate(BASE, 1.0) == pytest.approx(0.0)


def test_linear_is_the_line_between_its_ends():
    settings = replace(BASE, schedule="linear")
    assert [rate(settings, done) for done in (0.1, 0.325, 1.0)] == pytest.approx([0.2, 0.15, 0.0])


def test_exponential_is_mnasnets():
    """0.97 every 2.4 epochs, in stairs."""
    settings = replace(BASE, schedule="exponential", epochs=350, warmup=5 / 350, lr=0.256)
    assert rate(settings, 5 / 350) == pytest.approx(0.256 * 0.97**2)
    assert rate(settings, 7.1 / 350) == pytest.approx(0.256 * 0.97**2)
    assert rate(settings, 7.3 / 350) == pytest.approx(0.256 * 0.97**3)
    assert rate(settings, 1.0) == pytest.approx(0.256 * 0.97**145)


# ---- optimizers


def test_norms_biases_tokens_and_positions_do_not_decay():
    module = to_module(find_network("vit-ti"))
    decays, rest = groups(module, 0.1)
    names = {id(p): name for name, p in module.named_parameters()}
    kept = {names[id(p)].rsplit(".", 1)[1] for p in rest["params"]}
    assert kept == {"bias", "weight", "token", "embedding"}
    assert all(p.ndim == 1 for p in rest["params"] if names[id(p)].endswith("weight"))
    assert {names[id(p)].rsplit(".", 1)[1] for p in decays["params"]} == {"weight"}
    assert (decays["weight_decay"], rest["weight_decay"]) == (0.1, 0.0)
    assert len(decays["params"]) + len(rest["params"]) == len(names)


def test_weights_decay_in_int8_as_they_do_before(tiny, middle):
    module = to_module(tiny.network(middle)).eval()
    plain, rounded = groups(module, 0.1), groups(Quantised(module, tiny.network(middle)), 0.1)
    assert [p.shape for p in rounded[0]["params"]] == [p.shape for p in plain[0]["params"]]


def test_what_is_frozen_is_left_alone():
    net = nn.Linear(2, 2)
    net.bias.requires_grad_(False)
    assert [len(group["params"]) for group in groups(net, 0.1)] == [1, 0]


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adamw"])
def test_every_optimizer_learns(name, tiny, middle, digits):
    settings = TrainSettings(4, 50, {"sgd": 0.1}.get(name, 0.01), optimizer=name, threads=1)
    history = fit(to_module(tiny.network(middle)), digits.train, settings, seed=0)
    assert history.epochs[-1].loss < 0.7 * history.epochs[0].loss


def test_rmsprop_by_hand():
    """One step from rest: g / (sqrt(0.1 g^2) + eps), by the rate."""
    net = nn.Linear(1, 1, bias=False)
    settings = replace(BASE, optimizer="rmsprop", weight_decay=0)
    optimizer, before = optimizer_of(net, settings), net.weight.item()
    net.weight.grad = torch.tensor([[2.0]])
    optimizer.step()
    assert before - net.weight.item() == pytest.approx(0.2 * 2 / (math.sqrt(0.4) + 1e-3), rel=1e-5)


# ---- losses


def test_cross_entropy_of_shares_is_that_of_labels():
    logits, labels = torch.randn(8, 5), torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    shares = nn.functional.one_hot(labels, 4).float()  # the last class has no image
    a, b = (cross_entropy(logits, given, smoothing=0.1) for given in (labels, shares))
    torch.testing.assert_close(a, b)


def test_divergence_is_nothing_between_equals_and_scales_with_the_temperature():
    logits, other = torch.randn(8, 5), torch.randn(8, 5)
    assert float(divergence(logits, logits, 3.0)) == pytest.approx(0, abs=1e-6)
    p = (other / 2).softmax(1)
    by_hand = (p * (p.log() - (logits / 2).softmax(1).log())).sum(1).mean() * 4
    torch.testing.assert_close(divergence(logits, other, 2.0), by_hand)


def test_a_student_learns_from_a_teacher_alone(tiny, middle, digits):
    """Labels count for nothing: what it knows, it has from the teacher."""
    teacher, student = (to_module(tiny.network(middle), seed=seed) for seed in (0, 1))
    settings = TrainSettings(4, 50, 0.1, threads=1, shift=0)
    fit(teacher, digits.train, settings, seed=0)
    weights = [p.clone() for p in teacher.parameters()]
    wrong = Split(digits.train.images, torch.randint(10, (len(digits.train),)))
    taught = replace(settings, teacher_share=1.0, temperature=2.0, label_smoothing=0)
    history = fit(student, wrong, taught, seed=0, teacher=teacher, validation=digits.validation)
    assert history.epochs[-1].accuracy > 0.5
    assert all(torch.equal(a, b) for a, b in zip(weights, teacher.parameters(), strict=True))


# ---- averages


def test_average_by_hand():
    net = nn.Linear(1, 1, bias=False)
    average = Average(net, 0.9)
    values, expected = [3.0, -1.0, 4.0], net.weight.item()
    for step, value in enumerate(values, start=1):
        with torch.no_grad():
            net.weight.fill_(value)
        average.update(net)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert average.state["weight"].item() == pytest.approx(expected, rel=1e-6)
    with average.inside(net):
        assert net.weight.item() == pytest.approx(expected, rel=1e-6)
    assert net.weight.item() == 4.0


def test_the_average_is_what_is_judged_and_kept(tiny, middle, digits, some):
    seen = []
    module = to_module(tiny.network(middle))

    def judge(model):
        seen.append(model.ops[0].conv.weight.detach().clone())
        return 0.5

    settings = TrainSettings(2, 50, 0.1, threads=1, average=0.99)
    history = fit(module, some, settings, seed=0, validation=judge)
    assert torch.equal(seen[-1], module.ops[0].conv.weight)
    assert history.weights == "their moving average"
    last = to_module(tiny.network(middle))
    fit(last, some, replace(settings, average=0.0), seed=0)
    assert not torch.equal(last.ops[0].conv.weight, module.ops[0].conv.weight)


# ---- early stopping


def test_the_best_epoch_is_kept(tiny, middle, digits, some):
    scores, seen = iter([0.3, 0.5, 0.4, 0.5, 0.9]), []
    module = to_module(tiny.network(middle))

    def judge(model):
        seen.append(model.ops[0].conv.weight.detach().clone())
        return next(scores)

    settings = TrainSettings(10, 100, 0.1, threads=1, patience=2)
    history = fit(module, some, settings, seed=0, validation=judge)
    assert len(history) == 4
    assert history.best == 2
    assert history.weights == "the last, of epoch 2"
    assert torch.equal(module.ops[0].conv.weight, seen[1])


def test_history_is_plain_data(tiny, middle, digits, some):
    settings = TrainSettings(2, 50, 0.1, threads=1)
    validation = digits.validation
    module = to_module(tiny.network(middle))
    history = fit(module, some, settings, seed=0, validation=validation)
    assert History.from_dict(json.loads(json.dumps(history.to_dict()))) == history
    assert [row.epoch for row in history.epochs] == [1, 2]
    assert history.epochs[1].lr < 1e-9
    assert sum(history.images_of_class) == len(some)
    assert history.epochs[0].images_per_s > 0


# ---- unequal classes


@pytest.fixture
def unequal():
    labels = torch.tensor([0] * 90 + [1] * 10 + [3] * 20)
    return Split(torch.zeros(120, 1, 4, 4, dtype=torch.uint8), labels)


def test_classes_are_counted(unequal):
    assert images_of_class(unequal) == [90, 10, 0, 20]


def test_weights_make_classes_count_the_same(unequal):
    weights = class_weights(unequal)
    totals = [float(weights[c] * n) for c, n in enumerate(images_of_class(unequal))]
    assert totals == pytest.approx([40, 40, 0, 40])
    assert float(weights[unequal.labels].mean()) == pytest.approx(1)


def test_sampling_draws_classes_alike(unequal):
    generator = torch.Generator().manual_seed(0)
    settings = replace(BASE, balance="sampling", batch=20)
    order = torch.cat([torch.cat(order_of(unequal, settings, generator)) for _ in range(50)])
    shares = torch.bincount(unequal.labels[order]) / len(order)
    np.testing.assert_allclose(shares, [1 / 3, 1 / 3, 0, 1 / 3], atol=0.03)


def test_without_balance_every_image_comes_once(unequal):
    order = order_of(unequal, replace(BASE, batch=20), torch.Generator().manual_seed(0))
    assert sorted(torch.cat(order).tolist()) == list(range(120))


def test_loss_weights_reach_the_loss(unequal, tiny, middle):
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    plain, weighted = (
        Classify(net, replace(BASE, label_smoothing=0), weights=weights)
        for weights in (None, class_weights(unequal))
    )
    images, labels = unequal.pixels[80:100], unequal.labels[80:100]
    assert plain.backward(images, labels, moment()) == pytest.approx(
        nn.functional.cross_entropy(net(images), labels).item()
    )
    by_hand = nn.functional.cross_entropy(net(images), labels, weight=class_weights(unequal)).item()
    assert weighted.backward(images, labels, moment()) == pytest.approx(by_hand)


# ---- mixing and random changes


def rng():
    return np.random.default_rng(1)


def test_mixup_mixes_both_alike():
    images, labels = torch.rand(6, 1, 4, 4), torch.arange(6)
    out, shares = mixed(images, labels, 6, replace(BASE, mixup=0.4), rng())
    share = float(shares[0, 0])
    assert 0 < share < 1
    torch.testing.assert_close(out, share * images + (1 - share) * images.flip(0))
    torch.testing.assert_close(shares.sum(1), torch.ones(6))
    assert float(shares[0, 5]) == pytest.approx(1 - share)


def test_cutmix_shares_are_of_the_area():
    images = torch.arange(2.0)[:, None, None, None].expand(2, 3, 8, 8)
    for seed in range(20):
        drawn = np.random.default_rng(seed)
        out, shares = mixed(images, torch.arange(2), 2, replace(BASE, cutmix=1.0), drawn)
        assert float(out[0].mean()) == pytest.approx(float(shares[0, 1]), abs=1e-6)
        assert float(out[1].mean()) == pytest.approx(float(shares[1, 1]), abs=1e-6)


def pictures(n=14, channels=3):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, channels, 9, 12), generator=generator, dtype=torch.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_of_no_strength_changes_little(change, channels):
    images = pictures(channels=channels)
    out = change(images, torch.zeros(len(images)))
    assert (out.dtype, out.shape) == (torch.uint8, images.shape)
    if change.__name__ not in ("_equalize", "_autocontrast"):  # they know no strength
        assert torch.equal(out, images)


@pytest.mark.parametrize("change", CHANGES[1:], ids=lambda change: change.__name__.strip("_"))
def test_a_change_of_strength_changes(change):
    images = pictures() // 2 + 30
    assert not torch.equal(change(images, torch.full((len(images),), 0.9)), images)


def test_changes_by_hand():
    name = {change.__name__: change for change in CHANGES}
    image = torch.tensor([[[[0, 100, 200, 255]]]], dtype=torch.uint8)
    strong = torch.tensor([0.5])
    assert name["_solarize"](image, strong).flatten().tolist() == [0, 100, 55, 0]
    assert name["_posterize"](image, strong).flatten().tolist() == [0, 100, 200, 252]
    assert name["_brightness"](image, -strong).flatten().tolist() == [0, 55, 110, 140]
    assert name["_translate_x"](image, torch.tensor([0.5 / 0.9])).flatten().tolist() == [
        100, 200, 255, 0,
    ]  # fmt: skip
    low = torch.tensor([[[[50, 75, 100, 75]]]], dtype=torch.uint8)
    assert name["_autocontrast"](low, strong).flatten().tolist() == [0, 128, 255, 128]
    assert name["_equalize"](low, strong).flatten().tolist() == [0, 85, 255, 85]


def test_a_quarter_turn_of_a_long_picture_keeps_its_shape():
    """Rotation is in pixels, not in shares of unequal sides."""
    rotate = {change.__name__: change for change in CHANGES}["_rotate"]
    images = torch.zeros(1, 1, 21, 41, dtype=torch.uint8)
    images[0, 0, 10, 5:36] = 255  # a line of 31 through the middle
    turned = rotate(images, torch.tensor([3.0]))  # 90 degrees
    assert (turned[0, 0, :, 20] == 255).sum() == 21
    assert (turned[0, 0, :, :18] == 0).all()


def test_random_changes_follow_the_generator_and_the_slice():
    images = pictures(20)

    def draw(part):
        generator = torch.Generator().manual_seed(4)
        return randaugment(images[part], 2, 9, generator, 20, part)

    whole = draw(slice(0, 20))
    assert torch.equal(whole, torch.cat([draw(slice(0, 8)), draw(slice(8, 20))]))
    assert not torch.equal(whole, images)


# ---- logs


def test_tensorboard_is_asked_for_in_a_line(digits, monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    settings = TrainSettings(1, 50, 0.1, threads=1)
    with pytest.raises(CosearchError, match=r"need tensorboard: pip install 'cosearch\[tensorb"):
        fit(net, digits.train, settings, seed=0, log=tmp_path)


def test_tensorboard_gets_every_figure(digits, monkeypatch, tmp_path):
    import sys
    import types

    written = []

    class SummaryWriter:
        def __init__(self, folder):
            self.folder = folder

        def __enter__(self):
            return self

        def __exit__(self, *error):
            written.append("closed")

        def add_scalar(self, name, value, epoch):
            written.append((name, epoch))

        def flush(self):
            pass

    fake = types.SimpleNamespace(SummaryWriter=SummaryWriter)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", fake)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    settings = TrainSettings(2, 50, 0.1, threads=1)
    fit(net, digits.train, settings, seed=0, log=tmp_path, validation=digits.validation)
    names = ("loss", "lr", "accuracy", "images_per_s")
    assert written == [*((name, epoch) for epoch in (1, 2) for name in names), "closed"]
