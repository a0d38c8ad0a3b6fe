"""Timeloop: its mapper draws mappings at random within a budget."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from bench.peers.layers import is_depthwise
from bench.peers.peer import Layer, PeerMissingError, Result, Setting, git_version, last_line

DRAWN, VICTORY = 5000, 500  # valid mappings at most; so many in a row no better end it sooner
DOES = f"draws {DRAWN:,} mappings at random, or {VICTORY} in a row no better; cycles, energy"

# 1024 multipliers with registers, 2 MiB on chip, DRAM at 8 bytes a cycle; one thread.
CHIP = f"""architecture:
  version: 0.2
  subtree:
  - name: System
    local:
    - {{name: DRAM, class: DRAM, attributes: {{width: 64, word-bits: 8, block-size: 8, \
read_bandwidth: 8, write_bandwidth: 8}}}}
    subtree:
    - name: Chip
      local:
      - {{name: Buffer, class: SRAM, attributes: {{depth: 32768, width: 512, word-bits: 8, \
block-size: 64}}}}
      subtree:
      - name: PE[0..1023]
        local:
        - {{name: Registers, class: regfile, attributes: {{depth: 128, width: 8, word-bits: 8, \
block-size: 1, meshX: 32}}}}
        - {{name: MAC, class: intmac, attributes: {{datawidth: 8, meshX: 32}}}}
mapper:
  algorithm: random-pruned
  optimization-metrics: [delay, energy]
  search-size: {DRAWN}
  victory-condition: {VICTORY}
  num-threads: 1
  timeout: 20000
"""

# Dimension names by loop bound; a depthwise convolution has no input channels of its own.
_PROJECTIONS = {
    False: {
        "Weights": ("C", "K", "R", "S"),
        "Inputs": ("N", "C", "window"),
        "Outputs": ("N", "K", "Q", "P"),
    },
    True: {
        "Weights": ("K", "R", "S"),
        "Inputs": ("N", "K", "window"),
        "Outputs": ("N", "K", "Q", "P"),
    },
}
_WINDOW = (
    "      - [[R, Wdilation], [P, Wstride]]\n",
    "      - [[S, Hdilation], [Q, Hstride]]\n",
)


def measure(layers: list[Layer], setting: Setting) -> Result:
    """Seconds of one process for each layer, its start included."""
    if setting.timeloop is None:
        raise PeerMissingError("no timeloop-mapper; name the binary with TIMELOOP=PATH")
    folder = setting.build / "timeloop"
    folder.mkdir(parents=True, exist_ok=True)
    seconds, cycles = {}, {}
    for layer in layers:
        spent, stats = run(setting.timeloop, layer, folder)
        seconds[layer["name"]], cycles[layer["name"]] = spent, stats_cycles(stats)
    version = git_version(setting.timeloop.resolve().parent)
    return Result("Timeloop", DOES, version=version, seconds=seconds, cycles=cycles)


def run(binary: Path, layer: Layer, folder: Path) -> tuple[float, str]:
    """Seconds of one search, and its statistics as text."""
    (folder / "run.yaml").write_text(CHIP + problem(layer))
    stats = folder / "timeloop-mapper.stats.txt"
    stats.unlink(missing_ok=True)
    start = time.perf_counter()
    binary = binary.resolve()
    done = subprocess.run(
        [str(binary), "run.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "LD_LIBRARY_PATH": str(binary.parent)},  # its library lies beside it
    )
    seconds = time.perf_counter() - start
    if done.returncode or not stats.exists():
        raise PeerMissingError(f"fails on {layer['name']}: {last_line(done.stderr + done.stdout)}")
    return seconds, stats.read_text()


def problem(layer: Layer) -> str:
    """The layer as its problem: shape and loop bounds."""
    depthwise = is_depthwise(layer)
    bounds = {
        "R": layer["kernel_x"],
        "S": layer["kernel_y"],
        "P": layer["out_x"],
        "Q": layer["out_y"],
        "K": layer["groups"] if depthwise else layer["out_channels"],
        "N": 1,
        "Wstride": layer["stride"],
        "Hstride": layer["stride"],
        "Wdilation": 1,
        "Hdilation": 1,
    } | ({} if depthwise else {"C": layer["in_channels"]})
    steps = ("Wstride", "Hstride", "Wdilation", "Hdilation")
    sizes = "".join(f"    {name}: {size}\n" for name, size in bounds.items())
    names = ", ".join(name for name in bounds if name not in steps)
    coefficients = "".join(f"    - {{name: {name}, default: 1}}\n" for name in steps)
    return (
        f"problem:\n  shape:\n    name: convolution\n    dimensions: [{names}]\n"
        f"    coefficients:\n{coefficients}    data-spaces:\n{_spaces(depthwise)}"
        f"  instance:\n{sizes}"
    )


def _spaces(depthwise: bool) -> str:
    text = ""
    for space, dimensions in _PROJECTIONS[depthwise].items():
        text += f"    - name: {space}\n"
        text += "      read-write: True\n" if space == "Outputs" else ""
        text += "      projection:\n"
        for dimension in dimensions:
            text += "".join(_WINDOW) if dimension == "window" else f"      - [[{dimension}]]\n"
    return text


def stats_cycles(text: str) -> float:
    """Cycles of the best mapping, from timeloop-mapper.stats.txt."""
    found = re.findall(r"^Cycles:\s*(\d+)", text, re.MULTILINE)
    if not found:
        raise PeerMissingError("its statistics name no cycles")
    return float(found[-1])
