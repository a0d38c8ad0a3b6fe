"""Runs on a remote device, alone: times a model and a reference, and writes JSON.

python3 harness.py MODEL REFERENCE SETTINGS.json RESULT.json

Needs Python 3.8, numpy, and onnxruntime for .onnx, ai-edge-litert or tflite-runtime for .tflite.
Nothing of cosearch is imported: this file is pushed to the device as it is.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from typing import Any, Callable, Dict, List, Tuple  # noqa: UP035 (of Python 3.8)

import numpy as np

Run = Callable[[], object]
Loaded = Tuple[Run, Dict[str, str]]  # noqa: UP006


def load_onnx(path: str, settings: dict[str, Any]) -> Loaded:
    """A function that runs `path` once, and the versions of what runs it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings["threads"]
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {}
    for value in session.get_inputs():
        shape = closed(value.name, value.shape, settings)
        feed[value.name] = np.random.default_rng(0).random(shape, dtype=np.float32)
    return lambda: session.run(None, feed), {"onnxruntime": onnxruntime.__version__}


def load_tflite(path: str, settings: dict[str, Any]) -> Loaded:
    """A function that runs `path` once, and the versions of what runs it."""
    try:
        import ai_edge_litert as library
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tflite_runtime as library
        from tflite_runtime.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=settings["threads"])
    for value in interpreter.get_input_details():
        sizes = list(value["shape_signature"]) or list(value["shape"])
        shape = closed(value["name"], [int(size) for size in sizes], settings)
        interpreter.resize_tensor_input(value["index"], shape)
    interpreter.allocate_tensors()
    for value in interpreter.get_input_details():
        interpreter.set_tensor(value["index"], np.zeros(value["shape"], value["dtype"]))
    version = getattr(library, "__version__", "unknown")
    return interpreter.invoke, {library.__name__: version}


def closed(name: str, shape: list[Any], settings: dict[str, Any]) -> list[int]:
    """`shape` with its open sizes set: the first is the batch, the others are those asked for."""
    asked = [settings["batch"], *settings.get("shape", [])]
    asked += shape[len(asked) :]
    pairs = zip(shape, asked)  # noqa: B905 (of Python 3.8)
    sizes = [old if _is_set(old) else new for old, new in pairs]
    if sizes != asked or not all(map(_is_set, sizes)):
        raise ValueError(f"input {name!r} has shape {shape}: {asked} does not fit")
    return sizes


def _is_set(size: Any) -> bool:
    return isinstance(size, int) and size > 0


def time_runs(run: Run, repeats: int, seconds: float) -> list[float]:
    """Times of single runs: at least so many, for at least so long."""
    run()
    taken: List[float] = []  # noqa: UP006
    while len(taken) < repeats or sum(taken) < seconds:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def time_rounds(run: Run, reference: Run, settings: dict[str, Any]) -> dict[str, Any]:
    """Rounds of reference, model, reference."""
    for _ in range(settings["warm_up"]):
        run()
        reference()
    repeats, seconds = settings["repeats"], settings["round_s"]
    half = (repeats + 1) // 2, seconds / 2
    rounds, beside = [], []
    for _ in range(settings["rounds"]):
        before = time_runs(reference, *half)
        rounds.append(time_runs(run, repeats, seconds))
        beside.append(before + time_runs(reference, *half))
    return {"rounds_s": rounds, "reference_rounds_s": beside}


def cpu_model() -> str:
    """The processor as the kernel names it."""
    names = []
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            pairs = [line.partition(":") for line in file]
        names = [value.strip() for key, _, value in pairs if key.strip() == "model name"]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Four files: three to read, one to write."""
    model, reference, settings_path, result_path = sys.argv[1:]
    with open(settings_path) as file:
        settings = json.load(file)
    if settings["cores"]:
        os.sched_setaffinity(0, settings["cores"])
    load = load_tflite if model.endswith(".tflite") else load_onnx
    run, versions = load(model, settings)
    alone = dict(settings, batch=1, shape=[])  # the reference is the same whatever is measured
    result = time_rounds(run, load(reference, alone)[0], settings)
    result["versions"] = dict(versions, python=platform.python_version())
    result["device"] = {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "os": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }
    with open(result_path, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
