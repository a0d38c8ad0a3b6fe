"""Some of a chip family's choices: few enough to go through with the model itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cosearch.families import ApolloChipFamily
from cosearch.hardware import Accelerators
from cosearch.space import Knob, Space


@dataclass(frozen=True)
class FewChips:
    """`picked[i]` are the choices, by index, that are left of knob i of Apollo's."""

    picked: tuple[tuple[int, ...], ...]
    name: str = "few"
    source: str = "Apollo's, some of them"
    off_chip_knobs: int = 4

    @property
    def references(self) -> dict[str, Any]:
        return {}

    @cached_property
    def whole(self) -> ApolloChipFamily:
        return ApolloChipFamily()

    @cached_property
    def space(self) -> Space:
        knobs = zip(self.whole.space.knobs, self.picked, strict=True)
        return Space(
            [Knob(knob.name, tuple(knob.choices[i] for i in some)) for knob, some in knobs]
        )

    def decode(self, genomes: Any) -> Accelerators:
        columns = zip(self.picked, self.space.validate(genomes).T, strict=True)
        return self.whole.decode(np.stack([np.array(some)[g] for some, g in columns], axis=1))
