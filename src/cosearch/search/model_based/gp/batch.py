"""A batch from a pool: some designs for their promise, the others for what they would teach."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.search.model_based.gp.beliefs import Beliefs


def choose(
    beliefs: Beliefs,
    pending: int,
    n: int,
    rng: np.random.Generator,
    *,
    kappa: float,
    explore: float,
) -> Int[ndarray, " n"]:
    """Indices of at most `n` of the designs believed about, the last `pending` of which are none.

    UCB-PE (Contal et al., arXiv 1304.5350), as OSS Vizier mixes it: designs by the optimist's
    bound, with spreads as if those chosen before were measured, then a share `explore` of the
    batch where the spread itself is largest within the promising region. Optimism differs from
    design to design, exponentially distributed about `kappa` (Hutter et al., LION 2012): a model
    that is too sure of itself is contradicted by the more optimistic ones.
    """
    open_to = np.arange(beliefs.size) < beliefs.size - pending
    for i in np.flatnonzero(~open_to):
        beliefs.pend(int(i))
    n = min(n, int(open_to.sum()))
    exploiting = n - int(n * explore)
    optimism = rng.exponential(kappa, size=n)
    chosen = np.empty(n, dtype=np.int64)
    for k in range(n):
        exploits = k < exploiting
        score = beliefs.promise(optimism[k]) if exploits else beliefs.surprise(kappa)
        chosen[k] = np.argmax(np.where(open_to, score, -np.inf))
        open_to[chosen[k]] = False
        beliefs.pend(int(chosen[k]))
    return chosen
