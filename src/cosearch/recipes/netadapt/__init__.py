"""NetAdapt (arXiv 1804.03230): a trained network narrowed step by step until it keeps a limit.

As MobileNetV3 uses it (arXiv 1905.02244): of the cuts that save enough, the one is kept that loses
least accuracy for what it saves. Weights are carried over, and trained long at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.netadapt.settings import NetadaptSettings

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.netadapt.found import Inputs
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: NetadaptSettings) -> Inputs:
    """Read images, network and device."""
    import plotly  # noqa: F401  # for the page: better missed now than at the end

    from cosearch.recipes.netadapt.found import read

    return read(settings)


def run(folder: RunFolder[NetadaptSettings], inputs: Inputs, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.recipes.netadapt.found import find

    return find(folder, inputs, progress)
