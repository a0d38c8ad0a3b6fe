"""`profile --space`: what the networks of a space take on a device."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import typer

from cosearch.errors import CosearchError, unknown

if TYPE_CHECKING:
    from cosearch.problem.paths.profile import Profile

_CLASSES: Final = 10  # where --size asks for other images than the space was published for


def profile_space(
    space: str, on: str, size: int | None, limits: dict[str, float | None], as_json: bool
) -> None:
    """Least, median and most of every metric; whether the limits can be met, and by how many."""
    from cosearch.problem import Limit
    from cosearch.problem.paths.constraint import Constraint
    from cosearch.problem.paths.profile import profile
    from cosearch.recipes.trained.target import find_target

    bounds = tuple(Limit(metric, at) for metric, at in limits.items() if at is not None)
    problem = find_target(on).problem(_family(space, size), limits=bounds)
    found = profile(Constraint.of(problem))
    if as_json:
        typer.echo(json.dumps({"device": on, **found.to_dict()}, indent=2))
        return
    _print_table(found, f"{space} on {on}: {found.size:.3g} networks")


def _family(name: str, size: int | None) -> Any:
    from cosearch.families import FAMILIES, sized

    if size is not None:
        return sized(name, (3, size, size), _CLASSES)
    if name not in FAMILIES:
        raise unknown("space", name, FAMILIES)
    family = FAMILIES[name].make()
    if not hasattr(family, "chain"):
        raise CosearchError(f"space {name!r} is no chain of blocks: it has no profile")
    return family


def _print_table(found: Profile, title: str) -> None:
    from rich.console import Console

    from cosearch.cli.printing import titled

    table = titled(title, ("metric", "least", "median", "most", "limit", "within"))
    for row in found.rows:
        table.add_row(*row.cells())
    Console().print(table)
    typer.echo(
        f"medians are of {found.networks} networks, drawn uniformly; ~ marks the least or most seen"
    )
    if found.step is not None:
        typer.echo(found.verdict())
