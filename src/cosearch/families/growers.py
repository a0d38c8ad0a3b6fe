"""What the slots of table-like networks grow: the stem, a run of blocks, the head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cosearch.families.chain import Live
from cosearch.networks import Builder
from cosearch.zoo.operators import grow
from cosearch.zoo.staged import head, stem
from cosearch.zoo.table import Row, Table

Read = Callable[[Row, dict[str, Any]], Row]


@dataclass(frozen=True)
class Stem:
    """The first convolution; `fields` of the table are chosen."""

    table: Table
    fields: tuple[str, ...]

    def __call__(self, net: Builder, live: Live, name: str, *values: Any) -> Live:
        """Append it."""
        table = replace(self.table, **dict(zip(self.fields, values, strict=True)))
        return (stem(net, live[0], table),)


@dataclass(frozen=True)
class Run:
    """Blocks one after another, from the `first` of a stage on, as many as its depth allows.

    `places` are (row, what it reads of elsewhere, how it is read).
    """

    table: Table
    first: int
    places: tuple[tuple[Row, tuple[str, ...], Read], ...]
    reads: tuple[str, ...]
    fields: tuple[str, ...]

    def __call__(self, net: Builder, live: Live, name: str, *values: Any) -> Live:
        """Append them; later blocks of a stage are as wide as their input."""
        chosen = dict(zip(self.fields, values, strict=True))
        depth = chosen.pop("repeats", self.first + len(self.places))
        x = live[0]
        for j, (row, reads, read) in enumerate(self.places, self.first):
            if j >= depth:
                break
            mine = {n: v for n, v in chosen.items() if n not in self.reads or n in reads}
            row = read(row, mine)
            if j > 0:
                row = replace(row, channels=net.shape(x)[0])
            x = grow(net, x, row, name if len(self.places) == 1 else f"{name}.block{j}", self.table)
        return (x,)


@dataclass(frozen=True)
class Head:
    """What follows the last block; `fields` of the table are chosen."""

    table: Table
    fields: tuple[str, ...]

    def __call__(self, net: Builder, live: Live, name: str, *values: Any) -> Live:
        """Append it."""
        table = replace(self.table, **dict(zip(self.fields, values, strict=True)))
        return (head(net, live[0], table),)
