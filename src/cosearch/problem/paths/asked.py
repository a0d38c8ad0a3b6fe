"""What a true cost model said of networks that a table proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.paths.aims import SLACK
from cosearch.problem.paths.context import random_paths
from cosearch.problem.paths.scoring import EdgeScores
from cosearch.problem.paths.table import PathTable

Model = Callable[[Int[ndarray, "n d"]], Mapping[str, Float[ndarray, " n"]]]
_OBSERVED: Final = 256  # random networks that show how far the table is off
_SAME: Final = 1e-9  # ratios as near to 1 are rounding


class Asked:
    """One model under limits: the best network it was asked of, and how far the table is off."""

    def __init__(
        self,
        table: PathTable,
        scores: EdgeScores,
        limits: Mapping[str, float],
        model: Model,
        most: int,
        seed: int,
    ) -> None:
        self.table, self.scores = table, scores
        self._limits, self._model, self._most = limits, model, most
        self._known: set[bytes] = set()
        self._key = (-np.inf, -np.inf)  # violation's negative, score
        self._found: tuple[dict[str, float], ndarray] | None = None
        self._ratios: dict[str, list[ndarray]] = {m: [] for m in limits if m in table.metrics}
        rng = np.random.default_rng(seed)
        some = random_paths(table.graph, rng)
        self.ask(some[rng.permutation(len(some))[:_OBSERVED]])

    # ---- what came of it

    @property
    def networks(self) -> int:
        """How many were asked about."""
        return len(self._known)

    @property
    def spent(self) -> bool:
        """Whether no more may be asked."""
        return self.networks >= self._most

    @property
    def met(self) -> bool:
        """Whether a network within the limits was found."""
        return self._key[0] == 0.0

    @property
    def violation(self) -> float:
        """The least."""
        return 0.0 - self._key[0]

    @property
    def floor(self) -> float:
        """What a network must score more than to be of interest."""
        score = self._key[1]
        return score + SLACK * (1 + abs(score)) if self.met else -np.inf

    @property
    def best(self) -> tuple[dict[str, float], Int[ndarray, " t"]]:
        """(metrics, path)."""
        assert self._found is not None
        return self._found

    # ---- how far the table is off

    @property
    def ratios(self) -> dict[str, tuple[float, float]]:
        """Least and most of true / table."""
        return {m: (float(r.min()), float(r.max())) for m, r in self._all().items()}

    @property
    def apart(self) -> bool:
        """Whether table and model differ by more than rounding."""
        return any(max(abs(a - 1), abs(b - 1)) > _SAME for a, b in self.ratios.values())

    def scaled(self, quantile: float) -> dict[str, float]:
        """Limits for the table: at 0 no network that meets the true ones is beyond them."""
        ratios = self._all()
        return {
            m: at / float(np.quantile(ratios[m], quantile)) * (1 + _SAME)
            for m, at in self._limits.items()
            if m in self._ratios
        }

    def _all(self) -> dict[str, ndarray]:
        joined = {m: np.concatenate(parts) for m, parts in self._ratios.items()}
        return {m: ratios if len(ratios) else np.ones(1) for m, ratios in joined.items()}

    # ---- asking

    def ask(self, paths: Int[ndarray, "n t"], *, beyond: bool = False) -> bool:
        """Whether one of these is better than all before; `beyond` the most that may be asked."""
        new = {path.tobytes(): path for path in paths if path.tobytes() not in self._known}
        room = len(new) if beyond else max(0, self._most - self.networks)
        if not new or not room:
            return False
        self._known.update(list(new)[:room])
        asked = np.stack(list(new.values())[:room])
        metrics = self._model(self.table.graph.genomes(asked))
        self._observe(asked, metrics)
        return self._judge(asked, metrics)

    def _observe(self, paths: ndarray, metrics: Mapping[str, ndarray]) -> None:
        costs = self.table.along(paths)
        for metric, ratios in self._ratios.items():
            expected = costs[:, self.table.column(metric)]
            known = np.isfinite(expected) & (expected > 0) & np.isfinite(metrics[metric])
            ratios.append(metrics[metric][known] / expected[known])

    def _judge(self, paths: ndarray, metrics: Mapping[str, ndarray]) -> bool:
        columns = [metrics[metric] / at for metric, at in self._limits.items()]
        ratios = np.array(columns).reshape(len(columns), len(paths))
        excess = np.maximum(ratios - 1.0, 0.0).sum(axis=0)
        excess = np.where(np.isfinite(ratios).all(axis=0), excess, np.inf)
        scores = sum(s[edge] for s, edge in zip(self.scores, paths.T, strict=True))
        best = int(np.lexsort((-np.asarray(scores), excess))[0])
        key = (-float(excess[best]), float(np.asarray(scores)[best]))
        if self._found is not None and key <= self._key:
            return False
        self._key = key
        self._found = {m: float(v[best]) for m, v in metrics.items()}, paths[best]
        return True
