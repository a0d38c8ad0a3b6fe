"""Where a family's members lie: what each costs, random ones and the published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import area_mm2
from cosearch.families import Family
from cosearch.hardware import Accelerators, technology

MEMBERS: Final = 1000


@dataclass(frozen=True)
class Cloud:
    """Points (x, y), all positive: `members` random, `references` by name."""

    x_label: str
    y_label: str
    members: Float[ndarray, "n 2"]
    references: dict[str, Float[ndarray, " 2"]]


def family_cloud(family: Family[Any], *, members: int = MEMBERS, seed: int = 0) -> Cloud:
    """MACs and weights of networks; peak rate and area of chips."""
    genomes = family.space.sample(np.random.default_rng(seed), members)
    names = list(family.references)
    named = [family.space.encode(family.references[name]) for name in names]
    decoded = family.decode(np.concatenate([genomes, np.array(named)]))
    if isinstance(decoded, Accelerators):
        labels = ("peak TOPS (int8)", "area, mm²")
        points = decoded.peak_ops_per_s / 1e12, area_mm2(decoded, technology())
    else:
        labels = ("MACs, million", "weights, million")
        points = decoded.macs.sum(-1) / 1e6, decoded.weights.sum(-1) / 1e6
    table = np.stack(points, axis=1).astype(float)
    references = dict(zip(names, table[members:], strict=True))
    return Cloud(*labels, table[:members], references)
