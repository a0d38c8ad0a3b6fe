"""Progressive shrinking (Once-for-All, Cai et al., arXiv 1908.09791): the largest network first,
then ever smaller kernels, depths and widths, taught by the largest.

The phases' lengths are those of mit-han-lab/once-for-all, after one for the largest alone. Unlike
there, the teacher is the largest network as it is, not a copy from before; channels are sorted
once, not at each new width; and the learning rate is the loop's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor

from cosearch.deep.supernet.ends import sandwich
from cosearch.deep.supernet.sharing import is_elastic, kind_of
from cosearch.deep.supernet.sorting import Order, sort_channels
from cosearch.deep.supernet.supernet import Supernet
from cosearch.deep.training import Moment, TrainSettings, cross_entropy
from cosearch.space import Knob, Space

_ALL: Final = 10**6


@dataclass(frozen=True)
class Phase:
    """Part of a run. `choices` are how many of the largest choices are open, by kind of knob."""

    length: float  # beside the others'
    networks: int  # in a step
    choices: Mapping[str, int]


PHASES: Final = (
    Phase(120, 1, {}),
    Phase(120, 1, {"kernel": _ALL}),
    Phase(25, 2, {"kernel": _ALL, "depth": 2}),
    Phase(120, 2, {"kernel": _ALL, "depth": _ALL}),
    Phase(25, 4, {"kernel": _ALL, "depth": _ALL, "width": 2}),
    Phase(120, 4, {"kernel": _ALL, "depth": _ALL, "width": _ALL}),
)


@dataclass
class Shrinking:
    """The phases one after another, each for its share of the run.

    With `sort`, channels are sorted by importance just before the first width opens. Kernels are
    transformed where the supernet is one with `transforms`.
    """

    model: Supernet
    settings: TrainSettings
    phases: tuple[Phase, ...] = PHASES
    name: str = "supernet"
    sort: bool = False
    in_order: bool = field(default=False, init=False)

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Some networks of the phase, taught by labels and, once there is more, the largest."""
        phase = self.phase(moment.done)
        genomes = draw(self.model.family.space, moment.rng, phase)
        taught = self._taught(images, moment) if phase.choices else None
        total = 0.0
        for genome in genomes:
            loss = self._loss(self.model(images, genome), labels, taught)
            moment.backward(loss / len(genomes))
            total += loss.item() / len(genomes)
        return total

    @torch.no_grad()
    def _taught(self, images: Tensor, moment: Moment) -> Tensor:
        largest = sandwich(self.model.family, moment.rng, 0)[0]
        return self.model(images, largest).softmax(1)

    def _loss(self, logits: Tensor, labels: Tensor, taught: Tensor | None) -> Tensor:
        """Labels and teacher count alike, as there."""
        loss = cross_entropy(logits, labels, smoothing=self.settings.label_smoothing)
        return loss if taught is None else (loss + cross_entropy(logits, taught)) / 2

    def rearrange(self, moment: Moment) -> Order | None:
        """The channels, when their time has come."""
        if not self.sort or self.in_order or "width" not in self.phase(moment.done).choices:
            return None
        self.in_order = True
        return sort_channels(self.model)

    def phase(self, done: float) -> Phase:
        """Where a run stands of which `done` is behind."""
        ends = np.cumsum([phase.length for phase in self.phases])
        return self.phases[int(np.searchsorted(ends, done * ends[-1], side="right"))]

    def state_dict(self) -> dict[str, Any]:
        """Whether channels have been sorted."""
        return {"in_order": self.in_order}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self.in_order = state.get("in_order", False)


def draw(space: Space, rng: np.random.Generator, phase: Phase) -> Int[ndarray, "n d"]:
    """The phase's networks of a step: elastic knobs among what is open, words among all."""
    opened = [_open(knob, phase.choices) for knob in space.knobs]
    sizes = [len(choices) for choices in opened]
    picks = rng.integers(0, sizes, size=(phase.networks, len(space)))
    genomes = [[c[i] for c, i in zip(opened, row, strict=True)] for row in picks]
    return space.canonical(np.array(genomes, dtype=np.int64))


def _open(knob: Knob, choices: Mapping[str, int]) -> list[int]:
    """Indices of the choices a phase allows."""
    if not is_elastic(knob):
        return list(range(len(knob.choices)))
    falling = sorted(range(len(knob.choices)), key=lambda i: knob.choices[i], reverse=True)
    return falling[: choices.get(kind_of(knob), 1)]
