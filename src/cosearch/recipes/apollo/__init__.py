"""Apollo (arXiv 2102.01723): the fastest accelerator for given networks within an area.

A search of a few hundred trials, and beside it, which Apollo could not have, the optimum of all
452,760,000 designs. Both are studies; a killed run goes on where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.apollo.settings import ApolloSettings

if TYPE_CHECKING:
    from cosearch.problem import Workloads
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: ApolloSettings) -> Workloads:
    """Read the networks."""
    import plotly  # noqa: F401  # for the page: better missed now than at the end

    from cosearch.problem import Workloads
    from cosearch.zoo.read import read_network

    return Workloads(tuple(read_network(name, settings.shape) for name in settings.workload))


def run(folder: RunFolder[ApolloSettings], inputs: Workloads, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.files import write_json
    from cosearch.recipes.apollo.found import find
    from cosearch.recipes.apollo.result import build_result
    from cosearch.report.search_page import write_search_page

    found = find(folder, inputs, progress)
    result = build_result(folder, inputs, found)
    write_json(folder.path / "accelerator.json", result["accelerator"])
    write_json(folder.path / "result.json", result)
    write_search_page(folder.path)
    return result
