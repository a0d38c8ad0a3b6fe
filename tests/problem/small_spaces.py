"""Small spaces whose every network can be looked at, and tables of random costs on them."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.families.mobile import MobileFamily, Stage
from cosearch.networks import Builder
from cosearch.problem.paths import Paths, PathTable
from cosearch.space import Knob, Space


def _conv(net: Builder, live: Live, name: str, kernel: int) -> Live:
    return (net.conv(live[0], 4, name, kernel=kernel),)


def _maybe(net: Builder, live: Live, name: str, kernel: int, operator: str) -> Live:
    if operator == "skip":
        return live
    return (net.conv(live[0], 4, name, kernel=kernel, activation="relu"),)


def _stem(net: Builder, live: Live, name: str) -> Live:
    return (net.conv(live[0], 4, name, kernel=3),)


def _head(net: Builder, live: Live, name: str) -> Live:
    return (net.linear(net.global_pool(live[0], "pool"), 3, "classifier"),)


def layers() -> ChainFamily:
    """Four layers: two with kernels, one that may be skipped, one with nothing to choose."""
    knobs = [
        Knob("a.kernel", (1, 3, 5)),
        Knob("b.operator", ("conv", "skip")),
        Knob("b.kernel", (1, 3, 5), {"b.operator": ("conv",)}),
        Knob("c.kernel", (3,)),
        Knob("d.kernel", (1, 3, 5, 7)),
    ]
    slots = (
        Slot("stem", (), _stem),
        Slot("a", ("a.kernel",), _conv),
        Slot("b", ("b.kernel", "b.operator"), _maybe),  # in another order than the space has
        Slot("c", ("c.kernel",), _conv),
        Slot("d", ("d.kernel",), _conv),
        Slot("", (), _head),
    )
    return ChainFamily(Chain("layers", Space(knobs), slots, ((1, 6, 6),)), {}, "test")


def resolutions() -> ChainFamily:
    """The size of the image is chosen, and a kernel for the whole network."""
    knobs = [Knob("depth", (1, 2)), Knob("size", (4, 6, 8)), Knob("kernel", (1, 3))]
    slots = (
        Slot("stem", (), _stem),
        Slot("a", ("kernel",), _conv),
        Slot("b", ("depth", "kernel"), _deeper),
        Slot("", (), _head),
    )
    inputs = tuple((1, size, size) for size in (4, 6, 8))
    chain = Chain("resolutions", Space(knobs), slots, inputs, resolution="size")
    return ChainFamily(chain, {}, "test")


def _deeper(net: Builder, live: Live, name: str, depth: int, kernel: int) -> Live:
    return _conv(net, live, name, kernel) if depth == 2 else live


def stages() -> MobileFamily:
    """Widths and depths shared by the blocks of a stage; 720 networks."""
    return MobileFamily(
        (1, 8, 8),
        3,
        stem_width=4,
        stages=(Stage((4, 8), (1, 2), 1), Stage((8, 12), (1,), 2)),
        kernels=(3,),
        expansions=(1, 2, 3),
        head_width=8,
    )


def gated() -> ChainFamily:
    """A knob read once switches one off that is read later, and a later one an earlier one."""
    knobs = [
        Knob("wide", (False, True)),
        Knob("late", (False, True)),
        Knob("a.kernel", (1, 3, 5), {"late": (True,)}),
        Knob("c.kernel", (1, 3, 5), {"wide": (True,)}),
        Knob("d.kernel", (1, 3), {"c.kernel": (1,)}),  # off where that is off
    ]
    slots = (
        Slot("stem", (), _stem),
        Slot("a", ("a.kernel", "wide"), _wider),
        Slot("d", ("d.kernel",), _conv),
        Slot("c", ("c.kernel",), _conv),
        Slot("e", ("late",), _wider_or_not),
        Slot("", (), _head),
    )
    return ChainFamily(Chain("gated", Space(knobs), slots, ((1, 6, 6),)), {}, "test")


def _wider(net: Builder, live: Live, name: str, kernel: int, wide: bool) -> Live:
    return (net.conv(live[0], 8 if wide else 4, name, kernel=kernel),)


def _wider_or_not(net: Builder, live: Live, name: str, wide: bool) -> Live:
    return (net.conv(live[0], 8 if wide else 4, name),)


SPACES = {"gated": gated, "layers": layers, "resolutions": resolutions, "stages": stages}


@cache
def paths_of(name: str) -> Paths:
    return Paths.of(SPACES[name]())


@cache
def everything(name: str) -> np.ndarray:
    """All canonical genomes."""
    space = SPACES[name]().space
    product = itertools.product(*(range(size) for size in space.cardinalities))
    every = np.unique(space.canonical(np.array(list(product))), axis=0)
    assert len(every) == space.size
    return every


def random_table(name: str, rng: np.random.Generator, metrics: int, kind: str) -> PathTable:
    """Edges that cost anything: smooth, small whole numbers, the same, nothing, some infinite."""
    paths = paths_of(name)
    edges = []
    for level in paths.graph.levels:
        shape = (len(level.source), metrics)
        costs = {
            "smooth": lambda shape=shape: rng.random(shape),
            "ties": lambda shape=shape: rng.integers(0, 4, shape).astype(float),
            "equal": lambda shape=shape: np.ones(shape),
            "zero": lambda shape=shape: np.zeros(shape),
            "infinite": lambda shape=shape: np.where(
                rng.random((shape[0], 1)) < 0.2, np.inf, rng.random(shape)
            ),
        }[kind]()
        edges.append(costs)
    names = tuple(f"m{i}" for i in range(metrics))
    return PathTable(paths.graph, names, tuple(edges), paths.chain)


def random_scores(space: Space, rng: np.random.Generator, kind: str) -> list[Any]:
    """Smooth, tied or all alike."""
    draw = {
        "smooth": lambda size: rng.normal(size=size),
        "ties": lambda size: rng.integers(0, 3, size).astype(float),
        "equal": np.zeros,
    }[kind]
    return [draw(size) for size in space.cardinalities]


def score_of(space: Space, scores: list[Any], genomes: np.ndarray) -> np.ndarray:
    """The slow way: knob by knob, of those that count."""
    on = space.active(genomes)
    columns = [np.where(on[:, i], scores[i][genomes[:, i]], 0.0) for i in range(len(space))]
    return np.sum(columns, axis=0)
