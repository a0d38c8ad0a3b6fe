"""What a network is searched for: a device with its cost model, or a lookup table of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosearch.accuracy import Accuracy
from cosearch.calibrate.calibrated_space import check_space
from cosearch.calibrate.table_latency import TableLatency
from cosearch.cost.explain import explain
from cosearch.cost.lookup import FORMAT as TABLE
from cosearch.cost.lookup import LookupTable
from cosearch.cost.models import Device, find_device
from cosearch.files import read_json
from cosearch.hashed import is_format
from cosearch.networks import Network
from cosearch.problem import Limit, Problem


@dataclass(frozen=True)
class Target:
    """One of the two."""

    name: str
    device: Device | None = None
    table: LookupTable | None = None

    def problem(
        self, family: Any, accuracy: Accuracy | None = None, limits: tuple[Limit, ...] = ()
    ) -> Problem:
        """The networks of `family` on this target.

        Raises `CosearchError` for a table or a calibration of another space.
        """
        if self.table is not None:
            model = TableLatency.of(self.table, family)
            return Problem(family, None, model, accuracy, limits=limits)
        assert self.device is not None
        check_space(self.device, family)
        columns = self.device.file.columns()
        return Problem(family, columns, self.device.model, accuracy, limits=limits)

    def layers(self, network: Network) -> list[dict[str, Any]]:
        """Where the time goes, as the device's model has it; a table knows no layers."""
        if self.device is None:
            return []
        return explain(self.device(network.layers), network)[0]


def find_target(on: str) -> Target:
    """A shipped device by name; a device file, calibration or lookup table by path."""
    path = Path(on)
    if path.suffix == ".json" and path.is_file() and is_format(data := read_json(path), TABLE):
        return Target(path.stem, table=LookupTable.from_dict(data, on))
    device = find_device(on)
    return Target(device.file.name, device=device)
