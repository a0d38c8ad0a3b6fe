"""What an operator is worth on a target: what it can represent, for the time it takes.

HURRICANE (arXiv 1910.11609) scores every operator in every layer by (F P)^alpha / latency, F its
FLOPs and P its parameters. Its alpha could not be found: ours is a setting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.lookup import LookupTable
from cosearch.cost.models import Device
from cosearch.errors import CosearchError
from cosearch.families import NarrowableFamily
from cosearch.families.distinct import Block, Blocks, blocks_of

Seconds = Callable[[Block], float]
_LEAST: Final = 1e-300  # a score whose logarithm is finite


@dataclass(frozen=True)
class OperatorCosts:
    """Of each operator in each layer, alone."""

    layers: tuple[str, ...]
    operators: tuple[str, ...]
    macs: Float[ndarray, "l o"]
    params: Float[ndarray, "l o"]
    latency_s: Float[ndarray, "l o"]  # inf where the target cannot run it

    @property
    def capacity(self) -> Float[ndarray, "l o"]:
        """FLOPs times parameters."""
        return 2.0 * self.macs * self.params

    def scores(self, alpha: float) -> Float[ndarray, "l o"]:
        """(F P)^alpha / latency; 0 for what cannot run, and for what does nothing."""
        does = self.capacity > 0
        return np.divide(
            self.capacity**alpha, self.latency_s, np.zeros_like(self.latency_s), where=does
        )

    def log_scores(self, alpha: float) -> Float[ndarray, "l o"]:
        """-inf for what cannot run. What does nothing is the last resort, but may be one."""
        logs = np.log(np.maximum(self.scores(alpha), _LEAST))
        return np.where(np.isfinite(self.latency_s), logs, -np.inf)


def operator_costs(family: NarrowableFamily, seconds: Seconds) -> OperatorCosts:
    """Every operator of a family in which all layers have the same candidates.

    `seconds` says how long a block alone takes: `by_device` or `by_table`.
    """
    operators = family.space.knobs[0].choices
    if any(knob.choices != operators for knob in family.space.knobs):
        raise CosearchError("operators are scored before the space is narrowed, not after")
    blocks = blocks_of(family)
    numbers = _numbers(blocks)
    of_blocks = [(b.network.macs, b.network.params, seconds(b)) for b in blocks.blocks]
    free = (0.0, 0.0, 0.0)  # last, where `FREE` points to
    macs, params, latency_s = np.array([*of_blocks, free], dtype=float).T
    layers = tuple(knob.name for knob in family.space.knobs)
    names = tuple(str(operator) for operator in operators)
    return OperatorCosts(layers, names, macs[numbers], params[numbers], latency_s[numbers])


def by_device(device: Device) -> Seconds:
    """As the device's model has it."""
    return lambda block: float(device(block.network.layers).latency_s.sum())


def by_table(table: LookupTable) -> Seconds:
    """As measured. Raises `CosearchError` for a block that the table lacks."""
    return lambda block: table.row(block.key, block.label).latency_s


def _numbers(blocks: Blocks) -> Int[ndarray, "l o"]:
    """Which block each operator is in each layer: shapes do not depend on what came before."""
    return np.array([numbers for columns, _, numbers, _ in blocks.parts if columns])
