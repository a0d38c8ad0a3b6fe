"""Run by the peers' own interpreter: times SCALE-Sim on topologies given as JSON.

In: {"layers": [{"name", "topology"}], "folder": where it may write}. Out, last line:
{"version", "results": [{"name", "seconds", "report"}]}.
"""

import contextlib
import io
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from scalesim.scale_sim import scalesim

# 64 KiB memories, DRAM as fast as it takes (CALC): compute cycles.
CONFIG = """[general]
run_name = run
[architecture_presets]
ArrayHeight: 32
ArrayWidth: 32
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth: 10
Dataflow: os
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""
LAYOUT = "name,a,b,c,d,e,f,g,\nlayer,1,1,1,1,1,1,1,\n"  # read although layouts are off


def main() -> None:
    """Time one run for each layer; imports and traces are not counted."""
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    (folder / "run.cfg").write_text(CONFIG)
    (folder / "layout.csv").write_text(LAYOUT)
    results = []
    for layer in asked["layers"]:
        (folder / "layer.csv").write_text(layer["topology"])
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            simulate(folder)
        seconds = time.perf_counter() - start
        report = (folder / "run" / "COMPUTE_REPORT.csv").read_text()
        results.append({"name": layer["name"], "seconds": seconds, "report": report})
    print(json.dumps({"version": version("scalesim"), "results": results}))


def simulate(folder: Path) -> None:
    """One run without traces."""
    run = scalesim(
        save_disk_space=True,
        verbose=False,
        config=str(folder / "run.cfg"),
        topology=str(folder / "layer.csv"),
        layout=str(folder / "layout.csv"),
    )
    run.run_scale(top_path=str(folder))


if __name__ == "__main__":
    main()
