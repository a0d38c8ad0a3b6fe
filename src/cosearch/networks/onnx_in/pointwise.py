"""Activations recognised by what they compute, however an exporter spelled them.

A chain of scalar operators is a function of one number. It is evaluated at fixed probes; equal
values mean equal functions: x * relu6(x + 3) / 6 and HardSwish(x) are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Attributes = Mapping[str, Any]

_NEAR: Final = np.linspace(-8, 8, 65)
_FAR: Final = np.array([12.0, 30.0, 100.0, 1e3, 1e4])
PROBES: Final[Values] = np.concatenate([-_FAR[::-1], _NEAR, _FAR])
TOLERANCE: Final = 1e-3  # constants such as 1/6 may be stored in half precision


def _sigmoid(x: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -60, 60))))


def _hsigmoid(x: Values, alpha: float, beta: float) -> Values:
    return np.clip(alpha * x + beta, 0, 1)


def _erf(x: Values) -> Values:
    return np.array([math.erf(value) for value in x])


def _elu(x: Values) -> Values:
    return np.asarray(np.expm1(np.minimum(x, 0)))


def _softplus(x: Values) -> Values:
    return np.asarray(np.logaddexp(x, 0))


def _gelu(x: Values) -> Values:
    return x * (1 + _erf(x / math.sqrt(2))) / 2


UNARY: Final[dict[str, Callable[[Values, Attributes], Values]]] = {
    "Abs": lambda x, a: np.abs(x),
    "Celu": lambda x, a: np.where(x > 0, x, _elu(x / a.get("alpha", 1.0)) * a.get("alpha", 1.0)),
    "Ceil": lambda x, a: np.ceil(x),
    "Cos": lambda x, a: np.cos(x),
    "Elu": lambda x, a: np.where(x > 0, x, a.get("alpha", 1.0) * _elu(x)),
    "Erf": lambda x, a: _erf(x),
    "Exp": lambda x, a: np.exp(np.minimum(x, 60)),
    "Floor": lambda x, a: np.floor(x),
    "Gelu": lambda x, a: _gelu(x),  # the approximation by tanh is within `TOLERANCE`
    "HardSigmoid": lambda x, a: _hsigmoid(x, a.get("alpha", 0.2), a.get("beta", 0.5)),
    "HardSwish": lambda x, a: x * _hsigmoid(x, 1 / 6, 0.5),
    "LeakyRelu": lambda x, a: np.where(x > 0, x, a.get("alpha", 0.01) * x),
    "Log": lambda x, a: np.log(x),
    "Mish": lambda x, a: x * np.tanh(_softplus(x)),
    "Neg": lambda x, a: -x,
    "PRelu": lambda x, a: np.where(x > 0, x, 0.25 * x),  # whatever its slopes are
    "Reciprocal": lambda x, a: 1 / x,
    "Relu": lambda x, a: np.maximum(x, 0),
    "Sigmoid": lambda x, a: _sigmoid(x),
    "Round": lambda x, a: np.rint(x),
    "Selu": lambda x, a: (
        np.where(x > 0, x, _elu(x) * a.get("alpha", 1.67326)) * a.get("gamma", 1.0507)
    ),
    "Sign": lambda x, a: np.sign(x),
    "Sin": lambda x, a: np.sin(x),
    "Softplus": lambda x, a: _softplus(x),
    "Softsign": lambda x, a: x / (1 + np.abs(x)),
    "Sqrt": lambda x, a: np.sqrt(x),
    "Swish": lambda x, a: x * _sigmoid(a.get("alpha", 1.0) * x),
    "Tanh": lambda x, a: np.tanh(x),
    "ThresholdedRelu": lambda x, a: np.where(x > a.get("alpha", 1.0), x, 0),
}

BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Add": np.add,
    "Div": np.divide,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Pow": np.power,
    "Sub": np.subtract,
}

KNOWN: Final[dict[str, Values]] = {
    "none": PROBES,
    "relu": np.maximum(PROBES, 0),
    "relu6": np.clip(PROBES, 0, 6),
    "hswish": PROBES * _hsigmoid(PROBES, 1 / 6, 0.5),
    "hsigmoid": _hsigmoid(PROBES, 1 / 6, 0.5),
    "swish": PROBES * _sigmoid(PROBES),
    "sigmoid": _sigmoid(PROBES),
    "gelu": _gelu(PROBES),
}


@dataclass(frozen=True, eq=False)
class Pointwise:
    """A function of one number: its values at `PROBES`, and the operators that spell it."""

    values: Values
    steps: tuple[str, ...] = ()

    @cached_property
    def name(self) -> str:
        """The activation's name in `ops.ACTIVATIONS`, else its spelling, e.g. ``leakyrelu``."""
        for name, values in KNOWN.items():
            if np.allclose(self.values, values, rtol=TOLERANCE, atol=TOLERANCE):
                return name
        return "+".join(step.lower() for step in self.steps)

    @cached_property
    def key(self) -> tuple[str, bytes]:
        """Equal for equal functions."""
        return self.name, b"" if self.name in KNOWN else self.values.tobytes()

    @cached_property
    def factor(self) -> float | None:
        """k if the function is k times its argument, else None."""
        at = int(np.argmax(PROBES))
        k = float(self.values[at] / PROBES[at])
        linear = np.allclose(self.values, k * PROBES, rtol=TOLERANCE, atol=TOLERANCE * abs(k))
        return k if linear and k else None

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.name == "none"

    def unary(self, op: str, attributes: Attributes) -> Pointwise:
        """This function, then the operator `op`."""
        with np.errstate(all="ignore"):
            return Pointwise(UNARY[op](self.values, attributes), (*self.steps, op))

    def clip(self, low: float, high: float) -> Pointwise:
        """This function, then a clip to [low, high]."""
        return Pointwise(np.minimum(np.maximum(self.values, low), high), (*self.steps, "Clip"))


def combine(op: str, first: Pointwise | float, second: Pointwise | float) -> Pointwise:
    """The operator `op` of two functions of the same number, or of one and a constant."""
    sides = [side if isinstance(side, Pointwise) else None for side in (first, second)]
    a, b = (s.values if isinstance(s, Pointwise) else np.float64(s) for s in (first, second))
    steps = [step for side in sides if side is not None for step in side.steps]
    with np.errstate(all="ignore"):
        return Pointwise(np.asarray(BINARY[op](a, b)), (*dict.fromkeys(steps), op))


IDENTITY: Final = Pointwise(PROBES)
