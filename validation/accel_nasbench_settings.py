"""How Accel-NASBench measured each device, as far as its scripts tell, and our model of that.

From the repository of its collection scripts, afzalxo/ANB-DatasetCollection. GPUs: eager PyTorch in
half precision, images of 256 pixels, batches of 256 (its settings vary from 128 to 512). TPUs: one
of a chip's two cores, bfloat16, 224 pixels, batches of 64 and 128; gradients were not switched off,
so what every operator makes is kept in memory, as an eager framework would. FPGAs: Vitis AI 2.5,
int8, 5 threads on the ZCU102 and 6 on the VCK190, each with an equal share of the images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from cosearch.columns import Columns
from cosearch.cost.dpu.model import DpuModel
from cosearch.cost.learned.operator_times import OperatorTimes, operator_times
from cosearch.cost.roofline.model import RooflineModel
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from cosearch.hardware import Rooflines, find_device_file
from cosearch.hardware.dpu import Dpus
from cosearch.networks import Layers

# What one of a chip's cores has of the chip; all else is per core or the same.
_SHARED: Final = (
    *("matrix_macs_per_s", "matrix_half_macs", "vector_macs_per_s", "vector_half_macs"),
    *("near_memory_bytes", "near_bytes_per_s", "dram_bytes_per_s", "dram_half_bytes"),
)
# A DPU of which no row was seen: what its file has from development rows does not limit.
_NOT_INFERRED: Final = {
    "requests_per_s": np.array(np.inf),
    "groups_per_s": np.array(np.inf),
    "large_pool_cycles": np.array(1.0),
}
_AT_ONCE: Final = 128  # networks; more do not fit a core's cache


@dataclass(frozen=True)
class Setting:
    """A roofline device as it was measured."""

    device: str
    batch: int
    pixels: int = 224
    eager: bool = True
    cores: int = 1  # of which one was used

    def chip(self) -> Rooflines:
        """Columns of shape (1,)."""
        chip = find_device_file(self.device).columns()
        assert isinstance(chip, Rooflines)
        shares = {name: getattr(chip, name) / self.cores for name in _SHARED}
        fuses = np.array(int(not self.eager))
        return replace(chip, **shares, batch=np.array(self.batch), fuses=fuses)[None]

    def times(self, choices: np.ndarray) -> OperatorTimes:
        """Seconds an image of networks (n, 28), by operator."""
        layers = _decoded(choices, self.pixels, eager=self.eager)
        return operator_times(layers, _seconds(RooflineModel(), layers, self.chip()) / self.batch)


@dataclass(frozen=True)
class DpuSetting:
    """A DPU fed by threads, dealt out to its cores in turn; a thread stays on its core.

    Of 5 threads on 3 cores two cores have two each. The third is done when half of the time is
    over; then two cores share the DRAM.
    """

    device: str
    threads: int
    inferred: bool = True  # with the constants that development rows gave

    def chip(self) -> Dpus:
        """Columns of shape ()."""
        chip = find_device_file(self.device).columns()
        assert isinstance(chip, Dpus)
        return chip if self.inferred else replace(chip, **_NOT_INFERRED)

    def times(self, choices: np.ndarray) -> OperatorTimes:
        """Seconds an image of networks (n, 28), by operator."""
        chip, layers = self.chip(), _decoded(choices, 224, eager=False)
        rounds, left = divmod(self.threads, int(chip.cores))
        passes = rounds * _seconds(DpuModel(), layers, chip[None])
        if left:
            passes += _seconds(DpuModel(), layers, replace(chip, cores=np.array(left))[None])
        return operator_times(layers, passes / (self.threads * int(chip.batch)))


def _decoded(choices: np.ndarray, pixels: int, *, eager: bool) -> Layers:
    family = accel_nasbench_family((3, pixels, pixels), eager=eager)
    return family.decode(genomes_of(family.space, choices))


def _seconds(model: Any, layers: Layers, chip: Columns) -> np.ndarray:
    """Of each operator (n, L)."""
    blocks = range(0, layers.shape[0], _AT_ONCE)
    return np.concatenate([model(layers[i : i + _AT_ONCE], chip).latency_s for i in blocks])


# Device of the benchmark -> how we model it before anything is measured.
SETTINGS: Final[dict[str, Setting | DpuSetting]] = {
    "a100": Setting("a100", 256, pixels=256),
    "3090": Setting("rtx-3090", 256, pixels=256),
    "tpuv2": Setting("tpu-v2", 64, cores=2),
    "tpuv3": Setting("tpu-v3", 128, cores=2),
    "zcu102": DpuSetting("zcu102-dpu", threads=5),
    "vck190": DpuSetting("vck190-dpu", threads=6),
}
# For other devices a few measurements tell which of these to correct.
OTHERS: Final = (
    DpuSetting("zcu102-dpu", threads=5),
    DpuSetting("vck190-dpu", threads=6),
    Setting("tpu-v2", 64, eager=False, cores=2),
    Setting("rtx-3090", 256),
)
