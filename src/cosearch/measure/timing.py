"""Rounds of timed runs, a reference workload interleaved; and a clock that is not trusted."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.measure.runtime import Session
from cosearch.measure.settings import Settings
from cosearch.measure.target import Clock

REFERENCE_SHARE: Final = 2  # the reference is timed twice a round, so for half as long each time


def time_round(
    session: Session, reference: Session, settings: Settings, clock: Clock
) -> tuple[Float[ndarray, " n"], Float[ndarray, " m"]]:
    """Samples of the network, and of the reference right before and right after it."""
    repeats, seconds = settings.repeats, settings.round_s
    half = -(-repeats // REFERENCE_SHARE), seconds / REFERENCE_SHARE
    before = _samples(reference, *half, clock)
    taken = _samples(session, repeats, seconds, clock)
    after = _samples(reference, *half, clock)
    return taken, np.concatenate([before, after])


def _samples(session: Session, repeats: int, seconds: float, clock: Clock) -> ndarray:
    """Time single runs until there are `repeats` of them and `seconds` have been spent in them."""
    session.run()  # what ran before has left its data in the caches
    samples: list[float] = []
    spent = 0.0
    while len(samples) < repeats or spent < seconds:
        start = clock()
        session.run()
        taken = clock() - start
        if not taken > 0:
            raise CosearchError(
                f"the clock went from {start} to {start + taken} s during a run: "
                "no time can be taken with it"
            )
        samples.append(taken)
        spent += taken
    return np.array(samples)
