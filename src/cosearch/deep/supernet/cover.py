"""The largest of every shared tensor, found by growing the largest blocks alone.

A chain is walked slot by slot. Every choice with weights of its own is grown; elastic knobs stand
at their largest value, and each once at its smallest, because a stage left out may pass on more
channels than it would make. Of the shapes that reach a slot only the largest count.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from cosearch.deep.supernet.block import Ends, Shapes, grown
from cosearch.deep.supernet.sharing import Sharing, is_elastic
from cosearch.families.chain import Slot, Values
from cosearch.networks import Network
from cosearch.space import Choice, Knob

Bound = frozenset[tuple[str, Choice]]  # what knobs have been given that later slots read too
State = tuple[Shapes, Bound]
Graph = tuple[Network, Ends]


def largest_blocks(sharing: Sharing) -> Iterator[tuple[Slot, Values, Graph]]:
    """Blocks that hold, between them, every shared tensor at its largest."""
    chain = sharing.chain
    last = {knob: i for i, slot in enumerate(chain.slots) for knob in slot.knobs}
    states: set[State] = _largest({((shape,), frozenset()) for shape in chain.inputs})
    for i, slot in enumerate(chain.slots):
        after: set[State] = set()
        for shapes, bound in sorted(states, key=repr):
            for values in _corners(sharing, slot, dict(bound)):
                network, ends = graph = grown(chain, slot, shapes, values)
                yield slot, values, graph
                chosen = {*bound, *zip(slot.knobs, values, strict=True)}
                kept = {(k, v) for k, v in chosen if last[k] > i and sharing.divides(k)}
                put_out = tuple(network.by_name[end].shape for end in ends)
                after.add((put_out, frozenset(kept)))
        states = _largest(_telling(sharing, after))


def _corners(sharing: Sharing, slot: Slot, bound: dict[str, Choice]) -> Iterable[Values]:
    """Every choice with the elastic knobs at their ends; each combination once."""
    chain = sharing.chain
    knobs = [chain.space.knobs[chain.column(name)] for name in slot.knobs]
    elastic = [i for i, knob in enumerate(knobs) if not sharing.divides(knob.name)]
    seen: dict[Values, None] = {}
    for small in [None, *elastic]:
        options = [
            (bound[knob.name],)
            if knob.name in bound
            else (_ends(knob)[i == small],)
            if i in elastic
            else knob.choices
            for i, knob in enumerate(knobs)
        ]
        for values in itertools.product(*options):
            if is_canonical(knobs, values):
                seen.setdefault(values)
    return seen


def _telling(sharing: Sharing, states: set[State]) -> set[State]:
    """Forgets knobs any of whose choices leads to the same shapes: nothing depends on them."""
    for name in sorted({knob for _, bound in states for knob, _ in bound}):
        choices = sharing.chain.space.knobs[sharing.chain.column(name)].choices
        seen: dict[Shapes, set[Choice]] = {}
        for shapes, bound in states:
            seen.setdefault(shapes, set()).update(v for k, v in bound if k == name)
        if all(len(values) == len(choices) for values in seen.values()):
            states = {(s, frozenset(b for b in bound if b[0] != name)) for s, bound in states}
    return states


def is_canonical(knobs: list[Knob], values: Values) -> bool:
    """Whether no knob is switched off by another of its slot and has a choice of weights still."""
    chosen = dict(zip([knob.name for knob in knobs], values, strict=True))
    return all(
        is_elastic(knob)
        or value == knob.choices[0]
        or all(chosen[other] in on for other, on in knob.when.items() if other in chosen)
        for knob, value in zip(knobs, values, strict=True)
    )


def _ends(knob: Knob) -> tuple[Choice, Choice]:
    """(largest, smallest); of words the first and the last."""
    if is_elastic(knob):
        numbers: Any = knob.choices
        return max(numbers), min(numbers)
    return knob.choices[0], knob.choices[-1]


def _largest(states: Iterable[State]) -> set[State]:
    """Without those that another state of the same choices is at least as large as."""
    every = set(states)
    return {s for s in every if not any(o != s and _within(s, o) for o in every)}


def _within(small: State, large: State) -> bool:
    if small[1] != large[1] or len(small[0]) != len(large[0]):
        return False
    pairs: Any = zip(small[0], large[0], strict=True)
    return all(
        len(a) == len(b) and all(x <= y for x, y in zip(a, b, strict=True)) for a, b in pairs
    )
