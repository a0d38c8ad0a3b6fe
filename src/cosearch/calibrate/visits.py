"""`Visits`: one network measured several times, the others between; and its latency by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosearch.measure import Measurement


@dataclass(frozen=True)
class Visits:
    """What was measured of one network, in order of time.

    One visit has its median. Of several the fastest round counts, unscaled: other programs, and
    other machines on the same host, only ever add time, for seconds or minutes on end, and what
    comes back later meets them only now and then. How sure that is, the second fastest visit says.
    """

    taken: tuple[Measurement, ...]

    @property
    def latency_s(self) -> float:
        """Seconds of one batch."""
        return self.taken[0].median_s if len(self.taken) == 1 else self._fastest[0]

    @property
    def low_s(self) -> float:
        """Lower end of the median's 95 % interval; of several visits the fastest itself."""
        return self.taken[0].low_s if len(self.taken) == 1 else self._fastest[0]

    @property
    def high_s(self) -> float:
        """Upper end of that interval; of several visits the second fastest."""
        return self.taken[0].high_s if len(self.taken) == 1 else self._fastest[1]

    @property
    def noise(self) -> float:
        """As measured in one visit; of several, what lies between the two fastest, relative."""
        if len(self.taken) == 1:
            return self.taken[0].statistics.noise
        return self.high_s / self.low_s - 1

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
        if len(self.taken) == 1:
            return self.taken[0].too_noisy
        return self.noise > self.taken[0].settings.max_noise

    @property
    def sha256(self) -> tuple[str, ...]:
        """Of each record."""
        return tuple(each.sha256 for each in self.taken)

    @property
    def _fastest(self) -> Sequence[float]:
        """The fastest round of each visit, fastest visit first."""
        rounds = ([np.median(samples) for samples in each.rounds_s] for each in self.taken)
        return sorted(float(min(medians)) for medians in rounds)
