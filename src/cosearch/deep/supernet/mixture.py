"""Networks that are mixtures: in each place the weighted sum of what its options put out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from cosearch.deep.supernet.block import Block, Live, Shapes
from cosearch.deep.supernet.paths import Paths
from cosearch.errors import CosearchError
from cosearch.families.chain import Chain
from cosearch.families.places import Place, places_of

Run = Callable[[Block, Live], Live]


def mixture(
    chain: Chain, paths: Paths, run: Run, images: Tensor, weights: Sequence[Tensor]
) -> Tensor:
    """Logits; see `Supernet.mixture`."""
    shares = _shares(chain, weights)
    live: Live = (images,)
    for i, slot in enumerate(chain.slots):
        if slot.knobs:
            parts = _parts(i, paths, run, live, *shares[slot.name])
            live = _summed(parts, slot.name)
        else:
            live = run(paths.block(i, _shapes(live), ()), live)
    return live[0]


def _shares(chain: Chain, weights: Sequence[Tensor]) -> dict[str, tuple[Place, Tensor]]:
    places = places_of(chain)
    needed, given = [len(place.options) for place in places], [len(each) for each in weights]
    if needed != given:
        raise CosearchError(f"weights of {given} options: {needed} are needed")
    return {place.slot: (place, each) for place, each in zip(places, weights, strict=True)}


def _parts(
    i: int, paths: Paths, run: Run, live: Live, place: Place, share: Tensor
) -> list[tuple[Tensor, Live]]:
    """(weight, what the option puts out) of each option that has a weight."""
    shapes = _shapes(live)
    return [
        (weight, run(paths.block(i, shapes, values), live))
        for values, weight, there in zip(place.options, share, (share != 0).tolist(), strict=True)
        if there
    ]


def _summed(parts: list[tuple[Tensor, Live]], slot: str) -> Live:
    if not parts:
        raise CosearchError(f"the weights of {slot!r} are all 0: one must not be")
    shapes = list(dict.fromkeys(_shapes(ends) for _, ends in parts))
    if len(shapes) > 1:
        raise CosearchError(f"options of {slot!r} put out shapes {shapes}: they cannot be mixed")
    scaled = [[weight * end for end in ends] for weight, ends in parts]
    total = scaled[0]
    for more in scaled[1:]:
        total = list(map(torch.add, total, more))
    return tuple(total)


def _shapes(live: Live) -> Shapes:
    return tuple(tuple(tensor.shape[1:]) for tensor in live)
