"""The table file: JSON with a manifest, a row per distinct block, and a hash over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cosearch.cost.lookup.correction import Correction
from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.hashed import HASH, hashed, unhashed

FORMAT: Final = "cosearch-lookup-1"


@dataclass(frozen=True)
class LookupRow:
    """What one block alone takes."""

    label: str  # for people: where in the space it is found
    latency_s: float  # median
    low_s: float  # its 95 % interval
    high_s: float
    noise: float  # half of the relative interval, or the reference workload's if that is wider
    drift: float  # of the reference workload
    samples: int


@dataclass(frozen=True)
class LookupTable:
    """Latencies of the blocks of a space on one device.

    `fingerprint` is of the space and its blocks (`families.distinct`). The manifest says what
    measured them: runtime, versions, device with its clock, precision, threads, batch, harness
    with its commit, began, ended, and all settings.
    """

    space: str
    fingerprint: str
    manifest: Mapping[str, Any]
    rows: Mapping[str, LookupRow]  # by block key
    correction: Correction | None = None

    @property
    def sha256(self) -> str:
        """Of the canonical JSON."""
        return str(self.to_dict()[HASH])

    def row(self, key: str, label: str) -> LookupRow:
        """The row of one block; `CosearchError` names the key if there is none."""
        if key not in self.rows:
            raise CosearchError(
                f"the table of {self.space} has no row {key!r} ({label}): {len(self.rows)} rows"
            )
        return self.rows[key]

    def check_space(self, name: str, fingerprint: str) -> None:
        """Refuse to answer for another space, or for blocks that have changed since."""
        if self.fingerprint != fingerprint:
            raise CosearchError(
                f"the table is of {self.space}, fingerprint {self.fingerprint}; asked for is "
                f"{name}, fingerprint {fingerprint}: measure it anew"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain data with its hash; `from_dict` reverses it."""
        return hashed(FORMAT, asdict(self))

    @classmethod
    def from_dict(cls, data: Any, origin: str = "table") -> LookupTable:
        """Rebuild from `to_dict`; refuses another format, and a table changed since."""
        plain = unhashed(data, FORMAT, origin)
        try:
            rows = {key: LookupRow(**row) for key, row in plain["rows"].items()}
            fitted = plain["correction"]
            return cls(
                plain["space"],
                plain["fingerprint"],
                plain["manifest"],
                rows,
                Correction(**fitted) if fitted else None,
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise CosearchError(f"{origin}: malformed: {error!r}") from error


def write_table(path: Path, table: LookupTable) -> None:
    """As indented JSON, whole or not at all."""
    write_json(path, table.to_dict())


def read_table(path: Path) -> LookupTable:
    """Read and verified."""
    return LookupTable.from_dict(read_json(path), str(path))
