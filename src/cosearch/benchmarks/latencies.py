"""HELP (Lee et al. 2021, arXiv 2106.08630): networks measured on many devices.

Some phones were timed in whole milliseconds, so their columns have ties. The suffix of a device is
the batch; one without is a batch of 1.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.benchmarks.cells import operators_of
from cosearch.benchmarks.pickles import read_plain
from cosearch.benchmarks.rows import floats, read_csv
from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError, unknown

FILE: Final = "latency_ms.csv"
URL: Final = "https://raw.githubusercontent.com/HayeonLee/HELP"


@dataclass(frozen=True)
class Latencies:
    """n networks on some devices."""

    choices: Int[ndarray, "n d"]  # index of the operator on each edge or in each layer
    latency_s: Mapping[str, Float[ndarray, " n"]]  # of a batch, by device setting


def nasbench201_latencies(
    path: Path | None = None, devices: Collection[str] | None = None
) -> Latencies:
    """The 15,625 cells in the benchmark's order; `choices` as the family nasbench201 has them.

    From `path`, or a local copy in COSEARCH_DATA, or the authors' repository, a file per device.
    """
    found = path or local_copy((f"nasbench201/{FILE}",))
    if found:
        return _from_csv(found, "arch_str", operators_of, devices)
    places: dict[str, int] = _original("nasbench201", "str_arch2idx.pt")
    cells = sorted(places, key=places.__getitem__)
    return _from_original("nasbench201", [operators_of(cell) for cell in cells], devices)


def fbnet_latencies(path: Path | None = None, devices: Collection[str] | None = None) -> Latencies:
    """5,000 networks of FBNet's space for images of 32 pixels; `choices` as fbnet-cifar's.

    From `path`, or a local copy in COSEARCH_DATA, or the authors' repository, a file per device.
    """
    found = path or local_copy((f"fbnet/{FILE}",))
    if found:
        return _from_csv(found, "arch", _blocks, devices)
    return _from_original("fbnet", _original("fbnet", "arch.pt"), devices)


def _blocks(text: str) -> list[int]:
    return [int(block) for block in text.split("-")]


def _from_csv(path: Path, name: str, parse: Any, devices: Collection[str] | None) -> Latencies:
    cells = read_csv(path, (name, *(devices or ())))
    named = [column for column in cells if not column.startswith("arch")]
    try:
        choices = np.array([parse(text) for text in cells[name]], dtype=np.int64)
    except ValueError as error:
        raise CosearchError(f"{path}, column {name}: {error}") from error
    measured = {d: floats(cells, d, path) / 1e3 for d in named if devices is None or d in devices}
    return Latencies(choices, measured)


def _from_original(space: str, networks: Any, devices: Collection[str] | None) -> Latencies:
    known = _listing()[space]["latencies"]
    for name in devices or ():
        if name not in known:
            raise unknown(f"device of {space}", name, known)
    wanted = [name for name in known if devices is None or name in devices]
    measured = {d: np.array(_original(space, f"latency/{d}.pt"), dtype=float) / 1e3 for d in wanted}
    return Latencies(np.array(networks, dtype=np.int64), measured)


def _original(space: str, name: str) -> Any:
    """One file of the repository; both spaces have some of the same name."""
    kind = "latencies" if name.startswith("latency/") else "networks"
    sha256 = _listing()[space][kind][Path(name).stem if kind == "latencies" else name]
    url = f"{URL}/{_listing()['commit']}/data/{space}/{name}"
    return read_plain(download(url, f"sha256:{sha256}", f"help-{space}-{Path(name).name}"))


@cache
def _listing() -> Any:
    return json.loads(files("cosearch.benchmarks").joinpath("help_files.json").read_text())
