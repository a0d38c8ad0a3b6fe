"""Which choices share weights.

Numbers are elastic: a smaller kernel, width or depth is a slice of the larger one. Words are
choices: every operator has weights of its own. The tables hold what the rule gets wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cosearch.deep.supernet.block import Naming
from cosearch.families.chain import Chain, Slot, Values
from cosearch.space import Choice, Knob

# numbers whose weights are no slices of each other
SEPARATE: Final = {
    "groups": "grouped kernels read other channels",
    "patch": "an embedding of other pixels",
    "heads": "channels are dealt out to heads in another way",
    "space_to_depth": "folded channels are other pixels",
}
_KINDS: Final = {"kernel": "kernel", "depth": "depth", "repeats": "depth"}  # others are widths
# words that have no weights
SHARED: Final = {"shortcut": "an identity, a pool or nothing beside the same block"}


def is_elastic(knob: Knob) -> bool:
    """Whether its choices have an order of size, and share weights."""
    words = any(isinstance(choice, str | bool) for choice in knob.choices)
    return not words and _last(knob) not in SEPARATE


def is_separate(knob: Knob) -> bool:
    """Whether each of its choices has weights of its own."""
    return not is_elastic(knob) and _last(knob) not in SHARED


def kind_of(knob: Knob) -> str:
    """Of an elastic knob: kernel, depth or width."""
    return _KINDS.get(_last(knob), "width")


def _last(knob: Knob) -> str:
    """A knob's name without its place, such as "kernel" of "stage2.block1.kernel"."""
    return knob.name.rpartition(".")[2]


@dataclass(frozen=True)
class Sharing:
    """How the networks of a chain share weights; `separate`: no two options of a slot do."""

    chain: Chain
    separate: bool = False

    def divides(self, knob: str) -> bool:
        """Whether the choices of `knob` have weights of their own."""
        return self.separate or is_separate(self.chain.space.knobs[self.chain.column(knob)])

    def kernels(self, slot: Slot) -> set[Choice]:
        """Sizes of kernels that share weights there."""
        knobs = [self.chain.space.knobs[self.chain.column(name)] for name in slot.knobs]
        elastic = [knob for knob in knobs if not self.divides(knob.name)]
        return {size for knob in elastic if _last(knob) == "kernel" for size in knob.choices}

    def naming(self, slot: Slot, values: Values) -> Naming:
        """How the tensors of a block are called: node, choices, role; torch forbids dots."""
        chosen = zip(slot.knobs, values, strict=True)
        words = [str(value) for knob, value in chosen if self.divides(knob)]

        def name(node: str, role: str) -> str:
            edge = re.search(r"\.edge(\d+)\b", node)  # of a cell: its weights are of its operator
            mine = [words[int(edge[1])]] if edge and len(words) == len(values) else words
            return "|".join((node, ",".join(mine), role)).replace(".", "/")

        return name
