"""Tables of latencies for `validation.few_shot`, with the features of their networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.benchmarks import Latencies, fbnet_latencies, nasbench201_latencies, used_edges
from cosearch.benchmarks.rows import read_csv
from cosearch.cost.learned.features import one_hot, work
from cosearch.cost.learned.prior import Group
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.networks import Layers

# Shares of the variance by which a device may differ from the known ones; chosen on DEVELOPMENT.
CHOICES: Final = 0.01
WORK: Final = 0.3
USED: Final = 0.1
# Devices of the reference data on which shares and features were chosen; figures without them are
# the ones to report.
DEVELOPMENT: Final = ("1080ti", "titanx", "pixel3", "samsung_s7", "silver_4114")


@dataclass(frozen=True)
class Table:
    """n networks on devices, by setting; groups of features of the networks."""

    name: str
    latency_s: Mapping[str, ndarray]
    groups: tuple[Group, ...]
    macs: ndarray


def tables(data: Path) -> list[Table]:
    """All tables in a folder, or the one in a file; a file is known by its columns."""
    if data.is_file():
        return [_table(data)]
    paths = sorted(data.glob("*/latency_ms.csv")) or sorted(data.glob("*.csv"))
    if not paths:
        raise CosearchError(f"{data}: no table; */latency_ms.csv or *.csv are looked for")
    return [_table(path) for path in paths]


def _table(path: Path) -> Table:
    if "arch_str" in read_csv(path):
        return _cells(nasbench201_latencies(path))
    return _blocks(fbnet_latencies(path))


def _cells(data: Latencies) -> Table:
    """Some runtimes leave out operators whose result nobody uses: those used count apart."""
    layers, choices = _layers("nasbench201", data)
    used = one_hot(np.where(used_edges(data.choices), data.choices, 0), choices)
    counts = used.reshape(len(used), len(choices), -1).sum(1)
    groups = (*_groups(layers, data, choices), Group(counts, USED))
    return Table("NAS-Bench-201", data.latency_s, groups, layers.macs.sum(1))


def _blocks(data: Latencies) -> Table:
    layers, choices = _layers("fbnet-cifar", data)
    return Table("FBNet", data.latency_s, _groups(layers, data, choices), layers.macs.sum(1))


def _layers(family: str, data: Latencies) -> tuple[Layers, list[int]]:
    made: Any = FAMILIES[family].make()
    return made.decode(data.choices), made.space.cardinalities.tolist()


def _groups(layers: Layers, data: Latencies, choices: list[int]) -> tuple[Group, ...]:
    return Group(one_hot(data.choices, choices), CHOICES), Group(work(layers), WORK)


def device_of(setting: str) -> str:
    """The device of a setting: its name without a batch, which is a power of two."""
    device, _, last = setting.rpartition("_")
    return device if device and last.isdigit() and int(last).bit_count() == 1 else setting
