"""The operator pool of HURRICANE (Zhang et al. 2020, arXiv 1910.11609) on SPOS's 20 layers.

The paper ranks 32 operators per device and layer and searches among the best few. Its tables of
operators and of the macro architecture could not be found: the 32 are a reconstruction (separable,
inverted bottleneck, ShuffleNetV2 and its Xception-like variant, each with and without
squeeze-and-excite), the macro architecture is that of Single Path One-Shot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError, unknown
from cosearch.families.chain import Chain, Live, Slot
from cosearch.families.spos import FULL, LAYERS, Macro
from cosearch.networks import Builder, Layers, Network
from cosearch.networks.blocks.channels import Squeeze
from cosearch.networks.blocks.mobile import inverted_bottleneck, separable
from cosearch.networks.blocks.shuffle import shuffle_unit, shuffle_xception
from cosearch.space import Choice, Knob, Space
from cosearch.zoo import spos

_KERNELS: Final = (3, 5, 7)
_EXPANSIONS: Final = (1, 3, 6)


@dataclass(frozen=True)
class Operator:
    """One candidate of the pool."""

    kind: str
    kernel: int = 3
    expansion: int = 1
    squeeze: bool = False


def _pool() -> dict[str, Operator]:
    plain = {
        **{f"sep_k{k}": Operator("separable", k) for k in _KERNELS},
        **{f"mb{e}_k{k}": Operator("ibn", k, e) for e in _EXPANSIONS for k in _KERNELS},
        **{f"choice_k{k}": Operator("shuffle", k) for k in _KERNELS},
        "choice_x": Operator("xception"),
    }
    squeezed = {
        f"{name}_se": Operator(op.kind, op.kernel, op.expansion, True) for name, op in plain.items()
    }
    return plain | squeezed


OPERATORS: Final[Mapping[str, Operator]] = _pool()

# SPOS's choices in the pool
_FROM_SPOS: Final = {
    "k3": "choice_k3",
    "k5": "choice_k5",
    "k7": "choice_k7",
    "xception": "choice_x",
}


@dataclass(frozen=True)
class HurricaneFamily:
    """32^20 networks, or fewer: `candidates` are the operators of each of the 20 layers."""

    candidates: tuple[tuple[str, ...], ...] = (tuple(OPERATORS),) * LAYERS
    name: str = "hurricane"
    macro: Macro = FULL

    def __post_init__(self) -> None:
        if len(self.candidates) != LAYERS:
            raise CosearchError(f"candidates for {len(self.candidates)} layers: there are {LAYERS}")
        for operator in {name for layer in self.candidates for name in layer}:
            if operator not in OPERATORS:
                raise unknown("operator", operator, OPERATORS)

    def narrowed(self, candidates: Mapping[int, Sequence[Any]]) -> HurricaneFamily:
        """The same family with fewer operators in the layers named; one operator fixes a layer.

        HURRICANE's two stages: late layers open and early ones fixed, then the reverse.
        """
        layers = tuple(tuple(candidates.get(i, old)) for i, old in enumerate(self.candidates))
        return replace(self, candidates=layers)

    @property
    def source(self) -> str:
        """Where the space was published."""
        return "arXiv 1910.11609; operators and macro architecture reconstructed, arXiv 1904.00420"

    @cached_property
    def space(self) -> Space:
        """A knob per layer."""
        layers = zip(self.macro.layers(), self.candidates, strict=True)
        return Space([Knob(layer.name, operators) for layer, operators in layers])

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """The first operator of every layer; SPOS's released network where the candidates allow."""
        names = [_FROM_SPOS[spos.CHOICES[i]] for i in spos.RELEASED]
        points = {"first": [knob.choices[0] for knob in self.space.knobs]}
        if all(name in knob.choices for name, knob in zip(names, self.space.knobs, strict=True)):
            points["spos"] = list(names)
        return {
            point: {knob.name: v for knob, v in zip(self.space.knobs, values, strict=True)}
            for point, values in points.items()
        }

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        return self.chain.network(genome)

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many genomes."""
        return self.chain.decode(genomes)

    @cached_property
    def chain(self) -> Chain:
        """The space with the slots that read it."""
        slots = tuple(
            Slot(layer.name, (layer.name,), _Layer(layer.channels, layer.stride))
            for layer in self.macro.layers()
        )
        return Chain(
            self.name,
            self.space,
            self.macro.slots(slots),
            (self.macro.image,),
            norm_eps=spos.NORM_EPS,
        )


@dataclass(frozen=True)
class _Layer:
    channels: int
    stride: int

    def __call__(self, net: Builder, live: Live, name: str, operator: str) -> Live:
        chosen = OPERATORS[operator]
        return (_GROW[chosen.kind](net, live[0], self.channels, name, self.stride, chosen),)


# ---- squeeze-and-excite is a quarter as wide as what it gates


def _squeeze(width: int, operator: Operator) -> Squeeze | None:
    return Squeeze(max(1, width // 4)) if operator.squeeze else None


def _separable(
    net: Builder, source: str, channels: int, name: str, stride: int, operator: Operator
) -> str:
    return separable(
        net,
        source,
        channels,
        name,
        kernel=operator.kernel,
        stride=stride,
        activation="relu",
        activated=True,
        squeeze=_squeeze(net.shape(source)[0], operator),
    )


def _inverted(
    net: Builder, source: str, channels: int, name: str, stride: int, operator: Operator
) -> str:
    hidden = net.shape(source)[0] * operator.expansion
    return inverted_bottleneck(
        net,
        source,
        channels,
        name,
        kernel=operator.kernel,
        stride=stride,
        activation="relu",
        hidden=hidden,
        squeeze=_squeeze(hidden, operator),
    )


def _shuffle(
    net: Builder, source: str, channels: int, name: str, stride: int, operator: Operator
) -> str:
    return shuffle_unit(
        net,
        source,
        channels,
        name,
        kernel=operator.kernel,
        stride=stride,
        squeeze=operator.squeeze,
    )


def _xception(
    net: Builder, source: str, channels: int, name: str, stride: int, operator: Operator
) -> str:
    return shuffle_xception(net, source, channels, name, stride=stride, squeeze=operator.squeeze)


_GROW: Final[dict[str, Callable[[Builder, str, int, str, int, Operator], str]]] = {
    "separable": _separable,
    "ibn": _inverted,
    "shuffle": _shuffle,
    "xception": _xception,
}
