"""Problems of a small network on chips, quick to model."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from cosearch.cost import EdgeModel
from cosearch.families import NahasChipFamily
from cosearch.hardware import Accelerators
from cosearch.problem import Goal, Limit, Problem, Workloads
from cosearch.space import Knob, Space
from cosearch.zoo import find_network

SMALL = "mobilenet-v2-0.35@64"
OTHER = "mobilenet-v1-0.25@128"

_NAHAS: Final = NahasChipFamily()
_KEPT: Final = ((0, 2, 4), (0, 1, 2, 3, 4), (1, 2), (0, 1, 2, 3), (0, 2, 4), (0, 2), (0, 2, 4))


class FewChips:
    """2,160 of NAHAS's chips: few enough to go through one by one."""

    name, source, references, off_chip_knobs = "few", _NAHAS.source, _NAHAS.references, 1
    space = Space(
        [
            Knob(knob.name, tuple(knob.choices[i] for i in kept))
            for knob, kept in zip(_NAHAS.space.knobs, _KEPT, strict=True)
        ]
    )

    def decode(self, genomes: Any) -> Accelerators:
        columns = [np.array(kept)[genomes[:, i]] for i, kept in enumerate(_KEPT)]
        return _NAHAS.decode(np.stack(columns, axis=1))


def fixed(*names: str, area: float | None = 20.0, **changes: Any) -> Problem:
    """Latency of fixed workloads on NAHAS's 50,000 chips, with an area limit."""
    given = Workloads(tuple(find_network(name) for name in names or (SMALL,)))
    limits = () if area is None else (Limit("area_mm2", area),)
    made = Problem(
        given, NahasChipFamily(), EdgeModel(), None, goals=(Goal("latency_s"),), limits=limits
    )
    return replace(made, **changes)
