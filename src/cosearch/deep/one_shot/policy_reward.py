"""What a policy is told of a design: its accuracy, and its costs against their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem import REWARDS, Limit, Metrics

Costs = Callable[[Int[ndarray, "n d"]], Metrics]
WORST: Final = 10.0  # times a limit: beyond, and for what cannot run, no more is told


@dataclass
class Judge:
    """`costs` gives the metrics of joint genomes without their accuracy, as `Problem.model` does.

    What a design costs is asked once. One that cannot run has no accuracy to its name, and every
    cost at `WORST` times its limit.
    """

    costs: Costs
    limits: Sequence[Limit]
    reward: str
    exponent: float | None = None
    _known: dict[bytes, Float[ndarray, " k"]] = field(default_factory=dict, repr=False)

    def ratios(self, genome: Int[ndarray, " d"]) -> Float[ndarray, " k"]:
        """Each limited metric over its limit, at most `WORST`."""
        key = genome.tobytes()
        if key not in self._known:
            metrics = self.costs(genome[None])
            runs = np.isfinite(metrics["latency_s"][0])
            found = [metrics[limit.metric][0] / limit.at_most for limit in self.limits]
            self._known[key] = np.fmin(found, WORST) if runs else np.full(len(found), np.inf)
        return self._known[key]

    def __call__(self, accuracy: float, genome: Int[ndarray, " d"]) -> float:
        """The reward, more is better."""
        ratios = self.ratios(genome)
        runs = bool(np.isfinite(ratios).all())
        form = REWARDS[self.reward]
        exponent = form.exponent if self.exponent is None else self.exponent
        quality = np.array([accuracy if runs else 0.0])
        return float(form.value(quality, np.fmin(ratios, WORST)[None], exponent or 0.0)[0])
