"""The space of Accel-NASBench (Ahmad et al. 2024, arXiv 2404.08005): MnasNet's about B0's stages.

Per stage expansion, kernel, layers, squeeze: 18 x 2 choices, and 24 x 2 in the sixth, of four
layers at most. All blocks of a stage are alike, the first one strides. Squeeze-and-excitation is a
quarter of the block's input wide; activations are ReLU and the hard sigmoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Plan, Stage, stagewise
from cosearch.networks import unfuse
from cosearch.networks.network import Shape
from cosearch.space import Space
from cosearch.zoo.efficientnet import B0
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import SqueezeRule, Table

_LAYERS: Final = ((1, 2, 3),) * 5 + ((1, 2, 3, 4), (1, 2, 3))
_SQUEEZE: Final = 0.25
_SOURCE: Final = "arXiv 2404.08005, appendix B; afzalxo/ANB-DatasetCollection"


def accel_nasbench_family(
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    eager: bool = False,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """1.0e11 networks; `eager`: with norms and activations as operators of their own."""
    table = Table(32, classes=classes, squeeze=SqueezeRule(gate="hsigmoid"))
    plan = fitted(Plan("accel-nasbench", table, tuple(_stages()), image), width, unstrided)
    chain = replace(plan.chain(), rewrite=unfuse if eager else None)
    reference = plan.values([list(blocks(row)) for row in B0])
    return ChainFamily(chain, {"efficientnet-b0-relu": reference}, _SOURCE)


def genomes_of(space: Space, choices: Int[ndarray, "n 28"]) -> Int[ndarray, "n 28"]:
    """Genomes of networks written as the benchmark does: e, k, layers, SE (0, 1) of each block."""
    values = choices.astype(float)
    values[:, 3::4] *= _SQUEEZE
    columns = []
    for knob, column in zip(space.knobs, values.T, strict=True):
        found = column[:, None] == np.array(knob.choices, dtype=float)
        if not found.any(1).all():
            odd = column[~found.any(1)][0]
            raise CosearchError(f"{knob.name} = {odd:g}: one of {knob.choices} is needed")
        columns.append(found.argmax(1))
    return np.stack(columns, axis=1)


def _stages() -> Iterator[Stage]:
    for row, layers in zip(B0, _LAYERS, strict=True):
        yield stagewise(
            replace(row, squeeze=0.0),
            {
                "expansion": (1, 4, 6),
                "kernel": (3, 5),
                "repeats": layers,
                "squeeze": (0.0, _SQUEEZE),
            },
        )
