"""A run folder like a real one, without training: a real network, a real chip, drawn trials.

By hand, to look at the page: ``python tests/report/sample_run.py FOLDER`` writes the run and
``FOLDER/report.html``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from cosearch.networks import Builder, Network
from cosearch.networks.blocks import BLOCKS

CHIP = {
    "name": "nahas-joint", "pes_x": 4, "pes_y": 2, "cores": 4, "lanes": 64, "simd_width": 4,
    "core_memory_kib": 16, "pe_memory_kib": 1024, "dram_gb_per_s": 20, "clock_ghz": 0.8,
    "node_nm": 22, "peak_tops": 13.1,
}  # fmt: skip
BASELINE = {**CHIP, "name": "nahas-baseline", "pes_y": 4, "core_memory_kib": 32,
            "pe_memory_kib": 2048, "peak_tops": 26.2}  # fmt: skip
PLAN = (  # width, stride, (operator, kernel, expansion) per block
    (16, 1, (("fused", 3, 4),)),
    (32, 2, (("ibn", 5, 4), ("ibn", 3, 6), ("fused", 3, 2))),
    (56, 2, (("ibn", 3, 6), ("ibn", 5, 4))),
)


def network() -> Network:
    """A mobile network for 8 x 8 digits."""
    net = Builder("mobile", (1, 8, 8))
    x = net.conv("input", 16, "stem", kernel=3, activation="relu")
    for i, (width, stride, blocks) in enumerate(PLAN):
        for j, (operator, kernel, expansion) in enumerate(blocks):
            x = BLOCKS[operator](
                net, x, width, f"stage{i}.block{j}", kernel=kernel, expansion=expansion,
                stride=stride if j == 0 else 1, activation="relu",
            )  # fmt: skip
    x = net.conv(x, 128, "head", activation="relu")
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


def records(rng: np.random.Generator, trials: int, reach: float) -> list[dict[str, Any]]:
    """Trials that get better with time up to about `reach`; some over a limit, some cannot run."""
    return [_record(rng, trial, trials, reach) for trial in range(trials)]


def _record(rng: np.random.Generator, trial: int, trials: int, reach: float) -> dict[str, Any]:
    genome = rng.integers(0, 4, 30).tolist()
    if rng.random() < 0.04:
        metrics = dict.fromkeys(("accuracy", "latency_s", "energy_j", "area_mm2"))
        return {"trial": trial, "genome": genome, "metrics": metrics, "violation": None}
    latency_s = float(8.5e-6 * np.exp(rng.normal(0.25 - 0.3 * trial / trials, 0.35)))
    room = 0.05 * np.exp(-3 * trial / trials) + 0.012 * (8.5e-6 / latency_s)
    accuracy = round(360 * float(reach - room * rng.gamma(2.0, 0.5))) / 360
    area_mm2 = float(rng.uniform(14, 34))
    metrics = {"accuracy": accuracy, "latency_s": latency_s, "energy_j": latency_s * 1.4,
               "area_mm2": area_mm2}  # fmt: skip
    over = max(0.0, latency_s / 1e-5 - 1) + max(0.0, area_mm2 / 30.1 - 1)
    return {"trial": trial, "genome": genome, "metrics": metrics, "violation": over}


def layers(net: Network) -> list[dict[str, Any]]:
    """Times by a plain roofline, so that the three bounds all occur."""
    rows = []
    for node, row in net.rows:
        macs, size = int(row.macs), int(row.inputs + row.outputs + row.weights)
        lanes = min(1.0, float(row.in_channels * row.out_channels) / 512)
        times = {
            "compute": macs / (8192 * 0.8e3 * max(lanes, 0.02)),
            "on-chip": (int(row.inputs) + int(row.outputs)) / 5e4 + 0.03,
            "DRAM": int(row.weights) / 2e4,
        }
        bound = max(times, key=times.__getitem__)
        rows.append({
            "name": node.name, "op": node.op, "shape": list(node.shape), "macs": macs,
            "bytes": size, "time_us": times[bound], "compute_us": times["compute"],
            "on_chip_us": times["on-chip"], "dram_us": times["DRAM"], "bound_by": bound,
            "utilisation": macs / (8192 * 0.8e3 * times[bound]), "energy_uj": 0.002 * size / 100,
        })  # fmt: skip
    return rows


def result(data_name: str = "digits", layer_name: str | None = None) -> dict[str, Any]:
    """``result.json``; `layer_name` renames the first layer in the table."""
    net = network()
    rows = layers(net)
    rows[0]["name"] = layer_name or rows[0]["name"]
    choices = {
        f"stage{i}.block{j}.{knob}": value
        for i, (_, _, blocks) in enumerate(PLAN)
        for j, block in enumerate(blocks)
        for knob, value in zip(("operator", "kernel", "expansion"), block, strict=True)
    }
    return {
        "recipe": "nahas",
        "seed": 0,
        "settings": {"data": data_name, "size": None, "latency_s": 1e-05, "area_mm2": 30.1,
                     "trials": 1000, "seed": 0},
        "versions": {"cosearch": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6"},
        "data": {"name": data_name, "train": 1077, "validation": 360, "test": 360,
                 "input_shape": [1, 8, 8], "classes": 10},
        "limits": {"latency_ms": 0.01, "area_mm2": 30.1},
        "test_accuracy_fp32": 352 / 360,
        "test_accuracy_int8": 351 / 360,
        "validation_accuracy": 356 / 360,
        "latency_ms": 0.0084,
        "energy_mj": 0.0117,
        "area_mm2": 24.3,
        "params": net.params,
        "macs": net.macs,
        "network": net.to_dict(),
        "network_choices": choices,
        "accelerator": CHIP,
        "layers": rows,
        "area_breakdown_mm2": {"MAC array": 9.1, "core memories": 4.4, "PE memories": 10.8},
        "search": {"trials": 1000, "taken_over": 32, "feasible": 702},
        "fixed_accelerator": {
            "accelerator": BASELINE, "validation_accuracy": 354 / 360, "latency_ms": 0.0091,
            "energy_mj": 0.0135, "area_mm2": 30.1,
            "network_choices": {**choices, "stage1.block0.kernel": 3},
        },
        "export": {"max_abs_difference_fp32": 3.1e-6, "tolerance_fp32": 1e-4,
                   "agreement_int8": 0.994},
        "measured": {"runtime": "onnxruntime 1.31.1", "cpu": "Example CPU @ 2.4 GHz", "threads": 1,
                     "fp32_ms": {"median": 0.118, "low": 0.112, "high": 0.131},
                     "int8_ms": {"median": 0.081, "low": 0.079, "high": 0.095}},
        "timings": {"supernet_s": 74.2, "search_s": 41.0, "final_s": 38.9},
    }  # fmt: skip


def write(folder: Path, *, finished: bool = True, **names: str) -> Path:
    """Write a run folder; an unfinished one has no result and a last record cut short."""
    joint, fixed = (np.random.default_rng(i) for i in (1, 2))
    studies = {"joint": records(joint, 1000, 0.992), "fixed": records(fixed, 1000, 0.987)}
    for name, rows in studies.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / name / "records.jsonl").write_text(text if finished else text[:-40])
    if finished:
        (folder / "result.json").write_text(json.dumps(result(**names)))
    return folder


if __name__ == "__main__":
    from cosearch.report import RunData, write_page

    target = write(Path(sys.argv[1]), finished="--unfinished" not in sys.argv)
    write_page(RunData.load(target), target / "report.html")
