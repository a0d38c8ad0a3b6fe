"""Sorted channels: the widest networks compute what they did, narrow ones get the best."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.supernet import Shrinking, Supernet, sort_channels
from cosearch.deep.supernet.channels import shared_channels
from cosearch.deep.supernet.sharing import is_elastic, kind_of
from cosearch.deep.supernet.shrinking import Phase
from cosearch.deep.supernet.sorting import importance
from cosearch.deep.training import TrainSettings, train
from cosearch.errors import CosearchError
from cosearch.families import SIZED, sized

IMAGE = (3, 16, 16)
# hidden channels, stage widths, squeezes, stages left out, shuffles
ALWAYS = {"mobile", "mnasnet", "once-for-all", "spos", "nas-bench-macro"}
NAMES = [
    pytest.param(name, marks=[pytest.mark.slow] * (name not in ALWAYS)) for name in sorted(SIZED)
]
TOLERANCE = 1e-5  # of the largest output, in single precision
DOUBLE = 1e-10


def stirred(net: Supernet) -> Supernet:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor += 0.1 * torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
    return net


def widest(family: Any, n: int) -> np.ndarray:
    """Random networks of full width: any operators, depths, kernels."""
    drawn = family.space.sample(np.random.default_rng(1), n)
    for column, knob in enumerate(family.space.knobs):
        if is_elastic(knob) and kind_of(knob) == "width":
            drawn[:, column] = int(np.argmax(knob.choices))
    return family.space.canonical(drawn)


def outputs(net: Supernet, genomes: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
    x = torch.rand(2, *net.family.chain.inputs[0], generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return torch.stack([net.eval()(x.to(dtype), genome) for genome in genomes])


def channels_of(net: Supernet) -> Any:
    sizes = {name: tensor.shape for name, tensor in net.state_dict().items()}
    return shared_channels(net.sharing, sizes, net.affine)


# ---- what stays


@pytest.mark.parametrize("name", NAMES)
def test_networks_of_full_width_compute_the_same(name):
    family = sized(name, IMAGE, 5, width=0.25)
    net, genomes = stirred(Supernet(family)), widest(family, 3)
    for by, dtype, tolerance in (
        ("outgoing", torch.float32, TOLERANCE),
        ("incoming", torch.float64, DOUBLE),
    ):
        net.to(dtype)
        before = outputs(net, genomes, dtype)
        order = sort_channels(net, by)
        after = outputs(net, genomes, dtype)
        least = 1e-3 if name == "vit" and dtype == torch.float32 else tolerance
        assert (after - before).abs().max() <= least * before.abs().max()
        if name in ALWAYS:
            assert order.moves


def test_kernels_that_are_transformed_are_sorted_too():
    family = sized("once-for-all", IMAGE, 5, width=0.25)
    net = stirred(Supernet(family, transforms=True).double())
    before = outputs(net, widest(family, 4), torch.float64)
    sort_channels(net)
    after = outputs(net, widest(family, 4), torch.float64)
    assert (after - before).abs().max() <= DOUBLE * before.abs().max()


def test_without_scales_too(tiny):
    net = stirred(Supernet(tiny, affine=False).double())
    before = outputs(net, widest(tiny, 6), torch.float64)
    assert sort_channels(net).moves
    after = outputs(net, widest(tiny, 6), torch.float64)
    assert (after - before).abs().max() <= DOUBLE * before.abs().max()


# ---- what is sorted


@pytest.mark.parametrize("name", ["mobile", "once-for-all"])
def test_importance_falls(name):
    net = stirred(Supernet(sized(name, IMAGE, 5, width=0.25)))
    sort_channels(net)
    channels = channels_of(net)
    weights = importance(channels, net.state_dict(), "outgoing")
    assert len(channels.groups) > 10
    assert all((np.diff(weights[group]) <= 0).all() for group in channels.groups)
    assert not sort_channels(net).moves


def test_hidden_channels_are_sorted_by_what_reads_them():
    """Once-for-All's own: the projection's weights, and those of the squeeze where there is one."""
    net = stirred(Supernet(sized("once-for-all", IMAGE, 5, width=0.25)))
    readers = _readers_of_hidden(net)
    assert len(readers) == 8  # units without a squeeze: 24 and 80 channels wide
    before = {name: net.state_dict()[name].clone() for name in readers}
    order = sort_channels(net)
    for name in readers:
        falling = before[name].abs().sum((0, 2, 3)).sort(descending=True).values
        found = net.state_dict()[name].abs().sum((0, 2, 3))
        torch.testing.assert_close(found, falling)
        assert 1 in dict(order.moves[name])


def _readers_of_hidden(net: Supernet) -> list[str]:
    """Projections alone in reading their channels."""
    channels = channels_of(net)
    state = net.state_dict()
    reads = {at: line for at, line in channels.places.items() if at.reads}
    found = []
    for at, line in reads.items():
        alone = not any(np.isin(line, other).any() for o, other in reads.items() if o != at)
        made = [state[a.key] for a, o in channels.places.items() if np.array_equal(o, line)]
        depthwise = any(t.ndim == 4 and t.shape[-1] == 7 for t in made)
        if alone and depthwise:
            found.append(at.key)
    return found


def test_channels_that_residuals_add_up_are_sorted_together(tiny):
    """Every operator and block of a stage reads them: the sum over all of them counts."""
    net = stirred(Supernet(tiny))
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    order = sort_channels(net)
    readers = [at for at in channels_of(net).places if at.reads and "stage1/block0" in at.key]
    first = [at for at in readers if state[at.key].shape[1] == 8]  # the width of stage 0
    assert len(first) == 2  # one of each operator
    moved = [dict(order.moves[at.key])[1] for at in first]
    assert np.array_equal(moved[0], moved[1])


def test_deals_and_shuffles_stay():
    """SPOS's blocks split and shuffle: what goes through them keeps its order."""
    net = stirred(Supernet(sized("spos", IMAGE, 5, width=0.25)))
    order = sort_channels(net)
    assert order.moves  # inside of branches
    channels = channels_of(net)
    assert all(len(np.unique(group)) == len(group) for group in channels.groups)


