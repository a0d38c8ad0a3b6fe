"""SCALE-Sim: every cycle of a systolic array simulated, one dataflow, no search."""

from __future__ import annotations

import csv
import io

from bench.peers.layers import is_depthwise, reach
from bench.peers.peer import Layer, Result, Setting, run_side

DOES = "simulates each cycle of a 32x32 output-stationary array; cycles, traffic"
COLUMNS = (
    "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,"
)


def measure(layers: list[Layer], setting: Setting) -> Result:
    """Seconds of one simulation for each layer it can express: no depthwise convolution."""
    dense = [
        {"name": layer["name"], "topology": topology(layer)}
        for layer in layers
        if not is_depthwise(layer)
    ]
    told = run_side(setting, "time_scalesim.py", dense, setting.build / "scalesim")
    return Result(
        peer="SCALE-Sim",
        does=DOES,
        version=told["version"],
        seconds={row["name"]: row["seconds"] for row in told["results"]},
        cycles={row["name"]: compute_cycles(row["report"]) for row in told["results"]},
    )


def topology(layer: Layer) -> str:
    """One layer as its topology file: it knows no padding, so the input comes padded."""
    sizes = (
        reach(layer, "y"),
        reach(layer, "x"),
        layer["kernel_y"],
        layer["kernel_x"],
        layer["in_channels"],
        layer["out_channels"],
        layer["stride"],
    )
    return f"{COLUMNS}\nlayer,{','.join(map(str, sizes))},\n"


def compute_cycles(report: str) -> float:
    """Cycles without stalls, from the text of its COMPUTE_REPORT.csv."""
    rows = csv.DictReader(io.StringIO(report), skipinitialspace=True)
    return sum(float(row["Total Cycles"]) - float(row["Stall Cycles"]) for row in rows)
