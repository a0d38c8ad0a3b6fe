"""Recipes by name. A recipe's module is imported when it is run: it may need torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cosearch.errors import CosearchError, unknown

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder
    from cosearch.recipes.settings import Settings


@dataclass(frozen=True)
class Recipe:
    """A system of the literature, runnable by name.

    Its module has `prepare(settings)`, which reads what the run needs and writes nothing, and
    `run(folder, inputs, progress)`, which returns the result. Its settings are a `Settings` class,
    given as "module:Class"; that module must need nothing heavy.
    """

    summary: str
    module: str
    settings_class: str

    @property
    def settings(self) -> type[Settings]:
        """The class of its settings."""
        module, name = self.settings_class.split(":")
        found: type[Settings] = getattr(import_module(module), name)
        return found

    def run(self, folder: RunFolder[Any], progress: Progress) -> dict[str, Any]:
        """Do the whole job in `folder`, skipping what is done; returns the result."""
        try:
            module = import_module(self.module)
            inputs = module.prepare(
                folder.settings
            )  # bad data is refused before anything is written
        except ModuleNotFoundError as error:
            raise CosearchError(
                f"{error.name} is not installed: pip install 'cosearch[all]'"
            ) from error
        folder.claim()
        with folder.lock():
            result: dict[str, Any] = module.run(folder, inputs, progress)
        return result


RECIPES: Final[Mapping[str, Recipe]] = {
    "apollo": Recipe(
        "the fastest accelerator for given networks within an area, and the certified optimum "
        "(Apollo, 2021)",
        "cosearch.recipes.apollo",
        "cosearch.recipes.apollo.settings:ApolloSettings",
    ),
    "fbnet": Recipe(
        "a network for one device, its operators mixed and weighed by gradient (FBNet, 2018)",
        "cosearch.recipes.fbnet",
        "cosearch.recipes.fbnet.settings:FbnetSettings",
    ),
    "hurricane": Recipe(
        "a network from a space made of the operators that a target likes, searched in two stages "
        "(HURRICANE, 2019)",
        "cosearch.recipes.hurricane",
        "cosearch.recipes.hurricane.settings:HurricaneSettings",
    ),
    "mnasnet": Recipe(
        "the most accurate network within a latency on one device, modelled or measured "
        "(MnasNet, 2018)",
        "cosearch.recipes.mnasnet",
        "cosearch.recipes.mnasnet.settings:MnasnetSettings",
    ),
    "nahas": Recipe(
        "network and accelerator together, accuracy from a weight-sharing supernet (NAHAS, 2021)",
        "cosearch.recipes.nahas",
        "cosearch.recipes.nahas.settings:NahasSettings",
    ),
    "netadapt": Recipe(
        "any trained network, narrowed step by step until it keeps a limit (NetAdapt, 2018)",
        "cosearch.recipes.netadapt",
        "cosearch.recipes.netadapt.settings:NetadaptSettings",
    ),
    "spos": Recipe(
        "the most accurate network of a space within a limit, by a supernet trained on single "
        "paths (SPOS, 2020)",
        "cosearch.recipes.spos",
        "cosearch.recipes.spos.settings:SposSettings",
    ),
}


def find_recipe(name: str) -> Recipe:
    """A recipe by name."""
    if name not in RECIPES:
        raise unknown("recipe", name, RECIPES)
    return RECIPES[name]
