"""Smaller kernels are transforms of larger ones: the centre at first, then whatever is learnt."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.datasets.images import as_split
from cosearch.deep.qat import Int8Accuracy
from cosearch.deep.supernet import Shrinking, Supernet, SupernetAccuracy
from cosearch.deep.supernet.kernels import elastic_sizes, shrunk
from cosearch.deep.training import TrainSettings, train
from cosearch.errors import CosearchError
from cosearch.families import sized

IMAGE = (3, 16, 16)
SETTINGS = TrainSettings(4, 50, 0.1, threads=1)


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def stirred(net: Supernet) -> Supernet:
    """Every tensor moved, matrices included."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor += 0.1 * (torch.rand(tensor.shape, generator=generator) - 0.5)
    return net


def genomes(family, n: int = 3) -> np.ndarray:
    ends = [family.space.encode(values) for values in family.references.values()]
    return np.concatenate([ends, family.space.sample(np.random.default_rng(0), n)])


@pytest.fixture(scope="module", params=["once-for-all", "mobile"])
def family(request):
    return sized(request.param, IMAGE, 5, width=0.25)


@pytest.fixture(scope="module")
def net(family) -> Supernet:
    return stirred(Supernet(family, transforms=True))


def by_hand(whole: np.ndarray, matrices: dict[int, np.ndarray], size: int) -> np.ndarray:
    """Output place by output place: y[p] = x[p] + sum over q of D[p, q] x[q], of the centre."""
    kernel = whole
    for step in sorted(matrices, reverse=True):
        if step < size:
            continue
        edge = (kernel.shape[-1] - step) // 2
        centre = kernel[..., edge : edge + step, edge : edge + step]
        kernel = np.empty_like(centre)
        for p in np.ndindex(step, step):
            row = matrices[step][p[0] * step + p[1]]
            total = sum(
                row[q[0] * step + q[1]] * centre[..., q[0], q[1]] for q in np.ndindex(step, step)
            )
            kernel[..., p[0], p[1]] = centre[..., p[0], p[1]] + total
    return kernel


def matrices_of(dtype: torch.dtype = torch.float64) -> dict[int, torch.Tensor]:
    return {s: drawn(s * s, s * s, seed=s, dtype=dtype).requires_grad_() for s in (5, 3)}


@pytest.mark.parametrize("size", [5, 3])
def test_kernels_are_as_defined(size):
    whole, matrices = drawn(4, 3, 7, 7, dtype=torch.float64), matrices_of()
    steps = [(s, m) for s, m in matrices.items() if s >= size]
    found = shrunk(whole, torch.Size((3, 2, size, size)), steps)
    plain = {s: m.detach().numpy() for s, m in matrices.items()}
    np.testing.assert_allclose(
        found.detach().numpy(), by_hand(whole[:3, :2].numpy(), plain, size), rtol=1e-12
    )


def test_gradients_reach_weights_and_matrices():
    whole = drawn(2, 2, 7, 7, dtype=torch.float64).requires_grad_()
    matrices = matrices_of()

    def of(whole: torch.Tensor, five: torch.Tensor, three: torch.Tensor) -> torch.Tensor:
        return shrunk(whole, torch.Size((2, 1, 3, 3)), [(5, five), (3, three)])

    assert torch.autograd.gradcheck(of, (whole, matrices[5], matrices[3]), fast_mode=True)


def test_at_first_every_network_is_that_of_plain_crops(family):
    plain, net = Supernet(family, seed=3).eval(), Supernet(family, seed=3, transforms=True).eval()
    assert all(torch.equal(net.state_dict()[k], v) for k, v in plain.state_dict().items())
    x = drawn(2, *IMAGE)
    with torch.no_grad():
        for genome in genomes(family):
            assert torch.equal(net(x, genome), plain(x, genome))


@pytest.mark.parametrize("training", [False, True])
def test_a_network_alone_computes_the_same_bit_by_bit(family, net, training):
    net.train(training)
    x = drawn(4, *IMAGE)
    for genome in genomes(family):
        alone = net.subnet(genome)
        assert torch.equal(alone(x), net(x, genome))
        with torch.no_grad():
            assert torch.equal(net.eval().subnet(genome)(x), net(x, genome))
        net.train(training)


