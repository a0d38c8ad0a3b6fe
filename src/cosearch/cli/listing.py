"""`list`: what there is, by name."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import Annotated, Any

import typer

from cosearch.cli.options import Json
from cosearch.errors import unknown
from cosearch.recipes import RECIPES

Rows = dict[str, str]


def list_things(
    what: Annotated[
        str,
        typer.Argument(
            help="recipes, networks, spaces, devices, runtimes, optimizers, datasets or proxies"
        ),
    ],
    as_json: Json = False,
) -> None:
    """List recipes, networks, spaces, devices, runtimes, optimizers, datasets or proxies."""
    if what not in _LISTS:
        raise unknown("list", what, _LISTS)
    rows = _LISTS[what]()
    if as_json:
        more = _FIELDS.get(what, dict)()
        data = [{"name": k, "summary": v, **more.get(k, {})} for k, v in rows.items()]
        typer.echo(json.dumps(data, indent=2))
        return
    width = max(map(len, rows))
    for name, summary in rows.items():
        typer.echo(_wrapped(f"{name:{width}}  {summary}", width + 2))


def _wrapped(line: str, indent: int) -> str:
    """Wrapped for people; one line for programs."""
    if not sys.stdout.isatty():
        return line
    columns = shutil.get_terminal_size().columns
    return textwrap.fill(line, max(columns, 2 * indent), subsequent_indent=" " * indent)


def _recipes() -> Rows:
    return {name: recipe.summary for name, recipe in RECIPES.items()}


def _networks() -> Rows:
    from cosearch.zoo import ZOO

    return {name: f"{entry.resolution} px; {entry.source}" for name, entry in ZOO.items()}


def _spaces() -> Rows:
    from cosearch.families import FAMILIES

    return {name: row.summary for name, row in FAMILIES.items()}


def _devices() -> Rows:
    from cosearch.hardware import devices

    return {
        name: f"{file.kind}; {file.peak_ops_per_s / 1e12:.4g} TOPS; {file.source}"
        for name, file in devices().items()
    }


def _device_fields() -> dict[str, dict[str, Any]]:
    """What a device's summary says field by field, and its file to copy from."""
    from cosearch.hardware import devices

    return {
        name: {
            "kind": file.kind,
            "peak_tops": file.peak_ops_per_s / 1e12,
            "source": file.source,
            "file": file.model_dump(exclude_none=True),
        }
        for name, file in devices().items()
    }


def _runtimes() -> Rows:
    from cosearch.measure.runtimes import RUNTIMES

    return {
        name: f"{' and '.join(row.precisions)} on {' and '.join(row.devices)}; "
        f"networks{' and files ' if row.suffixes else ''}{' '.join(row.suffixes)}; "
        + ("installed" if row.installed else f"needs pip install 'cosearch[{row.extra}]'")
        for name, row in RUNTIMES.items()
    }


def _optimizers() -> Rows:
    from cosearch.search import OPTIMIZERS

    return {name: str(made.__doc__).splitlines()[0] for name, made in OPTIMIZERS.items()}


def _datasets() -> Rows:
    from cosearch.deep.catalogue import DATASETS

    return DATASETS


def _proxies() -> Rows:
    from cosearch.deep.catalogue import PROXIES

    return PROXIES


_LISTS: dict[str, Callable[[], Rows]] = {
    "recipes": _recipes,
    "networks": _networks,
    "spaces": _spaces,
    "devices": _devices,
    "runtimes": _runtimes,
    "optimizers": _optimizers,
    "datasets": _datasets,
    "proxies": _proxies,
}
# What --json tells beyond the summary.
_FIELDS: dict[str, Callable[[], dict[str, dict[str, Any]]]] = {"devices": _device_fields}
