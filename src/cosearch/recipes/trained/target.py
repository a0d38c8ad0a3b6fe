"""What a network is searched for: a device with its cost model, or a lookup table of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cosearch.accuracy import Accuracy
from cosearch.calibrate.calibrated_space import check_space
from cosearch.calibrate.table_latency import TableLatency
from cosearch.cost.explain import explain
from cosearch.cost.lookup import FORMAT as TABLE
from cosearch.cost.lookup import LookupTable
from cosearch.cost.models import CalibratedDevice, Device, find_device
from cosearch.errors import CosearchError
from cosearch.files import read_json
from cosearch.hashed import is_format
from cosearch.networks import Network
from cosearch.problem import Limit, Problem
from cosearch.recipes.trained.place import Place


@dataclass(frozen=True)
class Target:
    """A device or a table; neither, where all is measured at `place`.

    `place` is where a network that was found can be measured; None where nothing was measured, or
    for the reason that `unmeasured` gives.
    """

    name: str
    device: Device | None = None
    table: LookupTable | None = None
    place: Place | None = None
    unmeasured: str = ""

    @classmethod
    def measured(cls, name: str, manifest: Mapping[str, Any], **what: Any) -> Self:
        """Of a table or a calibration, with the place of its manifest if that is at hand."""
        place = Place.of(manifest)
        if why := place.missing:
            return cls(name, unmeasured=why, **what)
        return cls(name, place=place, **what)

    @property
    def figures(self) -> str:
        """What latencies are before anything found is measured."""
        if self.table is not None:
            return "from the table"
        if self.device is None:
            return "from its pieces"
        return "calibrated" if isinstance(self.device, CalibratedDevice) else "modelled"

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

    def check_metrics(self, limited: Mapping[str, float]) -> None:
        """Raise `CosearchError` for a limit on what nobody tells of this target."""
        if "energy_j" in limited and self.device is None:
            raise CosearchError(
                f"energy {limited['energy_j']} J: latencies alone were measured on {self.name}: "
                "give a latency"
            )


def find_target(on: str) -> Target:
    """A shipped device by name; a device file, calibration or lookup table by path."""
    path = Path(on)
    if path.suffix == ".json" and path.is_file() and is_format(data := read_json(path), TABLE):
        table = LookupTable.from_dict(data, on)
        return Target.measured(path.stem, table.manifest, table=table)
    device = find_device(on)
    if isinstance(device, CalibratedDevice):
        return Target.measured(device.file.name, device.calibration.manifest, device=device)
    return Target(device.file.name, device=device)
