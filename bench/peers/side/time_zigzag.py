"""Run by the peers' own interpreter: times ZigZag on layers given as JSON on standard input.

In: {"layers": [...], "folder": where it may write}. Out, last line: {"version", "results"}.
"""

import json
import logging
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zigzag.api import get_hardware_performance_zigzag

import zigzag


def workload(layer: dict[str, Any]) -> list[dict[str, Any]]:
    """One convolution in ZigZag's own form; padding is what the input lacks."""
    row: dict[str, Any] = {
        "id": 0,
        "name": layer["name"],
        "operator_type": "Conv",
        "equation": "O[b][g][k][oy][ox]+=W[g][k][c][fy][fx]*I[b][g][c][iy][ix]",
        "dimension_relations": [
            f"ix={layer['stride']}*ox+1*fx",
            f"iy={layer['stride']}*oy+1*fy",
        ],
        "operand_precision": {"W": 8, "I": 8, "O": 16, "O_final": 8},
        "operand_source": {"I": 0, "W": 0},
        "pr_loop_dims": ["IX", "IY"],
        "pr_loop_sizes": [layer["in_x"], layer["in_y"]],
        "padding": [list(layer["padding_x"]), list(layer["padding_y"])],
    }
    sizes = {
        "B": 1,
        "K": layer["out_channels"],
        "G": layer["groups"],
        "OX": layer["out_x"],
        "OY": layer["out_y"],
        "C": layer["in_channels"],
        "FX": layer["kernel_x"],
        "FY": layer["kernel_y"],
    }
    return [{**row, "loop_dims": list(sizes), "loop_sizes": list(sizes.values())}]


def main() -> None:
    """Time one call of the public interface for each layer; imports are not counted."""
    asked = json.load(sys.stdin)
    inputs = Path(zigzag.__file__).parent / "inputs"
    logging.disable(logging.CRITICAL)
    results = []
    for index, layer in enumerate(asked["layers"]):
        start = time.perf_counter()
        energy_pj, cycles, _ = get_hardware_performance_zigzag(
            workload(layer),
            str(inputs / "hardware" / "edge_tpu_like.yaml"),
            str(inputs / "mapping" / "edge_tpu_like.yaml"),
            opt="latency",
            dump_folder=f"{asked['folder']}/{index}",
            pickle_filename=f"{asked['folder']}/{index}.pickle",
            loma_show_progress_bar=False,
        )
        seconds = time.perf_counter() - start
        results.append(
            {
                "name": layer["name"],
                "seconds": seconds,
                "cycles": float(cycles),
                "energy_pj": float(energy_pj),
            }
        )
    print(json.dumps({"version": version("zigzag-dse"), "results": results}))


if __name__ == "__main__":
    main()
