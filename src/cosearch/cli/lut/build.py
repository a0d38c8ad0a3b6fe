"""`lut build`: measure every distinct block of a space on a runtime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli import measuring
from cosearch.cli.options import Json

if TYPE_CHECKING:
    from cosearch.calibrate.additivity import Additivity
    from cosearch.cost.lookup import LookupTable
    from cosearch.measure import Settings


def build(
    space: measuring.Space,
    on: measuring.On,
    precision: measuring.Precision = "fp32",
    threads: measuring.Threads = 1,
    networks: Annotated[
        int,
        typer.Option(help="Whole networks to measure too, for a correction; 0, or 5 and more."),
    ] = 20,
    seed: Annotated[int, typer.Option(help="Draws those networks.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="The table; SPACE-RUNTIME-PRECISION.json if not said.")
    ] = None,
    visits: measuring.Visits = 3,
    max_noise: measuring.MaxNoise = 0.1,
    accept_noise: measuring.AcceptNoise = False,
    as_json: Json = False,
) -> None:
    """Measure each distinct block of a space, and how well their sums tell whole networks.

    Stopped half-way, the same command goes on where it was.
    """
    from cosearch.errors import CosearchError

    if networks and networks < 5:
        raise CosearchError(f"--networks {networks}: needs 0, or at least 5")
    settings = measuring.settings(precision, threads, max_noise, visits)
    path = out or Path(f"{space}-{Path(on).stem}-{precision}.json")
    table, found = _build(space, on, settings, path, networks, seed, visits, accept_noise)
    if as_json:
        typer.echo(json.dumps(_plain(path, table, found), indent=2))
        return
    _print(path, table, found)


def _build(
    space: str,
    on: str,
    settings: Settings,
    path: Path,
    networks: int,
    seed: int,
    visits: int,
    accept_noise: bool,
) -> tuple[LookupTable, Additivity | None]:
    import numpy as np

    from cosearch.calibrate.additivity import check_additivity, corrected
    from cosearch.calibrate.lut import build_table
    from cosearch.cli.bars import bars
    from cosearch.cli.lut.space import find_space
    from cosearch.cost.lookup import write_table

    family = find_space(space)
    with bars() as progress:
        table = build_table(
            family, on, settings, path, visits=visits, accept_noise=accept_noise, progress=progress
        )
        if not networks:
            return table, None
        genomes = family.space.sample(np.random.default_rng(seed), networks)
        whole = path.with_suffix(".networks.jsonl")
        found = check_additivity(
            table, family, genomes, whole, accept_noise=accept_noise, progress=progress
        )
    table = corrected(table, found.correction)
    write_table(path, table)
    return table, found


def _plain(path: Path, table: LookupTable, found: Additivity | None) -> dict[str, Any]:
    from dataclasses import asdict

    plain: dict[str, Any] = {
        "table": str(path),
        "sha256": table.sha256,
        "space": table.space,
        "fingerprint": table.fingerprint,
        "rows": len(table.rows),
        "manifest": dict(table.manifest),
    }
    if found:
        plain["networks"] = len(found.measured_s)
        plain["sum"] = asdict(found.raw)
        plain["corrected_leave_one_out"] = asdict(found.corrected)
        plain["correction"] = asdict(found.correction)
    return plain


def _print(path: Path, table: LookupTable, found: Additivity | None) -> None:
    from rich.console import Console
    from rich.table import Table

    made = table.manifest
    typer.echo(
        f"{path}: {len(table.rows)} distinct blocks of {table.space} on {measuring.where(made)}"
    )
    if made["too_noisy"]:
        typer.echo(f"{made['too_noisy']} of them are noisier than asked for")
    if not found:
        return
    shown = Table("", "bias", "mean error", "Spearman", "Kendall", box=None)
    rows = {"sum of blocks": found.raw, "corrected, each network left out": found.corrected}
    for name, agreed in rows.items():
        figures = (f"{agreed.bias:+.1%}", f"{agreed.mape:.1%}", f"{agreed.spearman:.3f}")
        shown.add_row(name, *figures, f"{agreed.kendall:.3f}")
    typer.echo(f"\n{len(found.measured_s)} whole networks against the table:")
    Console().print(shown)
    fitted = found.correction
    typer.echo(
        f"\ncorrection, kept in the table: {fitted.constant_s * 1e6:+.1f} us "
        f"{fitted.factor:+.3f} x sum {fitted.per_block_s * 1e6:+.2f} us x blocks"
    )
