"""TensorBoard, for those who watch long runs with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cosearch.deep.training.history import Epoch
from cosearch.errors import CosearchError

Show = Callable[[Epoch], None]


@contextmanager
def board(folder: Path | None) -> Iterator[Show]:
    """A function that logs an epoch in `folder`; it does nothing without one."""
    if folder is None:
        yield lambda row: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise CosearchError(
            "TensorBoard logs need tensorboard: pip install 'cosearch[tensorboard]'"
        ) from error
    with SummaryWriter(str(folder)) as writer:

        def show(row: Epoch) -> None:
            for name in ("loss", "lr", "accuracy", "images_per_s"):
                if getattr(row, name) is not None:
                    writer.add_scalar(name, getattr(row, name), row.epoch)
            writer.flush()

        yield show
