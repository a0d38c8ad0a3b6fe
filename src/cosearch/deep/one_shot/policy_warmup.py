"""TuNAS's warm-up: rarely chosen operators and filters get trained before the policy can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.space import Space

WIDTHS: Final = ("width", "channels", "stem", "head", "features")  # last part of a knob's name


@dataclass(frozen=True)
class Warmed:
    """What a step trains: the network of `genome`, or all operators at once."""

    genome: Int[ndarray, " d"]
    all_operators: bool


def warm(
    space: Space, genome: Int[ndarray, " d"], warmth: float, rng: np.random.Generator
) -> Warmed:
    """With probability `warmth` all operators, and likewise, by a draw of its own, full width."""
    operators, filters = rng.random(2) < warmth
    return Warmed(widest(space, genome) if filters else genome, bool(operators))


def widest(space: Space, genome: Int[ndarray, " d"]) -> Int[ndarray, " d"]:
    """The same network with as many filters as the space has anywhere."""
    widths = [knob.name.rpartition(".")[2] in WIDTHS for knob in space.knobs]
    return space.canonical(np.where(widths, space.cardinalities - 1, genome)[None])[0]
