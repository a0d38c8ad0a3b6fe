"""Rounding as integers would, in floating point; gradients pass as if nothing were rounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class Precision:
    """How many steps there are: filters from -`weight` to `weight`, activations 0 to `activation`.

    The default is that of the int8 files: filters of 7 bits, which no machine's sums overflow.
    """

    weight: int = 64
    activation: int = 255

    def __post_init__(self) -> None:
        if min(self.weight, self.activation) < 1:
            raise CosearchError(f"{self}: at least one step is needed")

    @classmethod
    def bits(cls, bits: int) -> Precision:
        """Of so many bits on either side."""
        if not 2 <= bits <= 8:
            raise CosearchError(f"{bits} bits: 2 to 8 are allowed")
        return cls(2 ** (bits - 1) - 1, 2**bits - 1)


INT8: Final = Precision()


class FakeWeight(nn.Module):
    """Filters rounded per output channel, but while `watching`; a parametrisation of torch's."""

    def __init__(self, steps: int, axis: int = 0) -> None:
        super().__init__()
        self.steps, self.axis, self.watching = steps, axis, False

    def forward(self, weight: Tensor) -> Tensor:
        """Any shape to the same; `axis` counts the outputs."""
        return (
            weight if self.watching else _straight_through(weight, self._rounded(weight.detach()))
        )

    def scale(self, weight: Tensor) -> Tensor:
        """A step of each output's filters; one value an output, to go with `weight`'s axes."""
        others = [axis for axis in range(weight.ndim) if axis != self.axis]
        largest = weight.detach().abs().amax(others, keepdim=True)
        return torch.where(largest > 0, largest / self.steps, 1.0)

    def _rounded(self, weight: Tensor) -> Tensor:
        scale = self.scale(weight)
        return (weight / scale).round().clamp(-self.steps, self.steps) * scale


class FakeActivation(nn.Module):
    """One tensor's values between `low` and `high`, which are learned; 0 stays 0.

    While `watching`, it changes nothing and widens its range to all it sees.
    """

    low: nn.Parameter
    high: nn.Parameter

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps, self.watching = steps, False
        self.low, self.high = (nn.Parameter(torch.zeros(())) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        if self.watching:
            with torch.no_grad():
                self.low.copy_(torch.minimum(self.low, x.amin()))
                self.high.copy_(torch.maximum(self.high, x.amax()))
            return x
        low, high = self.range()
        inside = torch.minimum(torch.maximum(x, low), high)  # a bound learns from what it cuts off
        scale = self.scale()
        if not scale > 0:
            return inside
        zero = (-low.detach() / scale).round()
        rounded = ((inside.detach() / scale).round() + zero).clamp(0, self.steps) - zero
        return _straight_through(inside, rounded * scale)

    def range(self) -> tuple[Tensor, Tensor]:
        """(low, high), which hold 0 between them."""
        return self.low.clamp(max=0), self.high.clamp(min=0)

    def scale(self) -> Tensor:
        """A step; 0 where the range is nothing but 0."""
        low, high = self.range()
        return ((high - low) / self.steps).detach()


class FakeBias(nn.Module):
    """Biases in steps of what is summed: products of an input's step and a filter's.

    32 bits hold any of them, but a step need not be small beside those of the output: unrounded,
    deep networks answered several times as far from their files. A parametrisation of torch's.
    """

    def __init__(self, reads: FakeActivation, part: nn.Module) -> None:
        super().__init__()
        self._of = (reads, part)  # in a tuple: they are parts of the network, not of this

    def forward(self, bias: Tensor) -> Tensor:
        """Any shape to the same."""
        reads, part = self._of
        weight: Any = part.parametrizations.weight
        if reads.watching or not (step := reads.scale()) > 0:
            return bias
        scale = step * weight[0].scale(weight.original).flatten()
        return _straight_through(bias, (bias.detach() / scale).round() * scale)


def _straight_through(exact: Tensor, rounded: Tensor) -> Tensor:
    """The value of one, the gradient of the other (Bengio et al. 2013, arXiv 1308.3432)."""
    return exact + (rounded - exact).detach()