def test_bad_questions(tiny):
    with pytest.raises(CosearchError, match="unknown importance 'l2': allowed are incoming, outg"):
        sort_channels(Supernet(tiny), "l2")
    with pytest.raises(CosearchError, match="no order in common"):
        sort_channels(Supernet(tiny, separate=True))


# ---- within training

FLAT = TrainSettings(2, 50, 0.05, warmup=0.0, average=0.9, threads=1, clip=0.0)
WIDE = (Phase(1, 1, {}), Phase(1, 1, {"width": 1}))  # sorted half way; ever the largest network


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_momenta_and_averages_move_with_the_weights(tiny, some, optimizer):
    """Trained at full width throughout, in another order half way, nothing else is different.

    Operators are drawn alike, sums are taken in another order: hence the tolerance.
    """
    settings = replace(FLAT, optimizer=optimizer, lr=0.05 if optimizer == "sgd" else 1e-3)
    found = []
    for sort in (False, True):
        net = Supernet(tiny, seed=1).double()
        task = Shrinking(net, settings, WIDE, sort=sort)
        train(_Double(task), some.take(torch.arange(100)), settings, seed=0)
        assert task.in_order == sort
        found.append(outputs(net, widest(tiny, 4), torch.float64))
    assert (found[0] - found[1]).abs().max() <= 1e-6 * found[0].abs().max()


class _Double:
    """A task on images of double precision: single precision would hide what is lost."""

    def __init__(self, task: Shrinking) -> None:
        self.task, self.name, self.model = task, task.name, task.model

    def backward(self, images: torch.Tensor, labels: torch.Tensor, moment: Any) -> float:
        return self.task.backward(images.double(), labels, moment)

    def rearrange(self, moment: Any) -> Any:
        return self.task.rearrange(moment)

    def state_dict(self) -> dict[str, Any]:
        return self.task.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.task.load_state_dict(state)


def test_a_killed_run_goes_on_to_the_same_weights(tiny, some, tmp_path: Path):
    """Killed before channels are sorted, which is in the third epoch, and after."""
    settings, few = TrainSettings(4, 50, 0.1, threads=1), some.take(torch.arange(100))

    def run(checkpoint: Path | None, epochs: int) -> dict[str, torch.Tensor]:
        net = Supernet(tiny, seed=1, transforms=True)

        def kill(name: str, done: int, total: int, note: str = "") -> None:
            if done >= epochs:
                raise KeyboardInterrupt

        task = Shrinking(net, settings, sort=True)
        progress = kill if epochs < settings.epochs else lambda *words: None
        try:
            train(task, few, settings, seed=0, checkpoint=checkpoint, progress=progress)
        except KeyboardInterrupt:
            return {}
        assert task.in_order
        return {name: tensor.clone() for name, tensor in net.state_dict().items()}

    whole = run(None, settings.epochs)
    assert not run(tmp_path / "c.pt", 1)
    assert not run(tmp_path / "c.pt", 3)
    resumed = run(tmp_path / "c.pt", settings.epochs)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


@pytest.mark.slow
def test_narrow_networks_are_better_of_sorted_channels(tiny, digits):
    """Only the largest network is trained; then narrower ones take its first channels."""
    family = replace(tiny, expansions=(2, 4))
    settings = TrainSettings(8, 50, 0.2, threads=1)
    gains = []
    for seed in (0, 3):
        net = Supernet(family, seed=seed)
        train(Shrinking(net, settings, (Phase(1, 1, {}),)), digits.train, settings, seed=seed)
        narrow = widest(family, 12)
        halved = [knob.name.endswith("expansion") for knob in family.space.knobs]
        narrow = family.space.canonical(np.where(halved, 0, narrow))
        before = accuracy_of(net, narrow, digits)
        sort_channels(net)
        gains.append(accuracy_of(net, narrow, digits) - before)
    assert np.mean(gains) > 0.05


def accuracy_of(net: Supernet, genomes: np.ndarray, data: Any) -> float:
    found = []
    for genome in genomes:
        alone = net.subnet(genome)
        calibrate(alone, data.train.pixels[:256])
        found.append(evaluate(alone, data.validation))
    return float(np.mean(found))
