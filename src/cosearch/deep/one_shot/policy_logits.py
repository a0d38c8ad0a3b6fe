"""A factorised policy: an independent categorical distribution per knob of a space."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor, nn

from cosearch.space import Space


class Policy(nn.Module):
    """Logits from 0, as TuNAS's; knobs that do not count in a design learn nothing from it."""

    def __init__(self, space: Space) -> None:
        super().__init__()
        self.space = space
        self.logits = nn.ParameterList(
            nn.Parameter(torch.zeros(int(n), dtype=torch.float64)) for n in space.cardinalities
        )

    def probabilities(self) -> list[Float[ndarray, " c"]]:
        """Of every choice of every knob."""
        return [np.exp(logs) for logs in self.log_probabilities()]

    def log_probabilities(self) -> list[Float[ndarray, " c"]]:
        """Their logarithms."""
        return [logits.detach().log_softmax(0).numpy() for logits in self.logits]

    def sample(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Draw canonical genomes."""
        columns = [rng.choice(len(p), n, p=p / p.sum()) for p in self.probabilities()]
        return self.space.canonical(np.stack(columns, axis=1))

    def log_prob(self, genomes: Int[ndarray, "n d"]) -> Float[Tensor, " n"]:
        """Of canonical genomes, over the knobs that count; differentiable."""
        active = torch.from_numpy(self.space.active(genomes))
        chosen = torch.from_numpy(genomes)
        columns = [
            logits.log_softmax(0)[chosen[:, knob]] * active[:, knob]
            for knob, logits in enumerate(self.logits)
        ]
        return torch.stack(columns).sum(0)

    def entropies(self) -> Float[ndarray, " d"]:
        """Of each knob, in nats."""
        return np.array([entropy(logs) for logs in self.log_probabilities()])


def entropy(logs: Float[ndarray, " c"]) -> float:
    """Of a distribution given by its logarithms."""
    return float(-(np.exp(logs) * logs).sum())
