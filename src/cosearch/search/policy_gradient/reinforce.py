"""Policy gradient: a factorised categorical policy taught by REINFORCE, as TuNAS's controller."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.policy_gradient.reward import ShareBeaten
from cosearch.space import Space


class Reinforce:
    """One independent categorical distribution per knob, climbed by the score-function gradient.

    From TuNAS (arXiv 2008.06120): logits from 0, a moving-average baseline, Adam with beta1 = 0
    and beta2 = 0.999, no entropy bonus by default. The reward is ours: `ShareBeaten` of the last
    `memory` designs. Batches of `batch` trials take a step of `learning_rate`; others in
    proportion.
    Strangers teach as if the policy had drawn them, which is biased where it no longer would.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        learning_rate: float = 0.1,
        batch: int = 32,
        momentum: float = 0.95,
        entropy: float = 0.0,
        memory: int = 256,
    ) -> None:
        self.space = space
        self.learning_rate = learning_rate
        self.batch = batch
        self.momentum = momentum
        self.entropy = entropy
        self._rng = rng
        exists = np.arange(space.cardinalities.max()) < space.cardinalities[:, None]
        self._logits = np.where(exists, 0.0, -np.inf)
        self._curvature = np.zeros_like(self._logits)
        self._steps = 0
        self._baseline = 0.5  # what the median design gets
        self._reward = ShareBeaten(memory)

    @property
    def policy(self) -> Float[ndarray, "d c"]:
        """Probability of each choice of each knob; 0 where a knob has no such choice."""
        odds = np.exp(self._logits - self._logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Draw from the policy."""
        ends = self.policy.cumsum(axis=1)[:, :-1]  # the last choice takes what rounding leaves
        drawn = (self._rng.random((n, len(self.space), 1)) >= ends).sum(axis=2)
        return self.space.canonical(np.minimum(drawn, self.space.cardinalities - 1))

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """One step up the gradient of the expected reward."""
        if not len(genomes):
            return
        rewards = self._reward(losses, violations)
        advantage = rewards - self._baseline
        gradient = self._score(genomes, advantage) + self.entropy * self._entropy_gradient()
        self._step(gradient, self.learning_rate * len(genomes) / self.batch)
        kept = self.momentum ** (len(genomes) / self.batch)
        self._baseline = kept * self._baseline + (1 - kept) * float(rewards.mean())

    def _score(
        self, genomes: Int[ndarray, "n d"], advantage: Float[ndarray, " n"]
    ) -> Float[ndarray, "d c"]:
        """Mean of advantage times the gradient of log p; knobs that do not count learn nothing."""
        weights = np.where(self.space.active(genomes), advantage[:, None], 0.0)
        chosen = np.zeros_like(self._logits)
        knobs = np.broadcast_to(np.arange(genomes.shape[1]), genomes.shape)
        np.add.at(chosen, (knobs, genomes), weights)
        return (chosen - weights.sum(axis=0)[:, None] * self.policy) / len(genomes)

    def _entropy_gradient(self) -> Float[ndarray, "d c"]:
        policy = self.policy
        logs = np.log(np.where(policy > 0, policy, 1.0))
        return -policy * (logs - (policy * logs).sum(axis=1, keepdims=True))

    def _step(self, gradient: Float[ndarray, "d c"], rate: float) -> None:
        """Adam without momentum."""
        self._steps += 1
        self._curvature = 0.999 * self._curvature + 0.001 * gradient**2
        corrected = self._curvature / (1 - 0.999**self._steps)
        self._logits = self._logits + rate * gradient / (np.sqrt(corrected) + 1e-8)
