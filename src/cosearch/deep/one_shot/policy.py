"""TuNAS's search by policy gradient (arXiv 2008.06120) as a training task.

The policy is of the network and, in NAHAS's one-shot way (arXiv 2102.08619), of the accelerator
too. A step draws a design, trains its network's weights on the batch, then judges the same
design on validation images and moves the policy by REINFORCE.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor

from cosearch.deep.one_shot.policy_history import PolicyHistory
from cosearch.deep.one_shot.policy_logits import Policy
from cosearch.deep.one_shot.policy_reward import Judge
from cosearch.deep.one_shot.policy_settings import PolicySettings
from cosearch.deep.one_shot.policy_warmup import Warmed, warm
from cosearch.deep.one_shot.stepping import Draws, mean_over_processes, place
from cosearch.deep.training.images import Images
from cosearch.deep.training.loss import cross_entropy
from cosearch.deep.training.task import Moment
from cosearch.space import Space

Genome = Int[ndarray, " d"]


@dataclass
class PolicySearch:
    """`model` is a supernet of `networks`; `space` may have the knobs of a chip after these.

    `options` are the numbers of options of its places where the supernet can mix all of them:
    so operators are warmed up together. Elsewhere a warm-up step trains the network drawn.
    """

    model: Any
    networks: Space
    space: Space
    judge: Judge
    images: Images
    settings: PolicySettings
    options: tuple[int, ...] = ()
    label_smoothing: float = 0.0
    name: str = "policy"
    policy: Policy = field(init=False)
    history: PolicyHistory = field(init=False)
    baseline: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.policy = Policy(self.space)
        self.history = PolicyHistory()
        self._optimizer = torch.optim.Adam(
            self.policy.parameters(), lr=1.0, betas=(0.0, 0.999), eps=1e-8
        )
        self._place: tuple[int, int] | None = None  # of the design drawn last
        self._genome: Genome = np.zeros(len(self.space), dtype=np.int64)
        self._trained = Warmed(self._network, False)
        self._learnt: tuple[int, int] | None = None  # of the policy's last step

    # ---- Task

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Gradients of the weights of one network; then the policy's step."""
        draws = Draws.of(moment)
        if self._place != place(moment):
            self._genome = self.policy.sample(draws.rng, 1)[0]
            warmth = self.settings.warmth(moment.done)
            self._trained = warm(self.networks, self._network, warmth, draws.rng)
            self._place = place(moment)
        logits = self._logits(images)
        loss = cross_entropy(logits, labels, smoothing=self.label_smoothing)
        moment.backward(loss)
        if self._learnt != place(moment):
            self._search(draws, moment, images.device)
            self._learnt = place(moment)
        return loss.item()

    def state_dict(self) -> dict[str, Any]:
        """The policy with its optimizer and baseline, and its history."""
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "baseline": self.baseline,
            "history": self.history.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.policy.load_state_dict(state["policy"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.baseline = state["baseline"]
        self.history.load_state_dict(state["history"])

    # ---- a step

    @property
    def _network(self) -> Genome:
        return self._genome[: len(self.networks)]

    def _logits(self, images: Tensor) -> Tensor:
        """Of the network drawn, or while warming up perhaps of a wider one, or of all."""
        if self._trained.all_operators and self.options:
            even = [torch.full((n,), 1 / n) for n in self.options]
            return cast(Tensor, self.model.mixture(images, even))
        return cast(Tensor, self.model(images, self._trained.genome))

    def _search(self, draws: Draws, moment: Moment, device: torch.device) -> None:
        if not self.settings.warming(moment.done):
            rate = self.settings.rate(moment.done, moment.epochs * moment.steps)
            self._learn(self._accuracy(draws, device), rate)
        if moment.step == moment.steps - 1:
            self.history.close_epoch(self.policy.entropies())

    @torch.no_grad()
    def _accuracy(self, draws: Draws, device: torch.device) -> float:
        """On validation images, normalised by their own statistics: shared ones are nobody's."""
        images, labels = draws.images(self.images, self.settings.batch, device)
        right = (self.model(images, self._network).argmax(1) == labels).double().mean()
        return mean_over_processes([right])[0].item()

    def _learn(self, accuracy: float, rate: float) -> None:
        """One step up the gradient of the expected reward."""
        genome = self._genome
        reward = self.judge(accuracy, genome)
        before = reward if self.baseline is None else self.baseline
        self._optimizer.zero_grad()
        (-(reward - before) * self.policy.log_prob(genome[None])[0]).backward()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        kept = self.settings.momentum
        self.baseline = kept * before + (1 - kept) * reward
        self.history.add(reward, accuracy, self.judge.ratios(genome))
