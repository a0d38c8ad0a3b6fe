"""A recurrent distribution over designs, and its improvement by PPO. This file needs torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor, nn

from cosearch.space import Space


class RecurrentPolicy(nn.Module):
    """An LSTM walks over the knobs: p(design) is the product of p(choice | the choices before it).

    At each knob it reads an embedding of the choice before, and the knob's own softmax scores its
    choices. A knob that its conditions switch off is passed by: the LSTM reads that it was off,
    and no choice is scored. Every parameter starts uniform in ±0.1.
    """

    def __init__(self, space: Space, rng: np.random.Generator, *, hidden: int) -> None:
        super().__init__()
        self.space = space
        d, most = len(space), int(space.cardinalities.max())
        # One token for each choice of each knob, one for "off", and the last to begin with.
        self._tokens = np.cumsum([0, *(space.cardinalities + 1)])
        exists = np.arange(most) < space.cardinalities[:, None]
        self._mask = torch.from_numpy(np.where(exists, 0.0, -np.inf))
        double = {"dtype": torch.float64}
        self.embedding = nn.Parameter(torch.empty(int(self._tokens[-1]) + 1, hidden, **double))
        # Made without values: torch's own would be drawn from its global generator.
        lstm = nn.LSTM(hidden, hidden, batch_first=True, device="meta", **double)
        self.lstm = lstm.to_empty(device="cpu")
        self.heads = nn.Parameter(torch.empty(d, most, hidden, **double))
        self.biases = nn.Parameter(torch.empty(d, most, **double))
        with torch.no_grad():
            for parameter in self.parameters():
                start = rng.uniform(-0.1, 0.1, size=tuple(parameter.shape))
                parameter.copy_(torch.from_numpy(start))

    @torch.no_grad()
    def sample(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Draw `n` canonical genomes."""
        genomes = np.zeros((n, len(self.space)), dtype=np.int64)
        read, state = np.full(n, self._tokens[-1]), None
        for knob, choices in enumerate(self.space.cardinalities):
            seen, state = self.lstm(self.embedding[torch.from_numpy(read)][:, None], state)
            scores = seen[:, 0] @ self.heads[knob].T + self.biases[knob] + self._mask[knob]
            ends = torch.softmax(scores, 1).cumsum(1).numpy()[:, : choices - 1]
            genomes[:, knob] = (rng.random((n, 1)) >= ends).sum(axis=1)
            on = self.space.active(genomes)[:, knob]
            genomes[~on, knob] = 0
            read = self._tokens[knob] + np.where(on, genomes[:, knob], choices)
        return genomes

    def forward(self, genomes: Int[ndarray, "n d"]) -> tuple[Tensor, Tensor]:
        """Log-probability of each choice, and entropy of each knob's softmax, (n, d) each.

        Both are 0 where a knob is off. Add up the first for the logarithm of p(design).
        """
        on = self.space.active(genomes)
        tokens = self._tokens[:-1] + np.where(on, genomes, self.space.cardinalities)
        begin = np.full((len(genomes), 1), self._tokens[-1])
        read = np.concatenate([begin, tokens[:, :-1]], axis=1)
        seen, _ = self.lstm(self.embedding[torch.from_numpy(read)])
        scores = torch.einsum("ndh,dch->ndc", seen, self.heads) + self.biases + self._mask
        logs = torch.log_softmax(scores, 2)
        chosen = logs.gather(2, torch.from_numpy(genomes)[..., None])[..., 0]
        entropy = -(logs.exp() * logs.masked_fill(self._mask < 0, 0.0)).sum(2)
        counts = torch.from_numpy(on)
        return chosen.where(counts, 0.0), entropy.where(counts, 0.0)


def surrogate(
    now: Tensor, before: Tensor, advantage: Float[ndarray, " n"], *, clip: float
) -> Tensor:
    """PPO's clipped objective (arXiv 1707.06347, eq. 7), summed over the knobs of a design.

    Each choice is an action with a ratio of its own; all share the design's advantage.
    """
    gain = torch.from_numpy(advantage)[:, None]
    ratio = (now - before).exp()
    return torch.minimum(ratio * gain, ratio.clamp(1 - clip, 1 + clip) * gain).sum(1).mean()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that a seed means the same on every machine; small anyway."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
