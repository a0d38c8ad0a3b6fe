"""Choices of channels: multiples of a base width."""

from typing import Final

from cosearch.networks.blocks.mobile import divisible

MULTIPLIERS: Final = (0.5, 0.625, 0.75, 1.0, 1.25, 1.5, 2.0)  # TuNAS (arXiv 2008.06120)


def widths(base: int, multipliers: tuple[float, ...]) -> tuple[int, ...]:
    """Each multiple of `base`, as a multiple of 8, once."""
    return tuple(sorted({divisible(base * multiplier) for multiplier in multipliers}))


def nearest(base: int, multipliers: tuple[float, ...]) -> tuple[int, ...]:
    """As `widths`, to the nearest multiple of 8, as TuNAS rounds."""
    return tuple(sorted({max(8, int(base * m / 8 + 0.5) * 8) for m in multipliers}))
