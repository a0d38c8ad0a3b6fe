"""A chip family whose knobs fall into an on-chip and an off-chip group: design = (o, f).

The last `off_chip_knobs` knobs are the off-chip group. Either group is counted like an odometer,
its last knob fastest, and so is the whole: design index = o * n_off + f is the genome's place in
lexicographic order, from 0 to `space.size` - 1.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.hardware import Accelerators
from cosearch.space import Space


class FactoredFamily(Protocol):
    """What the sweep needs of a chip family; its knobs must be ungated."""

    @property
    def name(self) -> str:
        """As in `FAMILIES`."""
        ...

    @property
    def space(self) -> Space:
        """The knobs, the off-chip group last."""
        ...

    @property
    def off_chip_knobs(self) -> int:
        """How many of the last knobs decide what happens outside the PEs."""
        ...

    def decode(self, genomes: Int[ndarray, "n d"]) -> Accelerators:
        """Chips (n,) of many genomes."""
        ...


def sizes(family: FactoredFamily) -> tuple[int, int]:
    """(n_on, n_off): combinations of either group."""
    choices = [len(knob.choices) for knob in family.space.knobs]
    on = len(choices) - family.off_chip_knobs
    if any(knob.when for knob in family.space.knobs):
        raise CosearchError(f"family {family.name}: has gated knobs; the sweep needs free ones")
    return math.prod(choices[:on]), math.prod(choices[on:])


def genomes(family: FactoredFamily, designs: Int[ndarray, " n"]) -> Int[ndarray, "n d"]:
    """Design indices to genomes."""
    return np.stack(np.unravel_index(designs, family.space.cardinalities), axis=1)


def designs(family: FactoredFamily, genomes: Int[ndarray, "n d"]) -> Int[ndarray, " n"]:
    """Genomes to design indices, inverse of `genomes`."""
    rows = family.space.validate(genomes)
    return np.ravel_multi_index(tuple(rows.T), tuple(family.space.cardinalities))


def on_chip(family: FactoredFamily) -> Accelerators:
    """Chips (n_on,): every on-chip combination o, at off-chip setting 0."""
    n_on, n_off = sizes(family)
    return family.decode(genomes(family, np.arange(n_on) * n_off))


def off_chip(family: FactoredFamily) -> Accelerators:
    """Chips (n_off,): every off-chip setting f, at on-chip combination 0."""
    return family.decode(genomes(family, np.arange(sizes(family)[1])))
