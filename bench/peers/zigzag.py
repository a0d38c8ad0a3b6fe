"""ZigZag (zigzag-dse): LOMA search of temporal mappings, a fixed spatial one."""

from __future__ import annotations

from bench.peers.peer import Layer, Result, Setting, run_side

DOES = "searches 720 loop orders under one spatial mapping; latency, energy"


def measure(layers: list[Layer], setting: Setting) -> Result:
    """Seconds of one call of its interface for each layer."""
    told = run_side(setting, "time_zigzag.py", layers, setting.build / "zigzag")
    return parse(told)


def parse(told: dict[str, object]) -> Result:
    """Its side's last line as a result."""
    rows: list[dict[str, float]] = told["results"]  # type: ignore[assignment]
    return Result(
        peer="ZigZag",
        does=DOES,
        version=str(told["version"]),
        seconds={str(row["name"]): row["seconds"] for row in rows},
        cycles={str(row["name"]): row["cycles"] for row in rows},
    )
