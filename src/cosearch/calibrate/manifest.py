"""What measured a table or a calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cosearch.calibrate.journal import steady
from cosearch.calibrate.visits import Visits


def manifest(on: str, visited: Sequence[Visits]) -> dict[str, Any]:
    """Of measurements that share device, versions and settings."""
    taken = [measurement for visits in visited for measurement in visits.taken]
    first = taken[0]
    harness = {tuple(sorted(row.harness.items())) for row in taken}
    clocks = sorted(row.device["clock_hz"] for row in taken if row.device.get("clock_hz"))
    return {
        "on": on,
        "runtime": first.runtime,
        "versions": dict(first.versions),
        "device": steady(first.device),
        "clock_hz": [clocks[0], clocks[-1]] if clocks else None,  # lowest and highest seen
        "precision": first.settings.precision,
        "threads": first.settings.threads,
        "batch": first.settings.batch,
        "settings": first.settings.to_dict(),
        "harness": [dict(each) for each in sorted(harness, key=str)],
        "began": min(row.time for row in taken),
        "ended": max(row.time for row in taken),
        "visits": min(len(visits.taken) for visits in visited),
        "sensitivity": visited[0].level.sensitivity if visited[0].level else None,
        "too_noisy": sum(visits.too_noisy for visits in visited),
    }
