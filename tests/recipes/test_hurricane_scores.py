"""Operators' scores, and the space made of the best."""

import math

import numpy as np
import pytest

from cosearch.cost.models import find_device
from cosearch.errors import CosearchError
from cosearch.families import HurricaneFamily, sized
from cosearch.families.distinct import Block, blocks_of
from cosearch.families.hurricane import OPERATORS
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.problem import Limit, Problem
from cosearch.recipes.hurricane.generated import generate, suited
from cosearch.recipes.hurricane.insights import insights
from cosearch.recipes.hurricane.narrowing import Narrowing
from cosearch.recipes.hurricane.scores import OperatorCosts, by_device, operator_costs
from cosearch.recipes.hurricane.within import Within

FAMILY = sized("hurricane", (1, 8, 8), 10, width=0.1)
assert isinstance(FAMILY, HurricaneFamily)


@pytest.fixture(scope="module")
def modelled() -> OperatorCosts:
    return operator_costs(FAMILY, by_device(find_device("small-edge")))


def costs_of(latency_s: list[list[float]], capacity: float = 2.0) -> OperatorCosts:
    """Made-up figures of the first operators of the pool."""
    found = np.array(latency_s)
    ones = np.ones_like(found)
    layers = tuple(f"layer{i}" for i in range(len(found)))
    return OperatorCosts(layers, tuple(OPERATORS)[: found.shape[1]], ones, ones, found)


def test_a_score_is_what_one_works_out_by_hand() -> None:
    costs = OperatorCosts(
        ("a", "b"),
        ("sep_k3", "mb6_k7"),
        np.array([[8.0, 200.0], [2.0, 2.0]]),
        np.array([[1.0, 100.0], [4.0, 1.0]]),
        np.array([[2.0, 10.0], [1.0, np.inf]]),
    )
    # (2 x 8 x 1)^0.5 / 2 = 2; (2 x 200 x 100)^0.5 / 10 = 20; (2 x 2 x 4)^0.5 = 4; cannot run
    np.testing.assert_allclose(costs.scores(0.5), [[2.0, 20.0], [4.0, 0.0]])
    np.testing.assert_allclose(costs.scores(0.0), [[0.5, 0.1], [1.0, 0.0]])


def test_what_does_nothing_is_the_last_resort_and_what_cannot_run_none() -> None:
    macs, latency_s = np.array([[8.0, 0.0, 8.0]]), np.array([[1e-3, 0.0, np.inf]])
    costs = OperatorCosts(("a",), ("conv", "identity", "stranger"), macs, macs, latency_s)
    assert costs.scores(0.5).tolist() == [[math.sqrt(2) * 8 / 1e-3, 0.0, 0.0]]
    conv, identity, stranger = costs.log_scores(0.5)[0]
    assert conv > identity > stranger == -np.inf
    assert np.isfinite(identity)


def test_what_operators_cost_is_counted_from_their_definition() -> None:
    """Separable, kernel 3, in a layer whose input has the 6 channels it puts out."""
    found = operator_costs(FAMILY, lambda block: 1e-9 * block.network.macs)
    layer, operator = found.layers.index("stage1.block1"), found.operators.index("sep_k3")
    network = FAMILY.network(np.zeros(20, dtype=np.int64))
    channels, height, width = next(
        node.shape for node in network.nodes if node.name.startswith("stage1.block1")
    )
    pixels = height * width
    macs = pixels * (9 * channels + channels * channels)
    norm = 2 * channels
    params = (9 * channels + norm) + (channels * channels + norm)
    assert found.macs[layer, operator] == macs
    assert found.params[layer, operator] == params
    assert found.latency_s[layer, operator] == pytest.approx(1e-9 * macs)


def test_a_layer_that_is_left_out_costs_nothing() -> None:
    family = nas_bench_macro_family()
    device = find_device("scalesim-32x32-os")
    costs = operator_costs(family, by_device(device))
    assert costs.operators == ("identity", "mb3_k3", "mb6_k5")
    left_out = [1, 3, 4, 6, 7]  # elsewhere the identity has to stride
    for cost in (costs.macs, costs.params, costs.latency_s):
        assert (cost[left_out, 0] == 0).all()
        assert (cost[:, 1:] > 0).all()
        assert (cost[[0, 2, 5], 0] > 0).all()


def test_costs_add_up_to_those_of_networks(modelled: OperatorCosts) -> None:
    """Each operator where it stands: their MACs, and those of stem and head, are the network's."""
    found = modelled
    ends = [block.network.macs for block in blocks_of(FAMILY).blocks if "=" not in block.label]
    for genome in FAMILY.space.sample(np.random.default_rng(0), 8):
        inside = found.macs[np.arange(20), genome].sum()
        assert inside + sum(ends) == FAMILY.network(genome).macs


