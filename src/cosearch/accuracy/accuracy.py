"""What an accuracy must offer, and remembering what it said."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray


@runtime_checkable
class Accuracy(Protocol):
    """Accuracy of networks by genome. The same genome always gets the same figure."""

    @property
    def price(self) -> str:
        """What one figure costs, in words people can weigh."""
        ...

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction right, 0 to 1."""
        ...


class Memoised:
    """Asks the inner accuracy once per distinct genome."""

    def __init__(self, inner: Accuracy) -> None:
        self.inner = inner
        self.price = inner.price
        self._known: dict[bytes, float] = {}

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Look up; ask for the rest in one batch."""
        rows = np.ascontiguousarray(genomes, dtype=np.int64)
        keys = [row.tobytes() for row in rows]
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        if new:
            figures = self.inner(rows[list(new.values())])
            self._known.update(zip(new, figures.tolist(), strict=True))
        return np.array([self._known[key] for key in keys], dtype=float)
