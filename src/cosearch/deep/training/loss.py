"""Cross-entropy against classes, shares of classes, or another network's word."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def cross_entropy(
    logits: Float[Tensor, "n classes"],
    labels: Tensor,
    *,
    smoothing: float = 0.0,
    weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, ""]:
    """Mean over the batch; `labels` are classes (n,) or shares of the first classes (n, k)."""
    if labels.ndim == 2 and labels.shape[1] < logits.shape[1]:
        labels = F.pad(labels, (0, logits.shape[1] - labels.shape[1]))
    return F.cross_entropy(logits, labels, weight=weights, label_smoothing=smoothing)


def divergence(
    logits: Float[Tensor, "n classes"], taught: Float[Tensor, "n classes"], temperature: float
) -> Float[Tensor, ""]:
    """How far the student's answer is from the teacher's (Hinton et al., arXiv 1503.02531).

    Times the temperature squared, as there: gradients keep their size whatever it is.
    """
    ours, theirs = (F.log_softmax(x / temperature, 1) for x in (logits, taught))
    return F.kl_div(ours, theirs, reduction="batchmean", log_target=True) * temperature**2
