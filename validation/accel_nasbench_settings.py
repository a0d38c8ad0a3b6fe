"""How Accel-NASBench measured each device, as far as its scripts tell, and our model of that.

From the repository of its collection scripts, afzalxo/ANB-DatasetCollection. GPUs: eager PyTorch in
half precision, images of 256 pixels, batches of 256 (its settings vary from 128 to 512). TPUs: one
of a chip's two cores, bfloat16, 224 pixels, batches of 64 and 128; gradients were not switched off,
so what every operator makes is kept in memory, as an eager framework would. Nothing is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cosearch.cost.learned.operator_times import OperatorTimes, operator_times
from cosearch.cost.roofline.model import RooflineModel
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from cosearch.hardware import Rooflines, find_device_file

# What one of a chip's cores has of the chip; all else is per core or the same.
_SHARED: Final = (
    *("matrix_macs_per_s", "matrix_half_macs", "vector_macs_per_s", "vector_half_macs"),
    *("near_memory_bytes", "near_bytes_per_s", "dram_bytes_per_s", "dram_half_bytes"),
)
_AT_ONCE: Final = 128  # networks; more do not fit a core's cache


@dataclass(frozen=True)
class Setting:
    """A device as it was measured."""

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
        image = (3, self.pixels, self.pixels)
        family = accel_nasbench_family(image, eager=self.eager)
        layers = family.decode(genomes_of(family.space, choices))
        blocks = range(0, len(choices), _AT_ONCE)
        seconds = [RooflineModel()(layers[i : i + _AT_ONCE], self.chip()).latency_s for i in blocks]
        return operator_times(layers, np.concatenate(seconds) / self.batch)


# Device of the benchmark -> how we model it before anything is measured.
SETTINGS: Final = {
    "a100": Setting("a100", 256, pixels=256),
    "3090": Setting("rtx-3090", 256, pixels=256),
    "tpuv2": Setting("tpu-v2", 64, cores=2),
    "tpuv3": Setting("tpu-v3", 128, cores=2),
}
# For other devices a few measurements tell which of these to correct.
OTHERS: Final = (
    Setting("zcu102-dpu", 1, eager=False),
    Setting("tpu-v2", 64, eager=False, cores=2),
    Setting("rtx-3090", 256),
)
