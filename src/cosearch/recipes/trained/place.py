"""`Place`: where a target's figures were measured, and a network can be measured once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from cosearch.errors import CosearchError
from cosearch.measure import RUNTIMES, Measurement, Settings
from cosearch.measure.device import describe_device

_SAME: Final = ("name", "cpu", "simd", "machine")  # of a device, what makes it another


@dataclass(frozen=True)
class Place:
    """A runtime of this machine, or the file of a remote device; `device` None: whichever it is."""

    on: str
    settings: Settings
    device: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Self:
        """What a table or a calibration says of itself; not scaled to the pace it was taken at."""
        settings = replace(Settings.from_dict(manifest["settings"]), reference_s=None)
        return cls(manifest["on"], settings, manifest["device"])

    def __str__(self) -> str:
        return f"{Path(self.on).stem}, {self.settings.precision}"

    @property
    def missing(self) -> str:
        """Why nothing can be measured there from here; empty where it can."""
        if self.on.endswith(".json"):
            return "" if Path(self.on).is_file() else f"there is no file {self.on}"
        if self.on not in RUNTIMES:
            return f"there is no runtime {self.on}"
        runtime = RUNTIMES[self.on]
        if not runtime.installed:
            return f"runtime {self.on} is not installed: pip install 'cosearch[{runtime.extra}]'"
        return self._other(describe_device())

    def check(self, taken: Measurement) -> None:
        """Raise `CosearchError` where something else answered."""
        if other := self._other(taken.device):
            raise CosearchError(f"{self}: {other}")

    def _other(self, here: Mapping[str, Any]) -> str:
        for name in _SAME:
            then, now = self.device.get(name), here.get(name)
            if then is not None and now is not None and then != now:
                return f"measured was with {name} {then}, here it is {now}"
        return ""
