"""Channels in the order of their importance, so that narrow networks get the best of them.

Once-for-All (Cai et al., arXiv 1908.09791, section 3.3) does so before widths become elastic:
networks with fewer channels take the first ones. Networks of full width compute what they did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from cosearch.deep.supernet.channels import SharedChannels, shared_channels
from cosearch.deep.supernet.supernet import Supernet
from cosearch.errors import CosearchError, unknown

OUTGOING: Final = "outgoing"
INCOMING: Final = "incoming"

Places = Int[ndarray, " n"]


@dataclass(frozen=True)
class Order:
    """For each tensor that changes, by name: axes, and the old places of what is along them."""

    moves: Mapping[str, tuple[tuple[int, Places], ...]]

    @torch.no_grad()
    def apply(self, tensors: Mapping[str, Tensor]) -> None:
        """Rearrange in place those of the tensors that change: weights, or what belongs to them."""
        for name in self.moves.keys() & tensors.keys():
            tensor = tensors[name]
            for axis, places in self.moves[name]:
                tensor.copy_(tensor.index_select(axis, torch.from_numpy(places).to(tensor.device)))


def sort_channels(supernet: Supernet, by: str = OUTGOING) -> Order:
    """Put the shared channels in order, the most important first; returns what moved.

    Importance is the L1 norm of the weights that read a channel (`outgoing`, as in the code of
    Once-for-All), or make it (`incoming`), summed over all operators that do. Equals keep their
    order. Networks of full width, of any depth, kernels and operators, compute the same up to the
    order of their sums: differences within 1e-5 of the largest output in single precision (1e-3
    of a vision transformer's, whose softmax makes them larger), 1e-10 in double.

    Channels keep their places where networks read them in groups, or mix them in ways of their
    own, as attention does. Raises `CosearchError` where options share no weights.
    """
    if supernet.sharing.separate:
        raise CosearchError("sort channels: options with separate weights have no order in common")
    tensors = supernet.state_dict()
    sizes = {name: tensor.shape for name, tensor in tensors.items()}
    channels = shared_channels(supernet.sharing, sizes, supernet.affine)
    order = _order(channels, importance(channels, tensors, by))
    order.apply(tensors)
    return order


def importance(
    channels: SharedChannels, tensors: Mapping[str, Tensor], by: str
) -> Float[ndarray, " classes"]:
    """Of each class of channels."""
    if by not in (OUTGOING, INCOMING):
        raise unknown("importance", by, (OUTGOING, INCOMING))
    total = np.zeros(1 + max(int(line.max()) for line in channels.places.values()))
    for (key, axis, reads), classes in channels.places.items():
        weight = tensors[key]
        if weight.ndim > 1 and reads == (by == OUTGOING):
            others = [i for i in range(weight.ndim) if i != axis]
            norms = weight.detach().abs().sum(others, dtype=torch.float64)
            np.add.at(total, classes, norms.cpu().numpy())
    return total


def _order(channels: SharedChannels, weight: Float[ndarray, " classes"]) -> Order:
    comes = np.arange(len(weight))  # the class that comes to the place of each
    for group in channels.groups:
        comes[group] = group[np.argsort(-weight[group], kind="stable")]
    moves: dict[str, list[tuple[int, Places]]] = defaultdict(list)
    for at, classes in channels.places.items():
        places = _places(classes, comes)
        if (places != np.arange(len(places))).any():
            moves[at.key].append((at.axis, places))
    return Order({key: tuple(each) for key, each in moves.items()})


def _places(classes: Places, comes: Int[ndarray, " classes"]) -> Places:
    """Where along an axis each new entry was; what does not move may be there several times."""
    places = np.arange(len(classes))
    where = np.zeros(len(comes), dtype=np.int64)
    where[classes] = places
    moved = comes[classes] != classes
    places[moved] = where[comes[classes[moved]]]
    return places
