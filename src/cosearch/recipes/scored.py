"""Zero-cost proxies in the place of accuracies: networks are ranked, none of them is trained."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from cosearch.deep.data import ImageData
from cosearch.deep.proxies import ProxyAccuracy
from cosearch.families import NetworkFamily
from cosearch.problem import Score
from cosearch.problem.rewards import LEXICOGRAPHIC
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder

SAMPLE: Final = 64  # networks of the space against which rewards weigh a score
_AT_ONCE: Final = 8


def proxy_for(
    folder: RunFolder[Any], family: NetworkFamily, name: str, data: ImageData
) -> ProxyAccuracy:
    """The proxy `name` on images of `data`; every score is kept in the folder."""
    seed = folder.settings.seed
    return ProxyAccuracy.of(family, name, data, seed=seed, folder=folder.path / "scores")


def score_for(
    folder: RunFolder[Any], proxy: ProxyAccuracy, reward: str, progress: Progress
) -> Score:
    """What a problem calls its accuracy; rewards that expect a share get one against a sample.

    The sample is of the same random networks for every seed. Raises `CosearchError` where their
    scores do not differ.
    """
    if reward == LEXICOGRAPHIC:
        return Score(proxy.name)
    told = folder.step("sample", lambda: _against_sample(proxy, progress).describe())
    return Score(**told)


def _against_sample(proxy: ProxyAccuracy, progress: Progress) -> Score:
    genomes = proxy.family.space.sample(np.random.default_rng(0), SAMPLE)
    scores: list[float] = []
    for part in np.array_split(genomes, SAMPLE // _AT_ONCE):
        progress("sample", len(scores), SAMPLE)
        scores += proxy(part).tolist()
    progress("sample", SAMPLE, SAMPLE)
    return Score.against(proxy.name, np.array(scores))


def told(name: str, value: float) -> dict[str, Any]:
    """As results have it: under the score's own name, beside no accuracy."""
    return {"name": name, "value": value if math.isfinite(value) else None}
