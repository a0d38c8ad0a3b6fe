"""NASNet's controller (arXiv 1707.07012): a recurrent policy taught by PPO (arXiv 1707.06347)."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.search.policy_gradient.reward import ShareBeaten
from cosearch.space import Space


class PPO:
    """An LSTM draws a design choice by choice; batches of what it was told improve it by PPO.

    NASNet and MnasNet name the controller: an LSTM with a softmax per decision, PPO, and as the
    baseline a moving average of rewards, not a learned value. From the PPO paper: the clip of
    0.2. The reward is ours (`ShareBeaten` of the last `memory` designs), and so are the other
    defaults, chosen for thousands of trials where NASNet had twenty thousand.

    Designs wait until there are `batch` of them; then Adam takes `epochs` steps on all of them.
    Ratios are against the policy as it is before the first step, for strangers and late answers
    too: they teach as if it had drawn them, which is biased where it no longer would. Needs torch.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        hidden: int = 32,
        learning_rate: float = 0.001,
        batch: int = 16,
        epochs: int = 4,
        clip: float = 0.2,
        entropy: float = 0.01,
        momentum: float = 0.95,
        memory: int = 256,
    ) -> None:
        self.space = space
        self.batch = batch
        self.epochs = epochs
        self.clip = clip
        self.entropy = entropy
        self.momentum = momentum
        self._torch, self._ppo = _torch()
        self._rng = rng
        self._policy = self._ppo.RecurrentPolicy(space, rng, hidden=hidden)
        self._adam = self._torch.optim.Adam(self._policy.parameters(), lr=learning_rate)
        self._reward = ShareBeaten(memory)
        self._baseline = 0.5  # what the median design gets
        self._waiting: list[tuple[ndarray, ndarray, float]] = []

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Draw from the policy."""
        with self._ppo.one_thread():
            return self._policy.sample(self._rng, n)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Improve the policy once for every full batch."""
        self._waiting.extend(zip(genomes, losses, violations, strict=True))
        while len(self._waiting) >= self.batch:
            rows, self._waiting = self._waiting[: self.batch], self._waiting[self.batch :]
            full = [np.array(column) for column in zip(*rows, strict=True)]
            with self._ppo.one_thread(), self._torch.enable_grad():
                self._improve(*full)

    def _improve(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        rewards = self._reward(losses, violations)
        advantage = rewards - self._baseline
        before = None
        for _ in range(self.epochs):
            now, entropy = self._policy(genomes)
            before = now.detach() if before is None else before
            gain = self._ppo.surrogate(now, before, advantage, clip=self.clip)
            self._adam.zero_grad()
            (-gain - self.entropy * entropy.sum(1).mean()).backward()
            self._adam.step()
        self._baseline = self.momentum * self._baseline + (1 - self.momentum) * rewards.mean()


def _torch() -> tuple[Any, Any]:
    """Torch, and our module that needs it: only for those who ask for this strategy."""
    try:
        import torch

        from cosearch.search.policy_gradient import recurrent_policy
    except ImportError as error:
        raise CosearchError("ppo needs torch: pip install 'cosearch[deep]'") from error
    return torch, recurrent_policy
