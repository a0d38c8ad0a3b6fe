"""Published spaces of networks that are tables: made at their own size, or fitted to images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Choices, Gates, Plan, Stage
from cosearch.networks.network import Shape
from cosearch.space import Choice
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row, Table


@dataclass(frozen=True)
class Point:
    """A network of the space: its blocks by stage, and what it has of the plan's `outer`."""

    stages: Sequence[Sequence[Row]]
    outer: Mapping[str, Choice] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, rows: Sequence[Row], **outer: Choice) -> Point:
        """A stage for each row of a table."""
        return cls([list(blocks(row)) for row in rows], outer)


@dataclass(frozen=True)
class Published:
    """Makes the family of a plan, whose image and classes are those it was published with."""

    plan: Plan
    points: Mapping[str, Point]
    source: str

    def __call__(
        self,
        image: Shape = (3, 224, 224),
        classes: int | None = None,
        *,
        width: float = 1.0,
        unstrided: int = 0,
    ) -> ChainFamily:
        """For such images, and as many classes as published if not said; see `fitted`."""
        table = self.plan.table if classes is None else replace(self.plan.table, classes=classes)
        plan = fitted(replace(self.plan, table=table, image=image), width, unstrided)
        references = {name: plan.values(p.stages, **p.outer) for name, p in self.points.items()}
        return ChainFamily(plan.chain(), references, self.source)


def around(
    name: str,
    networks: Mapping[str, Table],
    stage: Callable[[Row], Stage],
    source: str,
    *,
    outer: Choices | None = None,
    gates: Gates | None = None,
) -> Published:
    """The space about the first of `networks`: `stage` says what of a row is chosen."""
    base, outer = next(iter(networks.values())), outer or {}
    stages = tuple(stage(row) for row in base.rows)
    plan = Plan(name, replace(base, rows=()), stages, outer=outer, gates=gates or {})
    points = {
        network: Point.of_rows(table.rows, **{end: getattr(table, end) for end in outer})
        for network, table in networks.items()
    }
    return Published(plan, points, source)
