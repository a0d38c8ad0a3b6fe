"""Which cost model runs a device of which kind; a device ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cosearch.cost.cost import Cost
from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.roofline.model import RooflineModel
from cosearch.cost.row_stationary.model import RowStationaryModel
from cosearch.cost.systolic.model import SystolicModel
from cosearch.hardware import DeviceFile, find_device_file
from cosearch.networks import Layers

# One row per kind of `hardware.KINDS`: the model of a device, from its file.
MODELS: Final[dict[str, Callable[[Any], Any]]] = {
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


def find_device(name: str) -> Device:
    """A shipped device by name or a device file by path, with its model."""
    return Device(find_device_file(name))
