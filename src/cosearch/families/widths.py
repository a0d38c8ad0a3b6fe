"""Choices of channels: multiples of a base width."""

from dataclasses import replace
from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.table import Row

MULTIPLIERS: Final = (0.5, 0.625, 0.75, 1.0, 1.25, 1.5, 2.0)  # TuNAS (arXiv 2008.06120)
SCALED: Final = ("stem", "head", "features", "channels")  # fields that are numbers of channels


def widths(base: int, multipliers: tuple[float, ...]) -> tuple[int, ...]:
    """Each multiple of `base`, as a multiple of 8, once."""
    return tuple(sorted({divisible(base * multiplier) for multiplier in multipliers}))


def nearest(base: int, multipliers: tuple[float, ...]) -> tuple[int, ...]:
    """As `widths`, to the nearest multiple of 8, as TuNAS rounds."""
    return tuple(sorted({max(8, int(base * m / 8 + 0.5) * 8) for m in multipliers}))


def scaled_width(channels: int, width: float) -> int:
    """Channels of a network `width` times as wide, to multiples of 8; none stay none."""
    return channels if width == 1 or not channels else divisible(width * channels)


def scaled_row(row: Row, width: float) -> Row:
    """The row of a network `width` times as wide."""
    if width == 1:
        return row
    source = row.source and scaled_width(row.source, width)
    return replace(row, channels=scaled_width(row.channels, width), source=source)
