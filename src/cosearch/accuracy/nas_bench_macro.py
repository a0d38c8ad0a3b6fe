"""NAS-Bench-Macro (Su et al. 2021, arXiv 2103.11922): 6,561 networks, each trained three times."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.accuracy.tabular import TabularAccuracy
from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError
from cosearch.files import read_json

FILE: Final = "nas-bench-macro_cifar10.json"
URL: Final = (
    "https://raw.githubusercontent.com/xiusu/NAS-Bench-Macro/"
    f"61a2bfc2ca0dce04d0997e6cf498047c27d6acf2/data/{FILE}"
)
SHA256: Final = "686dee8363cc21cca8c1f321ad5749454f2d9b9ca5972682e137e539bc522297"
CHOICES: Final = (3,) * 8  # operators of each layer


def nas_bench_macro(path: Path | None = None) -> TabularAccuracy:
    """CIFAR-10 test accuracy, mean of three seeds, by genome of the family nas-bench-macro.

    From `path`, or a local copy in COSEARCH_DATA, or the authors' repository.
    """
    found = (
        path or local_copy((f"nas_bench_macro/{FILE}", FILE)) or download(URL, f"sha256:{SHA256}")
    )
    table = read_json(found)
    codes = ("".join(digits) for digits in product("012", repeat=len(CHOICES)))
    figures = np.array([_accuracy(table, code, found) for code in codes])
    source = "Su et al. 2021, arXiv 2103.11922; xiusu/NAS-Bench-Macro, Apache-2.0"
    return TabularAccuracy("nas-bench-macro", source, CHOICES, figures)


def _accuracy(table: Any, code: str, path: Path) -> float:
    try:
        return float(np.mean(table[code]["test_acc"])) / 100
    except (KeyError, TypeError, ValueError) as error:
        raise CosearchError(f"{path}: no accuracy of network {code}; {URL} has all") from error
