"""`lut`: lookup tables, built by measuring and checked."""

from __future__ import annotations

import typer

from cosearch.cli.lut.build import build
from cosearch.cli.lut.check import check

lut = typer.Typer(
    help="Tables of measured latencies: every distinct block of a space.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
lut.command()(build)
lut.command()(check)
