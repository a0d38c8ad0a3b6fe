"""MnasNet (arXiv 1807.11626): the most accurate network within a latency on one device.

Accuracy is that of children trained on a person's images; or, without any, the shipped
surrogate's, which costs nothing. Then latency may be measured on a runtime with the search
waiting, and what was found is measured again in a fresh process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.mnasnet.settings import MnasnetSettings

if TYPE_CHECKING:
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: MnasnetSettings) -> Any:
    """Read the images, or the surrogate."""
    import plotly  # noqa: F401  # for the page: better missed now than at the end

    return _way(settings).prepare(settings)


def run(folder: RunFolder[MnasnetSettings], inputs: Any, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    result: dict[str, Any] = _way(folder.settings).run(folder, inputs, progress)
    return result


def _way(settings: MnasnetSettings) -> Any:
    """The module for where accuracies come from; only one of them needs torch."""
    if settings.trained:
        from cosearch.recipes.mnasnet import trained

        return trained
    from cosearch.recipes.mnasnet import predicted

    return predicted
