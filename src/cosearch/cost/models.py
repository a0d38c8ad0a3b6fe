"""Which cost model runs a device of which kind; a device ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cosearch.cost.cost import Cost
from cosearch.cost.dpu.model import DpuModel
from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.learned.calibrated import CalibratedModel
from cosearch.cost.learned.calibration import Calibration, is_calibration
from cosearch.cost.learned.correction_data import from_plain
from cosearch.cost.roofline.model import RooflineModel
from cosearch.cost.row_stationary.model import RowStationaryModel
from cosearch.cost.systolic.model import SystolicModel
from cosearch.files import read_json
from cosearch.hardware import DeviceFile, find_device_file
from cosearch.hardware.kinds import parse_device
from cosearch.networks import Layers

# One row per kind of `hardware.KINDS`: the model of a device, from its file.
MODELS: Final[dict[str, Callable[[Any], Any]]] = {
    "dpu": lambda file: DpuModel(),
    "edge": lambda file: EdgeModel(node_nm=file.node_nm),
    "roofline": lambda file: RooflineModel(),
    "row-stationary": lambda file: RowStationaryModel(),
    "systolic": lambda file: SystolicModel(memory=file.memory, node_nm=file.node_nm),
}


@dataclass(frozen=True)
class Device:
    """A device file with the cost model of its kind."""

    file: DeviceFile

    @property
    def model(self) -> Any:
        """The `CostModel` of the kind; its chips are this kind's columns."""
        return MODELS[self.file.kind](self.file)

    def __call__(self, layers: Layers) -> Cost:
        """Cost of `layers` (..., L) on this device, shape (..., L)."""
        cost: Cost = self.model(layers, self.file.columns()[None])
        return cost

    def spread(self, layers: Layers) -> float | None:
        """Standard deviation of the logarithm of the time of layers (L,), where it is known."""
        return None


@dataclass(frozen=True)
class CalibratedDevice(Device):
    """A device whose model was corrected by measurements."""

    calibration: Calibration

    @property
    def model(self) -> CalibratedModel:
        """The kind's model, corrected."""
        correction = from_plain(self.calibration.correction, self.file.name)
        return CalibratedModel(self.file.name, super().model, self.file.columns(), correction)

    def spread(self, layers: Layers) -> float:
        """From the samples, how like them the network is, and the noise."""
        return float(self.model.predict(layers)[1])


def find_device(name: str) -> Device:
    """A shipped device by name, or a device file or calibration by path; with its model."""
    path = Path(name)
    if path.suffix == ".json" and path.is_file() and is_calibration(data := read_json(path)):
        return calibrated_device(Calibration.from_dict(data, name))
    return Device(find_device_file(name))


def calibrated_device(calibration: Calibration) -> CalibratedDevice:
    """The device of a calibration, under the calibration's name."""
    data = {**calibration.device, "name": calibration.name}
    return CalibratedDevice(parse_device(data, calibration.name), calibration)
