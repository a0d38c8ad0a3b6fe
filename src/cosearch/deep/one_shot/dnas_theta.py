"""`Theta`: the logits of a differentiable search, and the mixtures drawn from them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cosearch.errors import CosearchError


class Theta(nn.Module):
    """A logit per option of each place; P_theta of a network is the product over its places."""

    def __init__(self, options: Sequence[int]) -> None:
        super().__init__()
        self.logits = nn.ParameterList(nn.Parameter(torch.zeros(n)) for n in options)

    def probabilities(self) -> list[Tensor]:
        """Of every option of every place; differentiable."""
        return [logits.softmax(0) for logits in self.logits]

    def log_probabilities(self) -> list[Tensor]:
        """Their logarithms, detached, in double precision."""
        return [logits.detach().double().log_softmax(0) for logits in self.logits]

    def entropies(self) -> Tensor:
        """In nats, (places,); detached."""
        return torch.stack([-(logs.exp() * logs).sum() for logs in self.log_probabilities()])

    def mixtures(
        self, temperature: float, generator: torch.Generator
    ) -> tuple[list[Tensor], list[Tensor]]:
        """(Gumbel-softmax weights of every place, their perturbed logits); differentiable.

        softmax((theta + g) / temperature), g standard Gumbel (Jang et al., arXiv 1611.01144).
        """
        perturbed = [logits + gumbel(logits, generator) for logits in self.logits]
        return [(scores / temperature).softmax(0) for scores in perturbed], perturbed


def gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    """Standard Gumbel noise."""
    exponential = torch.empty_like(like, requires_grad=False).exponential_(generator=generator)
    return -exponential.log()


def keep(weights: Tensor, scores: Tensor, paths: int) -> Tensor:
    """`weights` with all but the `paths` of highest score set to 0, the rest adding up to 1.

    The highest of perturbed logits are a draw without replacement. Two paths are ProxylessNAS's,
    whose gradient moves one against the other. A single one would have no gradient left: it
    weighs 1 and passes on the gradient of its soft weight, as in GDAS (arXiv 1910.04465).
    """
    if paths < 1:
        raise CosearchError(f"paths = {paths}: at least 1 is needed")
    if paths >= len(weights):
        return weights
    chosen = F.one_hot(scores.topk(paths).indices, len(weights)).sum(0).to(weights.dtype)
    if paths == 1:
        return chosen * (1 + weights - weights.detach())
    kept = chosen * weights
    return kept / kept.sum()
