"""What theta was after each epoch: for plots, and for whoever asks why."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from cosearch.deep.one_shot.dnas_theta import Theta


class DnasHistory:
    """Logits of every place and the expected latency, one entry per finished epoch."""

    def __init__(self) -> None:
        self._logits: list[list[torch.Tensor]] = []
        self._expected_s: list[float] = []

    def __len__(self) -> int:
        return len(self._logits)

    def add(self, theta: Theta, expected_s: float) -> None:
        """At the end of an epoch."""
        self._logits.append([logits.detach().clone() for logits in theta.logits])
        self._expected_s.append(expected_s)

    @property
    def expected_s(self) -> Float[ndarray, " e"]:
        """Expected latency under P_theta."""
        return np.array(self._expected_s)

    @property
    def probabilities(self) -> list[list[list[float]]]:
        """By epoch, place and option."""
        return [[place.softmax(0).tolist() for place in epoch] for epoch in self._logits]

    @property
    def entropies(self) -> Float[ndarray, "e p"]:
        """Of each place in nats, from log(options) where nothing is known to 0 where all is."""
        rows = []
        for epoch in self._logits:
            logs = [place.double().log_softmax(0) for place in epoch]
            rows.append([-(log.exp() * log).sum().item() for log in logs])
        return np.array(rows)

    def state_dict(self) -> dict[str, Any]:
        """`load_state_dict` reverses it."""
        return {"logits": list(self._logits), "expected_s": list(self._expected_s)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what another held."""
        self._logits = [list(epoch) for epoch in state["logits"]]
        self._expected_s = list(state["expected_s"])
