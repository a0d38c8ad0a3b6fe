"""A mobile network as a table: a stem, rows of blocks, a head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cosearch.networks.blocks.channels import Squeeze


@dataclass(frozen=True)
class Row:
    """`repeats` blocks of one operator; only the first strides and changes the width.

    `expansion` and `squeeze` are ratios to the width of the block's input, or, in the first block,
    to `source` where that is given. For Tucker `expansion` is the compression. Squeeze 0 is none;
    an empty activation is the table's. `shortcut` is identity, pool or none, and used where the
    shapes allow it.
    """

    operator: str
    kernel: int
    stride: int
    expansion: float
    channels: int
    repeats: int = 1
    squeeze: float = 0.0
    activation: str = ""
    shortcut: str = "identity"
    groups: int = 1
    source: int | None = None


@dataclass(frozen=True)
class SqueezeRule:
    """How wide squeeze-and-excite is: a ratio of the block's input, or of its expanded width."""

    of_expansion: bool = False
    rounding: Callable[[float], int] = int
    activation: str = ""  # the block's
    gate: str = "sigmoid"

    def of(self, width: int, hidden: int, ratio: float, activation: str) -> Squeeze | None:
        """The squeeze of a block of input `width` and expanded width `hidden`; ratio 0 is none."""
        if not ratio:
            return None
        middle = self.rounding(ratio * (hidden if self.of_expansion else width))
        return Squeeze(max(1, middle), self.activation or activation, self.gate)


@dataclass(frozen=True)
class Table:
    """One network. `head` is the 1x1 before pooling, `features` the 1x1 with bias after it.

    Without classes it is a backbone, and its last block is the output.
    """

    stem: int
    rows: tuple[Row, ...] = ()
    head: int = 1280
    features: int = 0
    classes: int = 1000
    activation: str = "relu"
    squeeze: SqueezeRule = SqueezeRule()
    norm_eps: float = 1e-3  # TensorFlow's, as in most of the mobile papers
    stem_kernel: int = 3
    stem_stride: int = 2