def test_matrices_count(family, net):
    """With them set to zero networks of smaller kernels change, that of the largest does not."""
    net.eval()
    kernels = [knob.name.endswith("kernel") for knob in family.space.knobs]
    smaller = genomes(family, 1)[-1]
    largest = family.space.canonical(
        np.where(kernels, family.space.cardinalities - 1, smaller)[None]
    )[0]
    zeroed = copy.deepcopy(net)
    with torch.no_grad():
        for name, parameter in zeroed.named_parameters():
            if name.rpartition("|")[2].isdigit():
                parameter.zero_()
        x = drawn(2, *IMAGE)
        assert not torch.equal(net(x, smaller), zeroed(x, smaller))
        assert torch.equal(net(x, largest), zeroed(x, largest))


def test_each_elastic_kernel_has_a_matrix_for_each_smaller_size():
    family = sized("once-for-all", IMAGE, 5, width=0.25)
    state = Supernet(family, transforms=True).state_dict()
    matrices = {name: t.shape for name, t in state.items() if name.rpartition("|")[2].isdigit()}
    kernels = [n for n, t in state.items() if t.ndim == 4 and t.shape[-1] == 7]
    assert len(kernels) == 20  # five units of four blocks
    wanted = {f"{name}|{size}": (size**2, size**2) for name in kernels for size in (5, 3)}
    assert matrices == wanted


def test_a_step_teaches_the_matrices_of_its_kernels(tiny):
    net = Supernet(tiny, transforms=True).train()
    values = dict(tiny.references["largest"])
    small = {k: 3 if k.endswith("block0.kernel") else v for k, v in values.items()}
    for chosen, learns in ((values, False), (small, True)):
        net.zero_grad()
        (net(drawn(8, 1, 8, 8), tiny.space.encode(chosen)) ** 2).sum().backward()
        taught = {n for n, p in net.named_parameters() if n.endswith("|3") and p.grad is not None}
        assert bool(taught) == learns
        assert all("block0" in name for name in taught)


@pytest.mark.parametrize(
    ("name", "options"), [("nas-bench-macro", {}), ("once-for-all", {"separate": True})]
)
def test_nothing_to_transform(name, options):
    with pytest.raises(CosearchError, match=f"'{name}'.*no kernels share weights"):
        Supernet(sized(name, IMAGE, 5, width=0.25), transforms=True, **options)


def test_sizes_that_are_chosen():
    assert elastic_sizes((7, 3, 5), 3, 7) == (5, 3)
    assert elastic_sizes((7, 3), 3, 7) == (3,)
    assert elastic_sizes((3, 5), 1, 1) == ()


def test_it_can_be_copied_and_pickled(net, family):
    genome, x = genomes(family)[-1], drawn(2, *IMAGE)
    net.eval()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other(x, genome), net(x, genome))


def test_what_is_learnt_is_scored(tiny, digits, some, tmp_path):
    """Trained for real: the matrices moved, and accuracies are those of the networks alone."""
    net = Supernet(tiny, transforms=True)
    train(Shrinking(net, SETTINGS), some, SETTINGS, seed=0)
    moved = [p.abs().max().item() for n, p in net.named_parameters() if n.endswith("|3")]
    assert min(moved) > 0
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    accuracy = SupernetAccuracy.of(tiny, tmp_path / "weights.pt", digits, transforms=True)
    some_genomes = tiny.space.sample(np.random.default_rng(0), 2)
    for genome, figure in zip(some_genomes, accuracy(some_genomes), strict=True):
        alone = net.subnet(genome)
        calibrate(alone, as_split(accuracy.calibration, np.zeros(len(accuracy.calibration))).pixels)
        assert evaluate(alone, digits.validation) == figure
    assert 0 <= Int8Accuracy(accuracy)(some_genomes[:1])[0] <= 1


@pytest.mark.slow
def test_networks_of_small_kernels_learn(tiny, digits):
    settings = replace(SETTINGS, epochs=8, lr=0.2)
    net = Supernet(tiny, transforms=True)
    train(Shrinking(net, settings), digits.train, settings, seed=0)
    values = {k: 3 if k.endswith("kernel") else v for k, v in tiny.references["largest"].items()}
    alone = net.subnet(tiny.space.encode(values))
    calibrate(alone, digits.train.pixels[:256])
    assert evaluate(alone, digits.validation) > 0.3  # chance is 0.1
