"""Smaller kernels made of larger ones (Once-for-All, Cai et al., arXiv 1908.09791, section 3.3).

The centre of a 7x7 kernel that serves as a 5x5 one need not serve well as it is. So every layer
has a matrix for each smaller size, the same for all its channels, that maps the centre of the next
larger kernel to the smaller one; 3x3 kernels come from 5x5 ones. What is learnt is the matrix's
distance from the identity: at 0, as at first, a kernel is the plain centre.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from cosearch.deep.supernet.crop import crop

Matrix = Float[Tensor, "k2 k2"]  # less the identity; rows are of the smaller kernel's places


def shrunk(
    whole: Float[Tensor, "o i w w"], shape: torch.Size, steps: Iterable[tuple[int, Matrix]]
) -> Float[Tensor, "p j k k"]:
    """The kernels of `shape`: first channels, centre; transformed at each of the `steps`.

    Steps are (size, matrix), sizes falling to that of `shape`. Without any it is a crop.
    """
    part = whole
    with torch.autocast(whole.device.type, enabled=False):  # a network alone has these very weights
        for size, matrix in steps:
            centre = crop(part, torch.Size((*shape[:2], size, size)))
            flat = centre.flatten(2)
            part = (flat + flat @ matrix.T).view_as(centre)
    return crop(part, shape)


def elastic_sizes(choices: Iterable[object], least: int, most: int) -> tuple[int, ...]:
    """Of the kernel sizes that may be chosen, those from `least` to below `most`, falling."""
    sizes = {size for size in choices if isinstance(size, int) and least <= size < most}
    return tuple(sorted(sizes, reverse=True))
