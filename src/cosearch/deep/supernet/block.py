"""What a slot of a chain grows, as a module that borrows its weights for each pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jaxtyping import Int
from numpy import ndarray
from torch import Tensor, nn

from cosearch.deep.module import GraphModule
from cosearch.deep.module.graph import last_reads
from cosearch.deep.supernet.operators import Operator, Operators, Place
from cosearch.families.chain import Chain, Slot, Values
from cosearch.networks import Builder, Network
from cosearch.networks.network import Shape

Genome = Int[ndarray, " d"]
Shapes = tuple[Shape, ...]  # of the tensors that live on
Ends = tuple[str, ...]  # their names
Live = tuple[Tensor, ...]
Naming = Callable[[str, str], str]  # a node's name and a tensor's role to the shared tensor's name


class Loan(NamedTuple):
    """A tensor that an operator borrows: whose, where it is put, and which of all it is."""

    node: str
    place: Place
    key: str


Lend = Callable[[Loan], Tensor]


def grown(chain: Chain, slot: Slot, shapes: Shapes, values: Values) -> tuple[Network, Ends]:
    """The graph of one block on tensors of these shapes, and the names of those that live on."""
    net = Builder(chain.name, shapes[0], norm_eps=chain.norm_eps)
    live = ["input"]
    for i, shape in enumerate(shapes[1:]):
        live.append(net.add_node("input", (), shape, f"input{i}"))
    ends = slot.grow(net, tuple(live), slot.name, *values)
    return net.build(), ends


class Block(GraphModule):
    """A graph from the tensors that live to those that live on, without weights of its own."""

    ops: Sequence[nn.Module]  # type: ignore[assignment]  # other blocks have them too

    def __init__(self, network: Network, ends: Ends, naming: Naming, operators: Operators) -> None:
        nn.Module.__init__(self)
        by_name = network.by_name
        self.input_shape, self.ends = network.input_shape, ends
        self.shapes = tuple(by_name[end].shape for end in ends)
        self.entries = tuple(node.name for node in network.nodes if node.op == "input")
        self.nodes = tuple(node for node in network.nodes if node.op != "input")
        self.steps = tuple((node.name, node.inputs) for node in self.nodes)
        self.done = tuple(
            tuple(name for name in names if name not in ends) for names in last_reads(self.nodes)
        )
        self.operators: tuple[Operator, ...] = tuple(
            operators.of(node, [by_name[name].shape for name in node.inputs]) for node in self.nodes
        )
        self.ops = tuple(operator.module for operator in self.operators)
        self.borrowed = tuple(
            tuple(Loan(node.name, place, naming(node.name, place.role)) for place in op.places)
            for node, op in zip(self.nodes, self.operators, strict=True)
        )

    @property
    def loans(self) -> tuple[Loan, ...]:
        """Everything that is borrowed."""
        return tuple(loan for loans in self.borrowed for loan in loans)

    def forward(self, live: Live, lend: Lend, training: bool) -> Any:  # type: ignore[override]
        """The tensors that live on, computed with what `lend` gives."""
        values = dict(zip(self.entries, live, strict=True))
        for i, (name, inputs) in enumerate(self.steps):
            values[name] = self._step(i, [values[source] for source in inputs], lend, training)
            for source in self.done[i]:
                del values[source]
        return tuple(values[end] for end in self.ends)

    def _step(self, i: int, sources: list[Tensor], lend: Lend, training: bool) -> Tensor:
        operator, loans = self.operators[i], self.borrowed[i]
        for norm in operator.norms:
            norm.training = training
        for loan in loans:
            loan.place.holder[loan.place.name] = lend(loan)
        try:
            result: Tensor = operator.module(*sources)
        finally:
            for loan in loans:  # a crop is a copy: nobody is to keep it
                loan.place.holder[loan.place.name] = None
        return result
