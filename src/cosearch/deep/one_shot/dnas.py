"""FBNet's differentiable search (arXiv 1812.03443) as a training task.

Every layer mixes its operators by Gumbel-softmax weights. A step trains the weights on its batch;
after the first epochs it goes on with steps of theta on images of its own. FBNet alternates
by epochs, this by steps, as many of each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from cosearch.deep.one_shot.dnas_history import DnasHistory
from cosearch.deep.one_shot.dnas_latency import ExpectedLatency
from cosearch.deep.one_shot.dnas_losses import LOSSES, Weighing, check_unit, suitable_unit_s
from cosearch.deep.one_shot.dnas_settings import DnasSettings
from cosearch.deep.one_shot.dnas_theta import Theta, keep
from cosearch.deep.one_shot.stepping import Draws, due, mean_over_processes, place
from cosearch.deep.training.images import Images
from cosearch.deep.training.loss import cross_entropy
from cosearch.deep.training.task import Moment
from cosearch.errors import CosearchError

Weights = list[Tensor]  # of the options of each place


@dataclass
class Dnas:
    """`model` is a supernet with `mixture`; `images` are theta's, apart from the weights'.

    `ref_s` is the latency aimed at, which the losses `proxyless` and `added` know.
    """

    model: Any
    latency: ExpectedLatency
    images: Images
    settings: DnasSettings
    ref_s: float
    label_smoothing: float = 0.0
    batch: int = 64  # images of a step of theta
    name: str = "fbnet"
    theta: Theta = field(init=False)
    history: DnasHistory = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.theta = Theta([len(options) for options in self.latency.options_s])
        self.history = DnasHistory()
        self._optimizer = torch.optim.Adam(
            self.theta.parameters(), settings.theta_lr, weight_decay=settings.theta_decay
        )
        self._loss = LOSSES[settings.loss]
        self.unit_s = settings.unit_s or suitable_unit_s(self.latency.fastest_s)
        check_unit(self._loss, min(self.latency.fastest_s, self.ref_s), self.unit_s)
        self._place: tuple[int, int] | None = None  # of the mixture drawn last
        self._drawn: Weights = []
        self._learnt: tuple[int, int] | None = None  # of the last steps of theta

    # ---- Task

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Gradients of the weights at one mixture; then the steps of theta that are due."""
        draws = Draws.of(moment)
        if self._place != place(moment):
            mixed, _ = self._mixture(draws, moment.epoch)
            self._drawn = [weights.detach() for weights in mixed]
            self._place = place(moment)
        logits = self.model.mixture(images, self._drawn)
        loss = cross_entropy(logits, labels, smoothing=self.label_smoothing)
        moment.backward(loss)
        if self._learnt != place(moment):
            self._search(draws, moment, images.device)
            self._learnt = place(moment)
        return loss.item()

    def state_dict(self) -> dict[str, Any]:
        """Theta with its optimizer, and its history."""
        return {
            "theta": self.theta.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "history": self.history.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.theta.load_state_dict(state["theta"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.history.load_state_dict(state["history"])

    # ---- steps of theta

    def _search(self, draws: Draws, moment: Moment, device: torch.device) -> None:
        """As many as give each of theta's images one turn an epoch."""
        if moment.epoch >= self.settings.warm_epochs:
            for _ in range(due(moment, max(1, len(self.images) // self.batch))):
                self._learn(draws, moment, device)
        if moment.step == moment.steps - 1:
            expected = self.latency(self.theta.probabilities()).item()
            self.history.add(self.theta, expected)

    def _learn(self, draws: Draws, moment: Moment, device: torch.device) -> None:
        """One Adam step; the weights get no gradient."""
        loss = self.loss(*draws.images(self.images, self.batch, device), draws, moment.epoch)
        if not torch.isfinite(loss):
            raise CosearchError(
                f"search diverged: loss {loss.item()} of theta in epoch {moment.epoch + 1}, step "
                f"{moment.step + 1}; theta_lr is {self.settings.theta_lr}, try a smaller one"
            )
        parameters = list(self.theta.parameters())
        gradients = mean_over_processes(torch.autograd.grad(loss, parameters))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        self._optimizer.step()

    def loss(self, images: Tensor, labels: Tensor, draws: Draws, epoch: int) -> Tensor:
        """Cross-entropy and latency of one draw of mixtures, weighed; a scalar."""
        mixed, soft = self._mixture(draws, epoch)
        ce = cross_entropy(self.model.mixture(images, mixed), labels).cpu()
        latency_s = self.latency(soft if self._loss.sampled else self.theta.probabilities())
        return self._loss.value(ce, latency_s / self.unit_s, self.weighing)

    @property
    def weighing(self) -> Weighing:
        """Scales as set, or as published."""
        alpha = self._loss.alpha if self.settings.alpha is None else self.settings.alpha
        beta = self._loss.beta if self.settings.beta is None else self.settings.beta
        return Weighing(alpha, beta, self.ref_s / self.unit_s)

    def _mixture(self, draws: Draws, epoch: int) -> tuple[Weights, Weights]:
        """(weights of the paths that are computed, weights of all)."""
        temperature = self.settings.temperature_at(epoch)
        soft, scores = self.theta.mixtures(temperature, draws.generator)
        paths = self.settings.paths
        if paths is None:
            return soft, soft
        return [keep(*pair, paths) for pair in zip(soft, scores, strict=True)], soft
