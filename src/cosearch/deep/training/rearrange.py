"""Weights that a task puts in another order while training goes on, and all that goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from torch import Tensor

from cosearch.deep.training.state import Run, Standing
from cosearch.deep.training.task import Moment


class Rearrangement(Protocol):
    """What was put where."""

    def apply(self, tensors: Mapping[str, Tensor]) -> None:
        """Do the same to other tensors, by the names and of the shapes of the weights."""
        ...


@runtime_checkable
class Rearranges(Protocol):
    """A task that now and then puts weights of its model in another order."""

    def rearrange(self, moment: Moment) -> Rearrangement | None:
        """Do so before a step, if it is time to, and say what moved."""
        ...


def rearrange(run: Run, standing: Standing, moment: Moment) -> None:
    """Let the task do so; momenta and the moving average of the weights go with them."""
    order = run.task.rearrange(moment) if isinstance(run.task, Rearranges) else None
    if order is None:
        return
    for name, weight in run.task.model.named_parameters():
        for kept in standing.optimizer.state.get(weight, {}).values():
            if isinstance(kept, Tensor) and kept.shape == weight.shape:
                order.apply({name: kept})
    if standing.average is not None:
        order.apply(standing.average.state)
