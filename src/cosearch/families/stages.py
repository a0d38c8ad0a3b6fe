"""Spaces around networks that are tables: fields of their rows become knobs.

A `Plan` is stages of blocks. A field is chosen once for a whole stage or block by block; what is
not chosen stays as the row has it. Knobs are named ``stage2.kernel`` or ``stage2.block1.kernel``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cosearch.families.chain import Chain, Slot
from cosearch.families.growers import Head, Read, Run, Stem
from cosearch.families.widths import SCALED, scaled_row, scaled_width
from cosearch.networks.network import Shape
from cosearch.space import Choice, Knob, Space
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row, Table

Choices = Mapping[str, tuple[Choice, ...]]
Gates = Mapping[str, tuple[str, tuple[Choice, ...]]]
RESOLUTION: Final = "resolution"
_STEM: Final = ("stem", "stem_kernel")
_HEAD: Final = ("head", "features")


def fill_in(row: Row, chosen: dict[str, Any]) -> Row:
    """The row with the chosen fields."""
    return replace(row, **chosen)


@dataclass(frozen=True)
class Block:
    """One place for a block. `reads` names knobs of elsewhere that `read` takes too."""

    row: Row
    choices: Choices = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    read: Read = fill_in


@dataclass(frozen=True)
class Stage:
    """Blocks in a row. Of `shared`, `repeats` says how many of them there are."""

    blocks: tuple[Block, ...]
    shared: Choices = field(default_factory=dict)

    @property
    def depths(self) -> tuple[int, ...]:
        """How many blocks it may have."""
        return tuple(int(n) for n in self.shared.get("repeats", (len(self.blocks),)))


def blockwise(row: Row, choices: Choices, shared: Choices | None = None) -> Stage:
    """A stage whose blocks choose one by one; where the row does not expand, the kernel only."""
    own = {name: options for name, options in choices.items() if _may_choose(row, name)}
    return Stage(tuple(Block(block, own) for block in blocks(row)), shared or {})


def stagewise(row: Row, shared: Choices) -> Stage:
    """A stage whose blocks are alike."""
    deepest = max(int(depth) for depth in shared.get("repeats", (row.repeats,)))
    return Stage(tuple(Block(block) for block in blocks(replace(row, repeats=deepest))), shared)


def _may_choose(row: Row, name: str) -> bool:
    return row.expansion != 1 or name == "kernel"


@dataclass(frozen=True)
class Plan:
    """A space of networks. `outer` are choices of the table's own fields, and free knobs;
    `resolution` among them is the size of the image.

    `gates` switch a field off: field -> (other field of the same place, values that allow it).
    """

    name: str
    table: Table
    stages: tuple[Stage, ...]
    image: Shape = (3, 224, 224)
    outer: Choices = field(default_factory=dict)
    gates: Gates = field(default_factory=dict)
    width: float = 1.0  # what `fitted` multiplied the channels by

    def chain(self) -> Chain:
        """The space with the slots that read it."""
        slots = (
            Slot("stem", self._outer(_STEM), Stem(self.table, self._outer(_STEM))),
            *self._slots(),
            Slot("", self._outer(_HEAD), Head(self.table, self._outer(_HEAD))),
        )
        space = Space(list(self._knobs()))
        sizes = [int(size) for size in self.outer.get(RESOLUTION, ())]
        inputs: list[Shape] = [(self.image[0], size, size) for size in sizes] or [self.image]
        return Chain(
            self.name,
            space,
            slots,
            tuple(inputs),
            resolution=RESOLUTION if sizes else None,
            norm_eps=self.table.norm_eps,
        )

    def _outer(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in fields if name in self.outer)

    def _slots(self) -> Iterator[Slot]:
        """A slot per block; one for all later blocks of a stage where they are alike."""
        for i, stage in enumerate(self.stages):
            if any(block.choices for block in stage.blocks):
                yield from (self._slot(i, j, (block,)) for j, block in enumerate(stage.blocks))
                continue
            yield self._slot(i, 0, stage.blocks[:1])
            if stage.blocks[1:]:
                yield self._slot(i, 1, stage.blocks[1:])

    def _slot(self, i: int, first: int, group: tuple[Block, ...]) -> Slot:
        """Reads no more knobs than these blocks need: the fewer, the smaller its table."""
        stage = self.stages[i]
        needless = {"channels"} if first else set()  # later blocks are as wide as their input
        if min(stage.depths) >= first + len(group):
            needless.add("repeats")
        shared = tuple(name for name in stage.shared if name not in needless)
        own = tuple(group[0].choices)
        reads = tuple(dict.fromkeys(name for block in group for name in block.reads))
        name = f"stage{i}.block{first}" if len(group) == 1 else f"stage{i}"
        knobs = (*(f"stage{i}.{n}" for n in shared), *(f"{name}.{n}" for n in own), *reads)
        places = tuple((block.row, block.reads, block.read) for block in group)
        run = Run(self.table, first, places, reads, (*shared, *own, *reads))
        return Slot(name, knobs, run)

    # ---- knobs

    def _knobs(self) -> Iterator[Knob]:
        for name, options in self.outer.items():
            yield Knob(name, options)
        for i, stage in enumerate(self.stages):
            yield from self._knobs_of(f"stage{i}.", stage.shared, self._deep(i, 0))
            for j, block in enumerate(stage.blocks):
                yield from self._knobs_of(f"stage{i}.block{j}.", block.choices, self._deep(i, j))

    def _knobs_of(
        self, prefix: str, choices: Choices, deep: Mapping[str, tuple[Choice, ...]]
    ) -> Iterator[Knob]:
        for name, options in choices.items():
            gate = {prefix + other: values for other, values in self._gate(name, choices)}
            yield Knob(prefix + name, options, {} if name == "repeats" else {**deep, **gate})

    def _deep(self, i: int, j: int) -> dict[str, tuple[Choice, ...]]:
        """The condition that stage i has a block j; none if it always does."""
        depths = self.stages[i].depths
        enough = tuple(depth for depth in depths if depth > j)
        return {} if len(enough) == len(depths) else {f"stage{i}.repeats": enough}

    def _gate(self, name: str, choices: Choices) -> Iterator[tuple[str, tuple[Choice, ...]]]:
        if name not in self.gates:
            return
        other, values = self.gates[name]
        allowed = tuple(value for value in choices.get(other, ()) if value in values)
        if len(allowed) < len(choices.get(other, ())):
            yield other, allowed

    # ---- references

    def values(self, stages: Sequence[Sequence[Row]], **outer: Choice) -> dict[str, Choice]:
        """Knob values of the network whose stages consist of these blocks."""
        found = {
            name: scaled_width(int(value), self.width) if name in SCALED else value
            for name, value in outer.items()
        }
        for i, (stage, rows) in enumerate(zip(self.stages, stages, strict=True)):
            if "repeats" in stage.shared:
                found[f"stage{i}.repeats"] = len(rows)
            if rows:
                found |= self._fields(f"stage{i}.", stage.shared, rows[0])
            for j, block in enumerate(stage.blocks):
                row = rows[j] if j < len(rows) else _SKIPPED
                found |= self._fields(f"stage{i}.block{j}.", block.choices, row)
        return found

    def _fields(self, prefix: str, choices: Choices, row: Row) -> dict[str, Choice]:
        """The chosen fields of a row; fewer where it is skipped or a gate is shut."""
        return {
            prefix + name: getattr(scaled_row(row, self.width), name)
            for name in choices
            if name != "repeats" and self._counts(name, choices, row)
        }

    def _counts(self, name: str, choices: Choices, row: Row) -> bool:
        """Whether no gate switches this field of the row off."""
        if row.operator == "skip":
            return name == "operator"
        other, values = self.gates.get(name, ("", ()))
        return other not in choices or getattr(row, other) in values


_SKIPPED: Final = Row("skip", 1, 1, 1, 0)
