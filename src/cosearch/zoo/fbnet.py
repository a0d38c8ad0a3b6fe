"""FBNet (arXiv 1812.03443).

A, B and C as released in facebookresearch/mobile-vision: blocks that do not expand have no first
1x1. The networks searched for two phones as in the paper: they have it, and a narrower head; its
parameter counts leave batch norm out.
"""

from dataclasses import replace
from typing import Final

from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry
from cosearch.zoo.table import Row, Table

NORM_EPS: Final = 1e-5
# channels, stride of the first block
STAGES: Final = ((16, 1), (24, 2), (32, 2), (64, 2), (112, 1), (184, 2), (352, 1))
# per stage and block: kernel, expansion and, after g, groups; "-" skips
A: Final = (
    "-",
    "k3e3 k3e1 - -",
    "k5e6 k3e3 k5e1 k3e3",
    "k5e6 k5e3 k5e1g2 k5e6",
    "k3e6 k5e1g2 k5e3 k3e1g2",
    "k5e6 k5e6 k5e3 k5e6",
    "k5e6",
)
B: Final = (
    "k3e1",
    "k3e6 k5e1 k3e1 k3e1",
    "k5e6 k5e3 k3e6 k5e6",
    "k5e6 k5e6 - k5e3",
    "k5e6 k3e1 k5e1 k5e3",
    "k5e6 k5e1 k5e6 k5e6",
    "k3e6",
)
C: Final = (
    "k3e1",
    "k3e6 - k3e1 k3e1",
    "k5e6 k5e3 k5e6 k3e6",
    "k5e6 k5e3 k5e6 k5e6",
    "k5e6 k5e6 k5e6 k5e3",
    "k5e6 k5e6 k5e6 k5e6",
    "k3e6",
)
IPHONE_X: Final = (
    "-",
    "k3e6 k3e1 k3e1 k3e1",
    "k3e6 k3e6 k3e6 k3e6",
    "k3e6 k3e6 k3e3 k3e6",
    "k3e6 k3e3 k3e3 k3e3",
    "k5e6 k5e6 k5e6 k5e3",
    "k5e6",
)
S8: Final = (
    "k3e1",
    "k3e3 k3e1 - -",
    "k5e6 k3e3 k3e3 k3e6",
    "k5e6 k5e3 k5e3 k5e3",
    "k3e6 k5e3 k5e3 k5e3",
    "k5e6 k5e6 k5e3 k5e6",
    "k5e6",
)


def fbnet(stages: tuple[str, ...], head: int, operator: str) -> Table:
    """An FBNet of its blocks' codes."""
    rows = tuple(
        replace(decode(code, operator), stride=stride if i == 0 else 1, channels=channels)
        for codes, (channels, stride) in zip(stages, STAGES, strict=True)
        for i, code in enumerate(codes.split())
    )
    return Table(16, rows, head, norm_eps=NORM_EPS)


def decode(code: str, operator: str) -> Row:
    """The block of a code; `operator` says whether it always expands. Its place gives the rest."""
    if code == "-":
        return Row("skip", 1, 1, 1, 0)
    shape, _, groups = code.partition("g")
    kernel, expansion = shape.removeprefix("k").split("e")
    return Row(operator, int(kernel), 1, int(expansion), 0, groups=int(groups or 1))


_RELEASED: Final = "arXiv 1812.03443; facebookresearch/mobile-vision, fbnet_modeldef_cls_fbnet.py"
_PHONES: Final = "arXiv 1812.03443, section 5.3; AnnaAraslanova/FBNet, fbnet_modeldef.py"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    entry(f"fbnet-{name}", "fbnet", 224, source, fbnet(stages, head, operator))
    for name, stages, head, operator, source in (
        ("a", A, 1504, "ibn", _RELEASED),
        ("b", B, 1984, "ibn", _RELEASED),
        ("c", C, 1984, "ibn", _RELEASED),
        ("iphonex", IPHONE_X, 1504, "ibn_expanded", _PHONES),
        ("s8", S8, 1504, "ibn_expanded", _PHONES),
    )
)
