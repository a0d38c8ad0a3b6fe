"""MAESTRO: the cost of one given mapping, no search. Built here from a checkout."""

from __future__ import annotations

import csv
import io
import subprocess
import time
from pathlib import Path

from bench.peers.layers import is_depthwise, reach
from bench.peers.peer import Layer, PeerMissingError, Result, Setting, git_version, last_line

DOES = "evaluates one given mapping (no search); cycles, energy, traffic"
REPEATS = 20  # the same layer again in one file: the process starts once

HARDWARE = """num_pes: 1024
l1_size_cstr: 4096
l2_size_cstr: 2097152
noc_bw_cstr: 256
offchip_bw_cstr: 8
"""

# Channels across a cluster's PEs, filters across clusters, weights stay; depthwise: channels.
_WINDOW = (
    "TemporalMap(Sz(R),Sz(R)) R",
    "TemporalMap(Sz(S),Sz(S)) S",
    "TemporalMap(Sz(R),1) Y",
    "TemporalMap(Sz(S),1) X",
)
DENSE = (
    "SpatialMap(1,1) K",
    "TemporalMap(32,32) C",
    *_WINDOW,
    "Cluster(32, P)",
    "SpatialMap(1,1) C",
    *_WINDOW,
)
DEPTHWISE = ("SpatialMap(1,1) C", *_WINDOW)


def measure(layers: list[Layer], setting: Setting) -> Result:
    """Seconds a layer, process start shared by `REPEATS` copies of the layer."""
    if setting.maestro is None:
        raise PeerMissingError("no checkout; name one with MAESTRO=PATH")
    binary = compiled(setting.maestro, setting.build / "maestro")
    seconds, cycles = {}, {}
    for layer in layers:
        spent, text = run(binary, layer)
        seconds[layer["name"]] = spent / REPEATS
        cycles[layer["name"]] = runtime_cycles(text)
    version = git_version(setting.maestro)
    return Result("MAESTRO", DOES, version=version, seconds=seconds, cycles=cycles)


def compiled(checkout: Path, folder: Path) -> Path:
    """The binary, -O3; Boost comes from the system, or from CPATH and LIBRARY_PATH."""
    binary = folder.resolve() / "maestro"
    if binary.exists():
        return binary
    folder.mkdir(parents=True, exist_ok=True)
    include = checkout / "cost-model" / "include"
    paths = [checkout, include, *(path for path in include.glob("*") if path.is_dir())]
    sources = [checkout / "maestro-top.cpp", checkout / "cost-model/src/BASE_base-objects.cpp"]
    libraries = [f"-lboost_{name}" for name in ("program_options", "filesystem", "system")]
    command = ["g++", "-O3", "-std=c++17", "-w", *(f"-I{path}" for path in paths)]
    command += [*map(str, sources), *libraries, "-o", str(binary)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise PeerMissingError("no g++ to build it with") from error
    if done.returncode:
        raise PeerMissingError(f"does not compile: {last_line(done.stderr)}")
    return binary


def run(binary: Path, layer: Layer) -> tuple[float, str]:
    """Seconds of one process over the copies of a layer, and its table as text."""
    folder = binary.parent
    (folder / "chip.m").write_text(HARDWARE)
    (folder / "layer.m").write_text(mapping(layer, REPEATS))
    table = folder / "layer.csv"
    table.unlink(missing_ok=True)
    command = [str(binary), "--HW_file=chip.m", "--Mapping_file=layer.m"]
    command += ["--print_res=false", "--print_res_csv_file=true", "--print_log_file=false"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode or not table.exists():
        raise PeerMissingError(f"fails on {layer['name']}: {last_line(done.stderr + done.stdout)}")
    return seconds, table.read_text()


def mapping(layer: Layer, copies: int) -> str:
    """The layer in its mapping language, `copies` times."""
    depthwise = is_depthwise(layer)
    sizes = {
        "K": 1 if depthwise else layer["out_channels"],
        "C": layer["groups"] if depthwise else layer["in_channels"],
        "R": layer["kernel_y"],
        "S": layer["kernel_x"],
        "Y": reach(layer, "y"),
        "X": reach(layer, "x"),
    }
    steps = " ".join(f"{step};" for step in (DEPTHWISE if depthwise else DENSE))
    bounds = ", ".join(f"{name}: {size}" for name, size in sizes.items())
    body = (
        f"Type: {'DSCONV' if depthwise else 'CONV'}\n"
        f"Stride {{ X: {layer['stride']}, Y: {layer['stride']} }}\n"
        f"Dimensions {{ {bounds} }}\n"
        f"Dataflow {{ {steps.replace('; ', ';' + chr(10))} }}\n"
    )
    rows = "".join(f"Layer L{i} {{\n{body}}}\n" for i in range(copies))
    return f"Network N {{\n{rows}}}\n"


def runtime_cycles(table: str) -> float:
    """Cycles of the first layer, from the text of its csv."""
    rows = list(csv.DictReader(io.StringIO(table), skipinitialspace=True))
    return float(rows[0]["Runtime (Cycles)"])