def test_the_best_of_each_layer_are_kept_and_a_stranger_explores() -> None:
    """The third best is a separable convolution, too: it teaches nothing new."""
    names = ("sep_k3", "sep_k5", "sep_k7", "mb1_k3", "choice_k3")
    latency_s = np.array([[1.0, 2.0, 2.5, 4.0, 3.0], [1.0, 2.0, 2.5, 9.0, np.inf]])
    costs = OperatorCosts(("a", "b"), names, *(np.ones((2, 5)) for _ in "mp"), latency_s)
    kept = Narrowing(0.0, best=2, exploring=1, exploring_layers=1)(costs)
    assert kept[0] == ("sep_k3", "sep_k5")
    assert kept[1] == ("sep_k3", "sep_k5", "mb1_k3")  # what cannot run is not kept
    assert Narrowing(0.0, 2, 1, 2)(costs)[0] == ("sep_k3", "sep_k5", "choice_k3")
    assert Narrowing(0.0, 4, 1, 2)(costs)[1] == ("sep_k3", "sep_k5", "sep_k7", "mb1_k3")


def test_a_layer_the_target_cannot_run_is_named() -> None:
    with pytest.raises(CosearchError, match="layer1: the target runs no operator"):
        Narrowing(0.5)(costs_of([[1.0, 2.0], [np.inf, np.inf]]))


def test_a_device_that_likes_an_operator_gets_it() -> None:
    """Everything slow but four, and in one layer another: the space is those."""
    liked = ("choice_k7", "sep_k3_se", "mb3_k5", "choice_x")

    def seconds(block: Block) -> float:
        if block.label.startswith("stage2.block0 "):
            return 1e-9 if "=mb6_k7_se " in block.label else 1e-3
        return 1e-6 if any(f"={name} " in block.label for name in liked) else 1e-3

    costs = operator_costs(FAMILY, seconds)
    kept = Narrowing(0.1)(costs)
    layer = costs.layers.index("stage2.block0")
    assert kept[layer][0] == "mb6_k7_se"
    for i in set(range(20)) - {layer}:
        assert set(kept[i][:4]) == set(liked)
    assert [len(kept[i]) for i in range(20)] == [4] * 16 + [5] * 4
    assert FAMILY.narrowed(kept).space.size == 4**16 * 5**4


def test_what_is_fast_alone_is_liked_without_capacity_and_what_is_large_with_much(
    modelled: OperatorCosts,
) -> None:
    costs = modelled
    fast, large = Narrowing(0.0, best=1)(costs), Narrowing(5.0, best=1)(costs)
    for i in range(20):
        assert costs.latency_s[i, costs.operators.index(fast[i][0])] == costs.latency_s[i].min()
        assert costs.capacity[i, costs.operators.index(large[i][0])] == costs.capacity[i].max()


def test_a_tighter_limit_asks_for_a_smaller_alpha(modelled: OperatorCosts) -> None:
    device, chosen = find_device("small-edge"), []
    for limit_s in (13e-6, 30e-6):
        limits = (Limit("latency_s", limit_s),)
        problem = Problem(FAMILY, device.file.columns(), device.model, None, limits=limits)
        spaces = [generate(problem, modelled, Narrowing, alpha) for alpha in (0.0, 0.1, 0.3, 0.5)]
        found = suited(spaces)
        assert found.within >= 0.25
        assert all(space.within < 0.25 for space in spaces if space.alpha > found.alpha)
        chosen.append(found.alpha)
    assert chosen[0] < chosen[1]


def test_insights_are_factors_between_operators_that_differ_in_one_trait() -> None:
    """A device on which squeezing trebles the time, and a kernel of 7 takes twice that of 3."""

    def seconds(block: Block) -> float:
        time = 3e-6 if "_se " in block.label else 1e-6
        return time * (2 if "_k7" in block.label else 1)

    found = {each.trait: each.factor for each in insights(operator_costs(FAMILY, seconds), 0.0)}
    assert found["squeeze-and-excite"] == pytest.approx(1 / 3)
    assert found["kernel 7 for 3"] == pytest.approx(1 / 2)
    assert found["kernel 5 for 3"] == pytest.approx(1)
    assert found["expansion 6 for 1"] == pytest.approx(1)
    assert found["Xception-like unit"] > found["ShuffleNetV2 unit"]  # it has no kernel of 7


def test_a_narrowed_network_is_the_same_in_the_wide_space() -> None:
    narrow = FAMILY.narrowed({0: ("mb6_k7", "sep_k3"), 7: ("choice_x",), 19: ("mb1_k3", "sep_k7")})
    within = Within(narrow.space, FAMILY.space)
    genomes = narrow.space.sample(np.random.default_rng(0), 16)
    for genome, lifted in zip(genomes, within.lift(genomes), strict=True):
        assert narrow.space.values(genome) == FAMILY.space.values(lifted)
