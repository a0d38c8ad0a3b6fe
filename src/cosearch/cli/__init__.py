"""The command `cosearch`: one file per verb. Nothing heavy is imported before a verb runs."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import typer

from cosearch.cli.bottleneck import bottleneck
from cosearch.cli.calibrate import calibrate
from cosearch.cli.demo import demo
from cosearch.cli.listing import list_things
from cosearch.cli.lut import lut
from cosearch.cli.map import show_map
from cosearch.cli.measure import measure
from cosearch.cli.profile import profile
from cosearch.cli.report import report
from cosearch.cli.resume import resume
from cosearch.cli.run import run
from cosearch.cli.sweep import sweep
from cosearch.cli.train import train
from cosearch.cli.zoo import zoo
from cosearch.errors import CosearchError

# Typer has its own copy of click: what it raises is reached through what it makes public.
USAGE_ERROR: type[Any] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    help="Find a neural network and the accelerator it runs on, together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich would double the time --help takes
)
app.command()(demo)
app.add_typer(run, name="run")
app.command()(resume)
app.command()(report)
app.command()(profile)
app.add_typer(lut, name="lut")
app.command()(calibrate)
app.command("map")(show_map)
app.command()(bottleneck)
app.command()(sweep)
app.command()(train)
app.command()(measure)
app.command()(zoo)
app.command("list")(list_things)


def main() -> NoReturn:
    """Run the command line: bad input is one line on stderr and exit status 2."""
    try:
        status = app(standalone_mode=False)
    except CosearchError as error:
        status = _fail(str(error))
    except USAGE_ERROR as error:
        status = _fail(error.format_message())
    except OSError as error:
        status = _fail(f"{error.filename or 'input/output'}: {error.strerror}")
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted", err=True)
        status = 130
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return 2
