"""Optuna's samplers (Akiba et al., KDD 2019), by ask and tell on a study in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError, unknown
from cosearch.quiet import quiet
from cosearch.search.adapters.ladder import Ladder
from cosearch.search.adapters.library import library, ordered
from cosearch.search.adapters.pending import Pending
from cosearch.space import Space

# Those that make use of constraints; they take several objectives as well.
_CONSTRAINED: Final = ("GPSampler", "NSGAIIISampler", "NSGAIISampler", "TPESampler")


class OptunaSampler:
    """Any sampler of `optuna.samplers` by its class name, with the library's own defaults.

    A knob of numbers is an integer, the index of its choice; one of words is categorical. A
    sampler that knows constraints gets the violation as one, and the losses as objectives;
    any other gets one value in the order of `ranks`. What was never asked for is added to the
    study; what was asked for and not evaluated is marked as failed.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        sampler: str = "TPESampler",
        sampler_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.space = space
        self.sampler = sampler
        self._optuna = library("optuna", wants=f"Optuna's {sampler}", extra="optuna")
        self._options = {"seed": int(rng.integers(2**31)), **(sampler_options or {})}
        self._distributions = _distributions(self._optuna, space)
        self._ladder = None if sampler in _CONSTRAINED else Ladder()
        self._begin(1)

    def _begin(self, objectives: int) -> None:
        """A study must know how many objectives it has; we learn it when first told."""
        with quiet():
            self._study = self._optuna.create_study(
                sampler=self._new_sampler(), directions=["minimize"] * objectives
            )
        self._pending = Pending()

    def _new_sampler(self) -> Any:
        samplers = self._optuna.samplers
        known = [name for name in samplers.__all__ if name.endswith("Sampler")]
        if self.sampler not in known:
            raise unknown("Optuna sampler", self.sampler, known)
        try:
            return getattr(samplers, self.sampler)(**self._options)
        except TypeError as error:
            raise CosearchError(f"Optuna's {self.sampler} with {self._options}: {error}") from error

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """One after another; each is known to the next as still running."""
        with quiet():
            trials = [self._study.ask(self._distributions) for _ in range(n)]
        rows = [[trial.params[knob.name] for knob in self.space.knobs] for trial in trials]
        genomes = self.space.canonical(np.array(rows, dtype=np.int64).reshape(n, -1))
        for genome, trial in zip(genomes, trials, strict=True):
            self._pending.put(genome, trial)
        return genomes

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Finish the trials asked for, add the others."""
        values = losses if self._ladder is None else self._ladder.place(losses, violations)[:, None]
        if values.shape[1] != len(self._study.directions):
            self._begin(values.shape[1])
        with quiet():
            for row in zip(genomes, values.tolist(), violations.tolist(), strict=True):
                self._finish(*row)
            for trial in self._pending.turn():
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)

    def _finish(self, genome: Int[ndarray, " d"], values: list[float], violation: float) -> None:
        trial = self._pending.take(genome)
        if trial is None:
            self._study.add_trial(self._stranger(genome, values, violation))
            return
        if self._ladder is None:
            trial.set_constraint("limits", violation)
        self._study.tell(trial, values)

    def _stranger(self, genome: Int[ndarray, " d"], values: list[float], violation: float) -> Any:
        names = [knob.name for knob in self.space.knobs]
        return self._optuna.create_trial(
            params=dict(zip(names, genome.tolist(), strict=True)),
            distributions=self._distributions,
            values=values,
            constraints={"limits": violation} if self._ladder is None else None,
        )


def _distributions(optuna: Any, space: Space) -> dict[str, Any]:
    """Of the indices of choices, by knob."""
    return {
        knob.name: optuna.distributions.IntDistribution(0, len(knob.choices) - 1)
        if ordered(knob)
        else optuna.distributions.CategoricalDistribution(tuple(range(len(knob.choices))))
        for knob in space.knobs
    }
