"""Weights of another implementation: its state dict, loaded through a map of names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from cosearch.errors import CosearchError

COUNTER = "num_batches_tracked"  # of batch norm; no weight


@torch.no_grad()
def load_weights(module: nn.Module, state: Mapping[str, Tensor], names: Mapping[str, str]) -> None:
    """Fill `module` with the tensors of `state`; `names` gives theirs for each name of ours.

    Every tensor of ours but batch counters must be named, and shapes must agree, axes of size 1
    apart. Raises `CosearchError`, before anything is changed, with the tensors at fault.
    """
    ours = _tensors(module)
    if missing := [name for name in ours if names.get(name) not in state]:
        raise CosearchError(f"no weights for {len(missing)} tensors: {', '.join(missing[:5])}")
    for name, tensor in ours.items():
        theirs = state[names[name]]
        if _shape(theirs) != _shape(tensor):
            raise CosearchError(
                f"{name!r} has shape {tuple(tensor.shape)}, "
                f"{names[name]!r} has {tuple(theirs.shape)}"
            )
    for name, tensor in ours.items():
        tensor.copy_(state[names[name]].reshape(tensor.shape))


def match_weights(module: nn.Module, other: nn.Module, images: Tensor) -> dict[str, str]:
    """The map for `load_weights`, where both modules use their weights in much the same order.

    `other` is run once on `images` (n, c, h, w). Each tensor of ours gets the one of theirs left
    over that has its role and shape and is used nearest to where the last one was found: a guess,
    which only equal outputs prove. Raises `CosearchError` if tensors are left over on either side.
    """
    left = [(name, _role(name), _shape(t)) for name, t in in_use_order(other, images).items()]
    names: dict[str, str] = {}
    place = 0
    for name, tensor in _tensors(module).items():
        wanted = _role(name), _shape(tensor)
        fits = [i for i, (_, *theirs) in enumerate(left) if tuple(theirs) == wanted]
        if not fits:
            raise CosearchError(f"nothing fits {name!r}, shape {tuple(tensor.shape)}")
        place = min(fits, key=lambda i: abs(i - place))
        names[name] = left.pop(place)[0]
    if left:
        rest = ", ".join(name for name, *_ in left[:5])
        raise CosearchError(f"{len(left)} tensors fit nothing: {rest}")
    return names


@torch.no_grad()
def in_use_order(module: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """The state of `module` in the order in which a forward pass enters its parts."""
    used: dict[str, Tensor] = {}

    def note(prefix: str) -> None:
        used.update(_own(module.get_submodule(prefix), prefix))

    hooks = [
        part.register_forward_pre_hook(lambda _part, _args, prefix=prefix: note(prefix))
        for prefix, part in module.named_modules()
    ]
    try:
        module(images)
    finally:
        for hook in hooks:
            hook.remove()
    return used


def _own(part: nn.Module, prefix: str) -> Iterator[tuple[str, Tensor]]:
    """Tensors of `part` itself, not of its parts."""
    for name, tensor in part.state_dict(prefix=f"{prefix}." if prefix else "").items():
        if name.rpartition(".")[0] == prefix and not name.endswith(COUNTER):
            yield name, tensor


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    state = module.state_dict(keep_vars=True)
    return {name: tensor for name, tensor in state.items() if not name.endswith(COUNTER)}


def _role(name: str) -> str:
    """What a tensor is for; tokens and positions go by many names."""
    last = name.rpartition(".")[2]
    return last if last in ("weight", "bias", "running_mean", "running_var") else "embedding"


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(size for size in tensor.shape if size > 1)
