"""`Visits`: one network measured several times, the others between; and its latency by that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cosearch.calibrate.level import Level
from cosearch.measure import Measurement
from cosearch.measure.statistics import interval


@dataclass(frozen=True)
class Visits:
    """What was measured of one network, in order of time.

    One visit has its median. Of several it is the median of all rounds, each brought to one level
    of the machine, with the interval of that median.
    """

    taken: tuple[Measurement, ...]
    level: Level | None = None  # None for one visit

    @property
    def latency_s(self) -> float:
        """Seconds of one batch."""
        return self._figures[0]

    @property
    def low_s(self) -> float:
        """Lower end of its 95 % interval."""
        return self._figures[1]

    @property
    def high_s(self) -> float:
        """Upper end of its 95 % interval."""
        return self._figures[2]

    @property
    def noise(self) -> float:
        """Half of the relative interval; of one visit, as measured."""
        if self.level is None:
            return self.taken[0].statistics.noise
        return (self.high_s - self.low_s) / 2 / self.latency_s

    @property
    def drift(self) -> float:
        """Of the reference workload: the largest in a visit."""
        return max(each.statistics.drift for each in self.taken)

    @property
    def samples(self) -> int:
        """Runs timed."""
        return sum(each.statistics.samples for each in self.taken)

    @property
    def too_noisy(self) -> bool:
        """Whether it is noisier than its settings allow, and was kept all the same."""
        if self.level is None:
            return self.taken[0].too_noisy
        return self.noise > self.taken[0].settings.max_noise

    @property
    def sha256(self) -> tuple[str, ...]:
        """Of each record."""
        return tuple(each.sha256 for each in self.taken)

    @cached_property
    def _figures(self) -> tuple[float, float, float]:
        """Median and the ends of its interval."""
        if self.level is None:
            one = self.taken[0]
            return one.median_s, one.low_s, one.high_s
        rounds = self.level.rounds(self.taken)
        low, high = interval(rounds)
        return float(np.median([np.median(samples) for samples in rounds])), low, high
