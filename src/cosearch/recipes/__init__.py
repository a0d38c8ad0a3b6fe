"""Recipes by name. A recipe's module is imported when it is run: it may need torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cosearch.errors import CosearchError, unknown

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


@dataclass(frozen=True)
class Recipe:
    """A system of the literature, runnable by name."""

    summary: str
    module: str

    def run(self, folder: RunFolder, progress: Progress) -> dict[str, Any]:
        """Do the whole job in `folder`, skipping what is done; returns the result."""
        try:
            module = import_module(self.module)
        except ModuleNotFoundError as error:
            raise CosearchError(
                f"{error.name} is not installed: pip install 'cosearch[all]'"
            ) from error
        work: Callable[[RunFolder, Progress], dict[str, Any]] = module.run
        with folder.lock():
            return work(folder, progress)


RECIPES: Final[Mapping[str, Recipe]] = {
    "nahas": Recipe(
        "network and accelerator together, accuracy from a weight-sharing supernet (NAHAS, 2021)",
        "cosearch.recipes.nahas",
    ),
}


def find_recipe(name: str) -> Recipe:
    """A recipe by name."""
    if name not in RECIPES:
        raise unknown("recipe", name, RECIPES)
    return RECIPES[name]
