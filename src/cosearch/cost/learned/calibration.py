"""The calibration file: JSON with a manifest, a correction's arrays, and a hash over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.hashed import HASH, hashed, is_format, unhashed

FORMAT: Final = "cosearch-calibration-1"


@dataclass(frozen=True)
class Calibration:
    """What few measurements say of all networks of a space on one device.

    `fingerprint` is of the space and what it decodes to, `device` the file of the analytic model
    that was corrected. The manifest says what measured, as a lookup table's does; `samples` are
    the measurements fitted, by network and hash; `errors` what was found on others.
    """

    space: str
    fingerprint: str
    manifest: Mapping[str, Any]
    device: Mapping[str, Any]
    samples: tuple[Mapping[str, str], ...]
    errors: Mapping[str, Any]
    correction: Mapping[str, Any]  # `correction_data.to_plain`

    @property
    def name(self) -> str:
        """Tells one calibration from any other."""
        made = self.manifest
        where = f"{made['on']} {made['precision']}"
        return f"{self.device['name']} calibrated on {where} ({self.sha256[:12]})"

    @property
    def sha256(self) -> str:
        """Of the canonical JSON."""
        return str(self.to_dict()[HASH])

    def check_space(self, name: str, fingerprint: str) -> None:
        """Refuse to answer for another space, or for networks that have changed since."""
        if self.fingerprint != fingerprint:
            raise CosearchError(
                f"the calibration is of {self.space}, fingerprint {self.fingerprint}; asked for "
                f"is {name}, fingerprint {fingerprint}: calibrate anew"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain data with its hash; `from_dict` reverses it."""
        return hashed(FORMAT, asdict(self))

    @classmethod
    def from_dict(cls, data: Any, origin: str = "calibration") -> Calibration:
        """Rebuild from `to_dict`; refuses another format, and a file changed since."""
        fields = unhashed(data, FORMAT, origin)
        try:
            return cls(**{**fields, "samples": tuple(fields["samples"])})
        except (KeyError, TypeError) as error:
            raise CosearchError(f"{origin}: malformed: {error!r}") from error


def is_calibration(data: Any) -> bool:
    """Whether JSON says it is one."""
    return is_format(data, FORMAT)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """As indented JSON, whole or not at all."""
    write_json(path, calibration.to_dict())


def read_calibration(path: Path) -> Calibration:
    """Read and verified."""
    return Calibration.from_dict(read_json(path), str(path))
