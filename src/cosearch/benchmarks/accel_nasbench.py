"""Accel-NASBench (Ahmad et al. 2024): MnasNet-space networks trained on ImageNet, and measured.

Trained with a short schedule on a proxy, one seed: what counts is how accuracies rank.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.benchmarks.rows import Cells, floats, integers, read_csv
from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError

FILE: Final = "accel_nasbench.csv"
ORIGINAL: Final = "anb_dataset_jsons.tar.gz"
URL: Final = (
    "https://raw.githubusercontent.com/afzalxo/Accel-NASBench/"
    f"42603572d530310e6bac7191d00cf45625a6b197/anb_dataset/{ORIGINAL}"
)
SHA256: Final = "3520992d42e368b7c08c99fc3f6612855b5b366bf98668a7f19d49f3131aa4ae"

BLOCKS: Final = 7
# Per block: expansion 1, 4, 6; kernel 3, 5; layers 1 to 3 (4 in block 5); squeeze-excitation 0, 1.
CHOICES: Final = tuple(f"block{b}_{what}" for b in range(BLOCKS) for what in ("e", "k", "l", "se"))


@dataclass(frozen=True)
class AccelNASBench:
    """n networks, in the order of the file; a figure that is missing is nan."""

    number: Int[ndarray, " n"]  # the benchmark's own
    choices: Int[ndarray, "n 28"]  # values of `CHOICES`, not their indices
    top1: Float[ndarray, " n"]  # validation accuracy, 0 to 1
    top5: Float[ndarray, " n"]
    train_s: Float[ndarray, " n"]
    macs: Float[ndarray, " n"]
    params: Float[ndarray, " n"]
    throughput_per_s: Mapping[str, Float[ndarray, " n"]]  # images a second, by device
    latency_s: Mapping[str, Float[ndarray, " n"]]  # by device

    def __len__(self) -> int:
        return len(self.number)


def accel_nasbench(path: Path | None = None) -> AccelNASBench:
    """From `path` (csv, or the authors' archive), a copy in COSEARCH_DATA, or the repository."""
    names = (f"accel_nasbench/{FILE}", FILE, ORIGINAL)
    found = path or local_copy(names) or download(URL, f"sha256:{SHA256}")
    cells = _archive(found) if found.name.endswith(".tar.gz") else _csv(found)

    def column(name: str) -> Float[ndarray, " n"]:
        return floats(cells, name, found)

    def devices(prefix: str) -> dict[str, Float[ndarray, " n"]]:
        names = [name for name in cells if name.startswith(prefix)]
        return {name.removeprefix(prefix): column(name) for name in names}

    return AccelNASBench(
        number=integers(cells, "id", found),
        choices=np.stack([integers(cells, name, found) for name in CHOICES], axis=1),
        top1=column("val_top1") / 100,
        top5=column("val_top5") / 100,
        train_s=column("train_time"),
        macs=column("macs") * 1e6,
        params=column("params") * 1e6,
        throughput_per_s=devices("throughput_"),
        latency_s={name: ms * 1e-3 for name, ms in devices("latency_").items()},
    )


_PLAIN: Final = ("id", *CHOICES, "val_top1", "val_top5", "train_time", "macs", "params")
_TRUTH: Final = {"True": "1", "False": "0"}


def _csv(path: Path) -> Cells:
    cells = read_csv(path, _PLAIN)
    squeezes = [name for name in CHOICES if name.endswith("_se")]
    return cells | {name: [_TRUTH.get(cell, cell) for cell in cells[name]] for name in squeezes}


def _archive(path: Path) -> Cells:
    """The same columns of one JSON file per network, ordered by number."""
    try:
        with tarfile.open(path) as archive:
            files = [member for member in archive if member.name.endswith(".json")]
            texts = {_number(member.name): archive.extractfile(member) for member in files}
            rows = {i: json.load(text) for i, text in sorted(texts.items()) if text}
        flat = [_flat(i, row) for i, row in rows.items()]
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CosearchError(f"{path}: not the archive of {URL} ({error!r})") from error
    names = dict.fromkeys((*_PLAIN, *(name for row in flat for name in row)))
    return {name: [row.get(name, "") for row in flat] for name in names}


def _number(name: str) -> int:
    return int(Path(name).stem.removeprefix("result_"))


def _flat(number: int, row: Any) -> dict[str, str]:
    measured = {
        name: figure[f"{name.split('_')[0]}_mean"] for name, figure in row["platform_perf"].items()
    }
    choices = {name: int(value) for name, value in row["architecture"].items()}
    values = {"id": number} | choices | row["metrics"] | row["model_info"] | measured
    return {name: "" if value is None else repr(value) for name, value in values.items()}
