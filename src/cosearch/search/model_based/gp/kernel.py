"""Likeness of two designs: knob by knob, and along mixtures of knobs."""

from __future__ import annotations

from typing import Any

import torch
from gpytorch.constraints import GreaterThan, Interval
from gpytorch.kernels import Kernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.priors import GammaPrior, LogNormalPrior, NormalPrior

_MIXTURES = 4  # experiments/apollo/mixtures.py shows what they are worth


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
        return _matern(self.covar_dist(x1 / scale, x2 / scale, diag=diag, **options))


class MixtureMatern(Kernel):
    """Matern-5/2 on a few learned mixtures of the first columns, which are logarithms mostly.

    A chip's time depends on products of its knobs, which are sums of their logarithms: where one
    design trades a knob for another, this sees that little changes. The low-rank part of the
    factor analysis distance (Rasmussen and Williams 2006, section 5.1).
    """

    def __init__(self, columns: int, **options: Any) -> None:
        super().__init__(**options)
        self.columns = columns
        start = torch.randn(_MIXTURES, columns, generator=torch.Generator().manual_seed(0))
        self.register_parameter("weights", torch.nn.Parameter(start / columns**0.5))
        self.register_prior("weights_prior", NormalPrior(0.0, 4.0 / columns**0.5), "weights")

    def forward(self, x1: Any, x2: Any, diag: bool = False, **options: Any) -> Any:
        """Covariance of the rows of `x1` with those of `x2`."""
        one, other = (x[..., : self.columns] @ self.weights.T for x in (x1, x2))
        return _matern(self.covar_dist(one, other, diag=diag, **options))


def _matern(distance: Any) -> Any:
    r = 5**0.5 * distance
    return (1 + r + r**2 / 3) * torch.exp(-r)


def kernel(groups: torch.Tensor, mixed: int) -> Any:
    """The product of both, the first `mixed` columns being mixed.

    Length scales are expected to grow with the root of the dimension (Hvarfner et al., 2024).
    """
    centre = 2**0.5 + 0.5 * float(torch.log(groups.max() + 1.0))
    matern = KnobMatern(
        groups,
        lengthscale_prior=LogNormalPrior(centre, 3**0.5),
        lengthscale_constraint=Interval(1e-2, 1e3, initial_value=float(groups.max() + 1) ** 0.5),
    )
    both = matern * MixtureMatern(mixed)
    return ScaleKernel(both, outputscale_prior=GammaPrior(2.0, 0.15))


def likelihood() -> GaussianLikelihood:
    """Next to no noise: evaluations are exact, but no kernel is."""
    return GaussianLikelihood(
        noise_prior=LogNormalPrior(-8.0, 2.0),
        noise_constraint=GreaterThan(1e-6, initial_value=1e-3),
    )
