"""One set of weights for every network of a family: its sub-networks are slices of the largest.

Kernels are centre crops, channels are the first ones, depth is the first blocks; the operators
of a block keep separate weights. Nothing here knows what a block is made of: names and shapes
come from `family.network`, and a sub-network runs as the module `to_module` builds for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from jaxtyping import Bool, Int
from numpy import ndarray
from torch import Tensor, nn
from torch.func import functional_call

from cosearch.deep.module import GraphModule, to_module
from cosearch.families.mobile import MobileFamily

Genome = Int[ndarray, " d"]
CACHED_PLANS = 64  # random genomes seldom come again; the last few do


@dataclass(frozen=True)
class Slices:
    """How a sub-network reads the shared weights: (its tensor's name, shared key, shape)."""

    module: GraphModule  # its own weights are never read
    tensors: tuple[tuple[str, str, torch.Size], ...]


class Supernet(nn.Module):
    """Shared weights of all networks of `family`, drawn from `seed`."""

    def __init__(self, family: MobileFamily, *, seed: int = 0) -> None:
        super().__init__()
        self.family = family
        self._plans: dict[bytes, Slices] = {}
        for genome in covering(family):
            module = to_module(family.network(genome), seed=seed)
            tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
            for name, key, _ in self._plan(genome).tensors:
                self._share(key, tensors[name])

    def _share(self, key: str, tensor: Tensor) -> None:
        if hasattr(self, key):
            return
        if isinstance(tensor, nn.Parameter):
            self.register_parameter(key, tensor)
        else:
            self.register_buffer(key, tensor)

    def forward(self, images: Tensor, genome: Genome) -> Tensor:
        """(n, c, h, w) float32 in [0, 1] through the sub-network of `genome`, to logits."""
        module = self._plan(genome).module.train(self.training)
        return cast(Tensor, functional_call(module, self.weights(genome), (images,)))

    def weights(self, genome: Genome) -> dict[str, Tensor]:
        """The sub-network's parameters and statistics, by its own names: views, not copies."""
        plan = self._plan(genome)
        return {name: crop(getattr(self, key), shape) for name, key, shape in plan.tensors}

    def subnet(self, genome: Genome) -> GraphModule:
        """The sub-network as a module of its own, with copies of its weights."""
        module = GraphModule(self.family.network(genome))
        copies = {name: view.detach().clone() for name, view in self.weights(genome).items()}
        counters = {n for n, _ in module.named_buffers() if n.endswith("num_batches_tracked")}
        copies |= {name: torch.zeros((), dtype=torch.int64) for name in counters}
        module.load_state_dict(copies, assign=True)
        for parameter in module.parameters():
            parameter.requires_grad_()
        return module.train(self.training)

    def _plan(self, genome: Genome) -> Slices:
        code = np.asarray(genome, dtype=np.int64).tobytes()
        if code not in self._plans:
            if len(self._plans) >= CACHED_PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[code] = plan(self.family, genome)
        return self._plans[code]


def plan(family: MobileFamily, genome: Genome) -> Slices:
    """Name the shared tensor behind every tensor of the sub-network.

    The key holds the node's name, the operator its block chose, and the tensor's role.
    """
    chosen = family.space.values(np.asarray(genome))
    module = GraphModule(family.network(genome))
    tensors = []
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        _, index, role = name.split(".", 2)
        if role.endswith("num_batches_tracked"):
            continue
        node = module.steps[int(index)][0]
        operator = chosen.get(f"{node.rpartition('.')[0]}.operator", "any")
        key = f"{node}|{operator}|{role}".replace(".", "/")  # torch forbids dots in names
        tensors.append((name, key, tensor.shape))
    return Slices(module, tuple(tensors))


def covering(family: MobileFamily) -> list[Genome]:
    """The largest genome with every operator: between them, every largest tensor."""
    space = family.space
    largest = space.cardinalities - 1
    rows = [np.where(_is_operator(family), i, largest) for i in range(len(family.operators))]
    return list(space.canonical(np.stack(rows)))


def sandwich(family: MobileFamily, rng: np.random.Generator, n: int) -> list[Genome]:
    """A largest, a smallest and `n` random genomes.

    Operators have no size, so those of the largest and the smallest are drawn.
    """
    space = family.space
    drawn = rng.integers(0, space.cardinalities, size=(n + 2, len(space)))
    for row, end in enumerate((space.cardinalities - 1, np.zeros(len(space), dtype=np.int64))):
        drawn[row] = np.where(_is_operator(family), drawn[row], end)
    return list(space.canonical(drawn))


def _is_operator(family: MobileFamily) -> Bool[ndarray, " d"]:
    return np.array([knob.name.endswith(".operator") for knob in family.space.knobs])


def crop(tensor: Tensor, shape: torch.Size) -> Tensor:
    """First channels, centre of the kernel: a view."""
    view = tensor
    for axis, size in enumerate(shape):
        start = (tensor.shape[axis] - size) // 2 if axis >= 2 else 0
        view = view.narrow(axis, start, size)
    return view
