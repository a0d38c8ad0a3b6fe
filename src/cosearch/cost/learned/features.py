"""Features of networks that latencies are linear in: what was chosen, and work by operator."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.networks import Kind, Layers


def one_hot(genomes: Int[ndarray, "n d"], choices: Iterable[int]) -> Float[ndarray, "n f"]:
    """A column for each choice of each knob, `choices` of them."""
    columns = [genomes[:, i, None] == np.arange(c) for i, c in enumerate(choices)]
    return np.concatenate(columns, axis=1).astype(float)


def work(layers: Layers) -> Float[ndarray, "n f"]:
    """Operators, MACs, their roots, activations and weights, by kind of operator; unit spread.

    The roots stand for operators that fill a machine the better the larger they are.
    """
    multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
    grouped, one = layers.groups > 1, layers.kernel_y == 1
    depthwise = grouped & (layers.in_channels == 1)
    kinds = (
        multiplies & ~depthwise & one,
        multiplies & ~depthwise & ~one,
        multiplies & depthwise,
        multiplies & grouped,
        multiplies & depthwise & (layers.kernel_y > 3),
        layers.kind == Kind.POOL,
        layers.kind == Kind.ELEMENTWISE,
    )
    moved = (layers.inputs + layers.outputs) * layers.repeat
    amounts = (layers.repeat, layers.macs, np.sqrt(layers.macs), moved, layers.weights)
    return _unit(np.stack([(kind * a).sum(1) for kind in kinds for a in amounts], 1).astype(float))


def _unit(columns: Float[ndarray, "n f"]) -> Float[ndarray, "n f"]:
    """Spread 1; columns that are the same for all networks say nothing and go."""
    spread = columns.std(0)
    varies = spread > 1e-9 * np.abs(columns).max(0)
    return columns[:, varies] / spread[varies]
