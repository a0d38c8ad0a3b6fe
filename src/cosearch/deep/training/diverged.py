"""Training that went wrong: where, and what is left."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from cosearch.deep.module import GraphModule
from cosearch.deep.training.state import Run, Standing
from cosearch.errors import CosearchError


class DivergedError(CosearchError):
    """Training went wrong for good: a loss or a gradient is not finite."""


def diverged(
    run: Run, standing: Standing, loss: float, again: Callable[[], object]
) -> DivergedError:
    """Say where: `again` works through the same batch once more, and is watched."""
    model, rate = run.task.model, standing.optimizer.param_groups[0]["lr"]
    where = first_layer(model, again) or _gradient(model) or "every layer's output is finite"
    kept = (
        f"the last good checkpoint is {run.checkpoint}"
        if run.checkpoint and run.checkpoint.exists()
        else "there is no checkpoint yet"
    )
    return DivergedError(
        f"training diverged: loss {loss} in epoch {standing.epoch + 1}, step {standing.step + 1}; "
        f"{where}; the learning rate is {run.settings.lr:g} ({rate:.3g} in this step), try a "
        f"smaller one; {kept}"
    )


def first_layer(model: nn.Module, again: Callable[[], object]) -> str | None:
    """The first layer whose output is not finite, while `again` runs.

    Watches every module there is, so that networks a supernet builds on the way are seen too.
    """
    names = {id(part): name for name, part in model.named_modules()}
    found: list[str] = []

    def name_nodes(module: nn.Module, inputs: object) -> None:
        if isinstance(module, GraphModule):
            for node, op in zip(module.nodes, module.ops, strict=True):
                for name, part in op.named_modules():
                    names[id(part)] = f"{node.name}.{name}".rstrip(".")

    def look(module: nn.Module, inputs: object, output: object) -> None:
        if not found and isinstance(output, Tensor) and not torch.isfinite(output).all():
            found.append(f"layer {names.get(id(module), '')!r} ({type(module).__name__})")

    hooks = register_module_forward_pre_hook(name_nodes), register_module_forward_hook(look)
    try:
        again()
    finally:
        for hook in hooks:
            hook.remove()
    return f"the first output that is not finite is of {found[0]}" if found else None


def _gradient(model: nn.Module) -> str | None:
    """What a finite loss leaves: a gradient that is not."""
    for name, parameter in model.named_parameters():
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            return f"every layer's output is finite, the gradient of {name!r} is not"
    return None
