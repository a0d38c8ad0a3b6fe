"""`python -m bench.peers`: time every tool that is here, print the table, write the page.

One process after another on one core. About two minutes where nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.peers import maestro, ours, scalesim, timeloop, zigzag
from bench.peers.layers import SAMPLE, distinct_convolutions
from bench.peers.page import page, table
from bench.peers.peer import Layer, PeerMissingError, Result, Setting

from cosearch.networks import Layers

# Each tool, and whether a layer takes it seconds: then it gets the sample only.
PEERS: dict[str, tuple[Any, bool]] = {
    "MAESTRO": (maestro, False),
    "Timeloop": (timeloop, True),
    "ZigZag": (zigzag, True),
    "SCALE-Sim": (scalesim, True),
}


def main() -> None:
    """Run, print, write."""
    arguments = parse()
    load = os.getloadavg()[0]
    one_core()
    setting = Setting(
        arguments.build.resolve(), arguments.python, arguments.maestro, arguments.timeloop
    )
    layers, columns = distinct_convolutions()
    mine, batched = ours.measure(layers, columns), ours.batched_rate(columns)
    sample = [layer for layer in layers if layer["name"] in SAMPLE]
    results = [mine]
    for name, (tool, slow) in PEERS.items():
        print(f"{name} ...", flush=True)
        results.append(measured(name, tool, sample if slow else layers, setting))
    names = [layer["name"] for layer in layers]
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {**machine(), "load": load},
        "busy": load > 1,
        "distinct": len(layers),
        "sample": list(SAMPLE),
        "maestro_copies": maestro.REPEATS,
        "batched_per_s": batched,
        "call_s": ours.call_seconds(columns[:1]),
        "rows": [
            row(result, [i for i, name in enumerate(names) if name in result.seconds], columns)
            for result in results
        ],
    }
    print(table(record["rows"]))
    print(f"ours, many designs in a call: {record['batched_per_s']:,.0f} (layer, design)/s")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(record, indent=1) + "\n")
    arguments.out.with_suffix(".md").write_text(page(record))
    print(f"written: {arguments.out}, {arguments.out.with_suffix('.md')}")


def parse() -> argparse.Namespace:
    """Paths; MAESTRO and TIMELOOP may also come from the environment."""
    parser = argparse.ArgumentParser(description="time our mapper beside other simulators")
    parser.add_argument("--build", type=Path, default=Path("build/peers"))
    parser.add_argument("--python", type=Path, default=Path("build/peers/venv/bin/python"))
    parser.add_argument("--maestro", type=Path, default=_named("MAESTRO"), help="a checkout")
    parser.add_argument("--timeloop", type=Path, default=_named("TIMELOOP"), help="timeloop-mapper")
    parser.add_argument("--out", type=Path, default=Path("docs/results/peers.json"))
    arguments = parser.parse_args()
    for path in (arguments.maestro, arguments.timeloop):
        if path is not None and not path.exists():
            sys.exit(f"error: {path} does not exist; leave it out and the tool is skipped")
    return arguments


def measured(name: str, tool: Any, layers: list[Layer], setting: Setting) -> Result:
    """The tool's result, or the reason there is none."""
    try:
        result: Result = tool.measure(layers, setting)
    except PeerMissingError as reason:
        print(f"{name} skipped: {reason}")
        return Result(peer=name, does=tool.DOES, skipped=str(reason))
    return result


def row(result: Result, which: list[int], columns: Layers) -> dict[str, Any]:
    """Rates over the tool's layers, and ours over the same ones (`which` of `columns`)."""
    shared = {"peer": result.peer, "version": result.version, "does": result.does}
    if not result.seconds:
        return {**shared, "skipped": result.skipped}
    theirs = len(which) / sum(result.seconds.values())
    same = len(which) / ours.call_seconds(columns[which])
    return {
        **shared,
        "skipped": "",
        "layers": len(which),
        "layers_per_s": theirs,
        "ours_per_s": same,
        "factor": same / theirs,
        "seconds": result.seconds,
        "cycles": result.cycles,
    }


def one_core() -> None:
    """This process and all it starts share one core, where the system can say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {"cpu": _cpu(), "cores": os.cpu_count(), "python": platform.python_version()}


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


if __name__ == "__main__":
    main()
