"""What another library proposed and awaits the outcome of."""

from __future__ import annotations

from typing import Any

from jaxtyping import Int
from numpy import ndarray


class Pending:
    """Proposals not yet told, by design: a library wants its own object back with the figures.

    A proposal that two calls of `turn` find untold is given up: filters and screens refuse some.
    """

    def __init__(self) -> None:
        self._waiting: dict[bytes, list[tuple[int, Any]]] = {}
        self._turns = 0

    def put(self, genome: Int[ndarray, " d"], proposal: Any) -> None:
        """Remember a proposal under its canonical genome."""
        self._waiting.setdefault(genome.tobytes(), []).append((self._turns, proposal))

    def take(self, genome: Int[ndarray, " d"]) -> Any | None:
        """The oldest proposal of this design; None for a stranger."""
        waiting = self._waiting.get(genome.tobytes())
        if not waiting:
            return None
        return waiting.pop(0)[1]

    def turn(self) -> list[Any]:
        """Close a call of `tell`; returns what has been given up."""
        kept: dict[bytes, list[tuple[int, Any]]] = {}
        lost: list[Any] = []
        for genome, waiting in self._waiting.items():
            lost += [proposal for born, proposal in waiting if born < self._turns]
            young = [entry for entry in waiting if entry[0] == self._turns]
            if young:
                kept[genome] = young
        self._waiting = kept
        self._turns += 1
        return lost
