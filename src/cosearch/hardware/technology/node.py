"""Technology constants of a node as one object, from sourced rows (65 to 7 nm)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Self

from cosearch.errors import CosearchError
from cosearch.hardware.technology.constants import Sourced, Spread, check_node, constant, constants
from cosearch.hardware.technology.logic import logic
from cosearch.hardware.technology.sram import QUANTITIES, SRAM_CELLS, SramFit, sram


@dataclass(frozen=True)
class Technology:
    """Constants of one node, SI units in the names (area in mm2).

    `spread` names for each field by which factors other sources have it smaller and larger.
    """

    node_nm: float
    int8_mac_energy_j: float  # 32-bit sum
    int8_mac_area_mm2: float
    int8_mac_leakage_w: float
    bf16_mac_energy_j: float  # fp32 sum
    bf16_mac_area_mm2: float
    bf16_mac_leakage_w: float
    register_energy_j_per_byte: float  # read or written
    register_area_mm2_per_byte: float
    sram_read_j: SramFit  # per access
    sram_write_j: SramFit
    sram_area_mm2: SramFit
    sram_leakage_w: SramFit
    sram_max_port_bytes: float
    sram_least_rows: float
    wire_energy_j_per_byte_mm: float
    wire_share_of_side: float
    dram_energy_j_per_byte: float
    dram_interface_mm2_per_byte_per_s: float
    staging_port_bytes: float
    staging_wire_mm: float
    spread: Mapping[str, Spread] = field(compare=False)

    @cached_property
    def low(self) -> Self:
        """Every constant at the lower end of its spread."""
        return self._scaled({name: 1 / down for name, (down, _) in self.spread.items()})

    @cached_property
    def high(self) -> Self:
        """Every constant at the upper end of its spread."""
        return self._scaled({name: up for name, (_, up) in self.spread.items()})

    def _scaled(self, factors: Mapping[str, float]) -> Self:
        changes: dict[str, Any] = {n: getattr(self, n) * factor for n, factor in factors.items()}
        return replace(self, **changes)


@cache
def technology(
    node_nm: float = 22,
    *,
    dram: str = "LPDDR4",
    cells: str = "itrs-lstp",
) -> Technology:
    """Constants at `node_nm` (7 to 65): between two rows, a power law of the node (SRAM: linear).

    `dram` names the kind of DRAM, `cells` the SRAM cells of CACTI (low standby power, or high
    performance: a little less energy, some hundred times the leakage). `CosearchError` for others.
    """
    check_node(node_nm)
    _known("SRAM cells", cells, SRAM_CELLS)
    _known("DRAM", dram, dram_kinds())
    macros = {f"sram_{name}": sram(name, node_nm, cells) for name in QUANTITIES}
    values: dict[str, tuple[Any, Spread]] = {**logic(node_nm), **_plain(node_nm, dram), **macros}
    return Technology(
        node_nm=node_nm,
        **{name: value for name, (value, _) in values.items()},
        spread={name: spread for name, (_, spread) in values.items() if max(spread) > 1},
    )


def dram_kinds() -> tuple[str, ...]:
    """The kinds of DRAM there is an energy for."""
    prefix = "dram_energy_j "
    return tuple(name.removeprefix(prefix) for name in constants() if name.startswith(prefix))


def _plain(node_nm: float, dram: str) -> dict[str, Sourced]:
    """Rows that are taken as they are, but for bits turned into bytes."""
    rows = {
        "wire_energy_j_per_byte_mm": (constant("wire_energy_j", node_nm), 8),
        "dram_energy_j_per_byte": (constant(f"dram_energy_j {dram}"), 8),
        "dram_interface_mm2_per_byte_per_s": (constant("dram_interface_mm2"), 1),
        **{
            name: (constant(name), 1)
            for name in (
                "sram_max_port_bytes",
                "sram_least_rows",
                "wire_share_of_side",
                "staging_port_bytes",
                "staging_wire_mm",
            )
        },
    }
    return {name: (row.value * factor, row.spread) for name, (row, factor) in rows.items()}


def _known(what: str, name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        raise CosearchError(f"{what} {name!r}: allowed are {', '.join(allowed)}")
