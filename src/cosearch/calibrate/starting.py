"""Analytic models to start from; the measurements say which of them suits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from cosearch.cost.learned.operator_times import OperatorTimes, operator_times
from cosearch.cost.models import Device
from cosearch.errors import CosearchError
from cosearch.hardware import find_device_file
from cosearch.hardware.roofline_file import RooflineFile
from cosearch.networks import Layers

# By precision, where none is named. They serve other processors as well: scales are fitted.
CPUS: Final[Mapping[str, tuple[str, ...]]] = {
    "fp32": ("x86-avx2", "x86-avx512"),
    "int8": ("x86-avx2-int8", "x86-avx512-int8"),
}
# What runs operators takes its own time for each: from next to nothing to most of all there is.
_LAUNCH_US: Final = (2.0, 8.0, 32.0, 128.0)


def starting_models(names: Sequence[str], precision: str) -> list[Device]:
    """Devices by name or file, those of `CPUS` if there are none.

    A roofline comes with several times to launch an operator, its file's among them.
    """
    found = [Device(find_device_file(name)) for name in names or CPUS[precision]]
    return [variant for device in found for variant in _launching(device)]


def _launching(device: Device) -> list[Device]:
    file = device.file
    if not isinstance(file, RooflineFile):
        return [device]
    times = dict.fromkeys((file.launch_us, *_LAUNCH_US))
    return [Device(file.model_copy(update={"launch_us": each})) for each in times]


def modelled(device: Device, layers: Layers) -> OperatorTimes:
    """Of networks (n, L). Raises `CosearchError` where the device cannot run all of them."""
    latency_s = device(layers).latency_s
    runs = np.isfinite(latency_s).all(axis=1)
    if not runs.all():
        raise CosearchError(
            f"device {device.file.name}: by its model {(~runs).sum()} of {len(runs)} networks "
            "cannot run there; start from another device's model"
        )
    return operator_times(layers, latency_s)
