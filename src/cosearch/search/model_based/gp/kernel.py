"""Likeness of two designs: a Matern-5/2 kernel whose columns are scaled knob by knob."""

from __future__ import annotations

from typing import Any

import torch
from gpytorch.constraints import GreaterThan, Interval
from gpytorch.kernels import Kernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.priors import GammaPrior, LogNormalPrior


class KnobMatern(Kernel):
    """Matern-5/2 with a length scale per group of columns: the one-hot ones of a knob share one."""

    has_lengthscale = True

    def __init__(self, groups: torch.Tensor, **options: Any) -> None:
        super().__init__(ard_num_dims=int(groups.max()) + 1, **options)
        self.ard_num_dims = None  # there are more columns than scales
        self.register_buffer("groups", groups)

    def forward(self, x1: Any, x2: Any, diag: bool = False, **options: Any) -> Any:
        """Covariance of the rows of `x1` with those of `x2`."""
        scale = self.lengthscale[..., self.groups]
        r = 5**0.5 * self.covar_dist(x1 / scale, x2 / scale, diag=diag, **options)
        return (1 + r + r**2 / 3) * torch.exp(-r)


def kernel(groups: torch.Tensor) -> Any:
    """Length scales expected to grow with the root of the dimension (Hvarfner et al., 2024)."""
    centre = 2**0.5 + 0.5 * float(torch.log(groups.max() + 1.0))
    matern = KnobMatern(
        groups,
        lengthscale_prior=LogNormalPrior(centre, 3**0.5),
        lengthscale_constraint=Interval(1e-2, 1e3, initial_value=float(groups.max() + 1) ** 0.5),
    )
    return ScaleKernel(matern, outputscale_prior=GammaPrior(2.0, 0.15))


def likelihood() -> GaussianLikelihood:
    """Next to no noise: evaluations are exact, but no kernel is."""
    return GaussianLikelihood(
        noise_prior=LogNormalPrior(-8.0, 2.0),
        noise_constraint=GreaterThan(1e-6, initial_value=1e-3),
    )
