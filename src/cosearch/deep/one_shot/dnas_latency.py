"""The expected latency of a mixture: exact, for latencies add up over places."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from cosearch.errors import CosearchError


class ExpectedLatency:
    """E[LAT] = fixed + sum over places of sum over options of weight times latency (FBNet, eq. 5).

    `options_s` holds seconds per option, an array per place; `fixed_s` what every network takes.
    """

    def __init__(self, options_s: Sequence[Float[ndarray, " o"]], fixed_s: float = 0.0) -> None:
        self.options_s = [torch.as_tensor(latencies).double() for latencies in options_s]
        self.fixed_s = float(fixed_s)
        if not all(torch.isfinite(latencies).all() for latencies in self.options_s):
            raise CosearchError(
                "the latency of an option is not finite: the device cannot run every network "
                "of this space"
            )

    def __call__(self, weights: Sequence[Tensor]) -> Tensor:
        """Seconds, a scalar in double precision; differentiable in the weights."""
        terms = [w.double() @ t for w, t in zip(weights, self.options_s, strict=True)]
        return self.fixed_s + torch.stack(terms).sum()

    @property
    def fastest_s(self) -> float:
        """Of any network of the space."""
        return self.fixed_s + float(sum(latencies.min() for latencies in self.options_s))
