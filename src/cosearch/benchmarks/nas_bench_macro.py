"""NAS-Bench-Macro (Su et al. 2021, arXiv 2103.11922): 6,561 networks, each trained three times."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError
from cosearch.files import read_json

FILE: Final = "nas-bench-macro_cifar10.json"
URL: Final = (
    "https://raw.githubusercontent.com/xiusu/NAS-Bench-Macro/"
    f"61a2bfc2ca0dce04d0997e6cf498047c27d6acf2/data/{FILE}"
)
SHA256: Final = "686dee8363cc21cca8c1f321ad5749454f2d9b9ca5972682e137e539bc522297"
LAYERS: Final = 8


@dataclass(frozen=True)
class MacroAccuracies:
    """All networks, in lexicographic order of their choices."""

    choices: Int[ndarray, "n 8"]  # operator of each layer, 0 to 2
    accuracy: Float[ndarray, " n"]  # CIFAR-10 test, mean of three seeds, 0 to 1


def nas_bench_macro_accuracies(path: Path | None = None) -> MacroAccuracies:
    """From `path`, or a local copy in COSEARCH_DATA, or the authors' repository."""
    found = (
        path or local_copy((f"nas_bench_macro/{FILE}", FILE)) or download(URL, f"sha256:{SHA256}")
    )
    table = read_json(found)
    choices = np.array(list(product(range(3), repeat=LAYERS)))
    figures = [_accuracy(table, "".join(map(str, row)), found) for row in choices]
    return MacroAccuracies(choices, np.array(figures))


def _accuracy(table: Any, code: str, path: Path) -> float:
    try:
        return float(np.mean(table[code]["test_acc"])) / 100
    except (KeyError, TypeError, ValueError) as error:
        raise CosearchError(f"{path}: no accuracy of network {code}; {URL} has all") from error
