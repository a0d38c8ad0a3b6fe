"""`run`: one sub-command per recipe, each with its own options."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from cosearch.cli.run.apollo import apollo
from cosearch.cli.run.fbnet import fbnet
from cosearch.cli.run.hurricane import hurricane
from cosearch.cli.run.mnasnet import mnasnet
from cosearch.cli.run.nahas import nahas
from cosearch.cli.run.netadapt import netadapt
from cosearch.cli.run.spos import spos
from cosearch.errors import unknown


class _Recipes(TyperGroup):
    """Says of a recipe that there is none by that name what it says of any other thing."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise unknown("recipe", cmd_name, self.list_commands(ctx))
        return found


run = typer.Typer(
    cls=_Recipes,
    help="Run a recipe: a system of the literature.",
    rich_markup_mode=None,
)
run.command()(apollo)
run.command()(fbnet)
run.command()(hurricane)
run.command()(mnasnet)
run.command()(nahas)
run.command()(netadapt)
run.command()(spos)
