"""Layer-wise spaces as a list of places, each with options of its own.

What differentiable searches and policies choose among: of a place exactly one option, whatever
the other places have.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.chain import Chain, Slot, Values
from cosearch.space import Knob


@dataclass(frozen=True)
class Place:
    """One decision of a layer-wise space."""

    slot: str  # the chain's slot, such as "stage2.block1"
    knobs: tuple[str, ...]  # of that slot alone
    options: tuple[Values, ...]  # combinations of their choices, each network once


def places_of(chain: Chain) -> tuple[Place, ...]:
    """The slots that read knobs, in order; the options count as the last knob fastest.

    Where one knob switches off another of its slot, the combinations that differ in nothing
    else are one option. An option may be wider than the others of its place, so that later
    blocks look different. Raises `CosearchError` where two slots share a knob, as stage-wise
    spaces do, or the size of the image is chosen too.
    """
    if chain.resolution is not None:
        raise CosearchError(f"space {chain.name!r} chooses the image's size: it is not layer-wise")
    readers = [slot for slot in chain.slots if slot.knobs]
    seen: dict[str, str] = {}
    for slot in readers:
        for knob in slot.knobs:
            if seen.setdefault(knob, slot.name) != slot.name:
                raise CosearchError(
                    f"space {chain.name!r} is not layer-wise: slots {seen[knob]!r} and "
                    f"{slot.name!r} share knob {knob!r}"
                )
    return tuple(Place(slot.name, slot.knobs, _options(chain, slot)) for slot in readers)


def _options(chain: Chain, slot: Slot) -> tuple[Values, ...]:
    knobs = [chain.space.knobs[chain.column(name)] for name in slot.knobs]
    for knob in knobs:
        for other in knob.when:
            if other not in slot.knobs:
                raise CosearchError(
                    f"space {chain.name!r} is not layer-wise: knob {knob.name!r} depends on "
                    f"{other!r} of another slot"
                )
    every = itertools.product(*(knob.choices for knob in knobs))
    return tuple(values for values in every if _canonical(knobs, values))


def _canonical(knobs: list[Knob], values: Values) -> bool:
    """Whether each knob that is switched off has its first choice."""
    chosen = dict(zip([knob.name for knob in knobs], values, strict=True))
    return all(
        value == knob.choices[0] or all(chosen[name] in on for name, on in knob.when.items())
        for knob, value in zip(knobs, values, strict=True)
    )


def genomes_of(chain: Chain, options: Int[ndarray, "n p"]) -> Int[ndarray, "n d"]:
    """Canonical genomes of the numbers of the options chosen, one column per place."""
    places = places_of(chain)
    options = np.atleast_2d(np.asarray(options))
    if options.shape[1] != len(places) or options.dtype.kind not in "iu":
        raise CosearchError(
            f"options of shape {options.shape} and type {options.dtype}: "
            f"expected (n, {len(places)}) integers"
        )
    genomes = np.zeros((len(options), len(chain.space)), dtype=np.int64)
    for i, place in enumerate(places):
        _check(place, options[:, i])
        genomes[:, _columns(chain, place)] = _indices(chain, place)[options[:, i]]
    return genomes


def options_of(chain: Chain, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n p"]:
    """Inverse of `genomes_of`; genomes need not be canonical."""
    genomes = chain.space.canonical(chain.space.validate(genomes))
    places = places_of(chain)
    options = np.empty((len(genomes), len(places)), dtype=np.int64)
    for i, place in enumerate(places):
        columns = _columns(chain, place)
        sizes = tuple(chain.space.cardinalities[columns])
        codes = np.ravel_multi_index(tuple(_indices(chain, place).T), sizes)
        wanted = np.ravel_multi_index(tuple(genomes[:, columns].T), sizes)
        options[:, i] = np.searchsorted(codes, wanted)
    return options


def _check(place: Place, options: Int[ndarray, " n"]) -> None:
    bad = (options < 0) | (options >= len(place.options))
    if bad.any():
        raise CosearchError(
            f"place {place.slot!r}: option {options[bad][0]}, "
            f"allowed are 0 to {len(place.options) - 1}"
        )


def _columns(chain: Chain, place: Place) -> list[int]:
    return [chain.column(knob) for knob in place.knobs]


def _indices(chain: Chain, place: Place) -> Int[ndarray, "o k"]:
    """The options as indices of choices; they count up."""
    knobs = [chain.space.knobs[column] for column in _columns(chain, place)]
    rows = [[k.index(v) for k, v in zip(knobs, values, strict=True)] for values in place.options]
    return np.array(rows, dtype=np.int64)
