"""One set of weights for every network of a family.

Nothing here knows what a block is made of: it is grown as the family grows it, and runs as the
modules of its operators, which borrow their weights for a pass. Each block is built once, so that
a network never seen before costs no building.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cosearch.deep.module import GraphModule
from cosearch.deep.supernet.block import Block, Genome, Live, Loan
from cosearch.deep.supernet.crop import crop, window
from cosearch.deep.supernet.kernels import shrunk
from cosearch.deep.supernet.mixture import mixture
from cosearch.deep.supernet.paths import Paths
from cosearch.deep.supernet.resolution import at_size
from cosearch.deep.supernet.sharing import Sharing
from cosearch.deep.supernet.tensors import draw_tensors, find_tensors
from cosearch.errors import CosearchError
from cosearch.families.chain import Chain


class Supernet(nn.Module):
    """Shared weights of all networks of `family`, a chain of blocks, drawn from `seed`.

    Smaller kernels are centre crops, fewer channels the first ones, less depth the first blocks;
    operators have weights of their own (`sharing.py`), and with `separate` every option has.
    Without `affine` batch norms do not scale (Single Path One-Shot, arXiv 1904.00420). With
    `transforms` a smaller kernel is a learnt transform of the centre (Once-for-All, `kernels.py`).

    A step moves the tensors its networks used, whole: others have no gradient, and optimizers
    leave those alone, their momentum and decay too.
    """

    def __init__(
        self,
        family: Any,
        *,
        seed: int = 0,
        affine: bool = True,
        separate: bool = False,
        transforms: bool = False,
    ) -> None:
        super().__init__()
        self.family, self.affine = family, affine
        self.sharing = Sharing(_chain_of(family), separate)
        found = find_tensors(self.sharing, affine)
        for key, tensor in draw_tensors(found, seed).items():
            if isinstance(tensor, nn.Parameter):
                self.register_parameter(key, tensor)
            else:
                self.register_buffer(key, tensor)
        smaller = {key: each.smaller for key, each in found.items() if each.smaller}
        if transforms and not smaller:
            raise CosearchError(f"space {family.name!r}: no kernels share weights: no transforms")
        self.smaller = smaller if transforms else {}
        for key, sizes in self.smaller.items():
            for size in sizes:
                self.register_parameter(
                    _matrix(key, size), nn.Parameter(torch.zeros(size**2, size**2))
                )
        self.paths = self._new_paths()

    def _new_paths(self) -> Paths:
        sizes = {name: tensor.shape for name, tensor in self.state_dict().items()}
        return Paths(self.sharing, self.affine, sizes)

    def __getstate__(self) -> dict[str, Any]:
        """Without the blocks, which are built where they are needed."""
        return {name: value for name, value in self.__dict__.items() if name != "paths"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.paths = self._new_paths()

    # ---- running

    def forward(self, images: Float[Tensor, "n c h w"], genome: Genome) -> Tensor:
        """Images in [0, 1] through the network of `genome`, to logits.

        Where the family chooses the resolution, the images are scaled to it.
        """
        blocks = self.paths.of(genome)
        live: Live = (at_size(images, blocks[0].input_shape),)
        for block in blocks:
            live = self.run(block, live)
        return live[0]

    def mixture(self, images: Float[Tensor, "n c h w"], weights: Sequence[Tensor]) -> Tensor:
        """Logits where each place puts out the weighted sum of its options.

        `weights` are 1-D, one per place and option as in `places_of`; gradients flow to them. An
        option of weight 0 is not computed and gets no gradient. Raises `CosearchError` for a
        space that is not layer-wise, or whose options put out different shapes.
        """
        return mixture(self.sharing.chain, self.paths, self.run, images, weights)

    def run(self, block: Block, live: Live) -> Live:
        """One block with its weights lent to it."""
        ends: Live = block(live, self._lent, self.training)
        return ends

    def _lent(self, loan: Loan) -> Tensor:
        """A slice of a shared tensor; of statistics a view, for batch norm to write to."""
        parameter = self._parameters.get(loan.key)
        if parameter is not None:
            return self._sliced(loan.key, parameter, loan.place.shape)
        statistics = self._buffers[loan.key]
        assert statistics is not None
        return statistics[window(statistics.shape, loan.place.shape)]

    def _sliced(self, key: str, whole: Tensor, shape: torch.Size) -> Tensor:
        if key not in self.smaller:
            return crop(whole, shape)
        sizes = [size for size in self.smaller[key] if size >= shape[-1]]
        matrices: list[Any] = [self._parameters[_matrix(key, size)] for size in sizes]
        return shrunk(whole, shape, zip(sizes, matrices, strict=True))

    # ---- networks of their own

    def subnet(self, genome: Genome) -> GraphModule:
        """The network of `genome` as a module of its own, with copies of its weights."""
        module = GraphModule(self.family.network(genome))
        places = {node.name: f"ops.{i}" for i, node in enumerate(module.nodes)}
        state = {name: _neutral(name, tensor) for name, tensor in module.state_dict().items()}
        for block in self.paths.of(genome):
            for loan in block.loans:
                state[f"{places[loan.node]}.{loan.place.role}"] = self._lent(loan).detach().clone()
        module.load_state_dict(state, assign=True)
        for parameter in module.parameters():
            parameter.requires_grad_()
        return module.train(self.training)

    def resolution(self, genome: Genome) -> int | None:
        """Pixels that `genome` chooses for its images; None where the family has one size."""
        chosen = self.sharing.chain.resolution
        return None if chosen is None else int(self.family.space.values(genome)[chosen])

    def inherit(self, state: dict[str, Tensor]) -> None:
        """Take from another supernet's state what this one shares, such as a wider space's."""
        own = {name: state[name] for name in self.state_dict() if name in state}
        self.load_state_dict(own, strict=False)


def _matrix(key: str, size: int) -> str:
    """The name of what leads to kernels of this size."""
    return f"{key}|{size}"


def _neutral(name: str, tensor: Tensor) -> Tensor:
    """What a supernet does not share: counters, and the scales of norms that do not scale."""
    return torch.ones_like(tensor) if name.endswith("norm.weight") else torch.zeros_like(tensor)


def _chain_of(family: Any) -> Chain:
    chain = getattr(family, "chain", None)
    if not isinstance(chain, Chain):
        raise CosearchError(f"space {family.name!r} is no chain of blocks: no supernet of it")
    if chain.rewrite is not None:
        raise CosearchError(f"space {family.name!r} rewrites its blocks: no supernet of it")
    return chain
