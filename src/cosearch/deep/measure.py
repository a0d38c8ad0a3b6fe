"""How long an ONNX file takes on this machine's CPU."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from jaxtyping import Float
from numpy import ndarray

from cosearch.deep.runtime import session
from cosearch.errors import CosearchError

WARM_UP: Final = 20
RESAMPLES: Final = 2000


@dataclass(frozen=True)
class Measurement:
    """Latency of one inference at batch 1, with what it was measured on."""

    median_s: float
    low_s: float  # 95 % bootstrap interval of the median
    high_s: float
    samples: int
    threads: int
    runtime: str
    cpu: str


def measure(
    path: Path, input_shape: tuple[int, int, int], *, threads: int = 1, repeats: int = 200
) -> Measurement:
    """Time `repeats` inferences of one image, after a warm-up."""
    if repeats < 1:
        raise CosearchError(f"repeats {repeats}: at least 1 is needed")
    loaded = session(path, threads=threads)
    feed = {loaded.get_inputs()[0].name: np.full((1, *input_shape), 0.5, dtype=np.float32)}
    for _ in range(WARM_UP):
        loaded.run(None, feed)
    seconds = np.empty(repeats)
    for i in range(repeats):
        start = time.perf_counter()
        loaded.run(None, feed)
        seconds[i] = time.perf_counter() - start
    low, high = median_interval(seconds)
    runtime = f"onnxruntime {ort.__version__}"
    return Measurement(float(np.median(seconds)), low, high, repeats, threads, runtime, cpu_model())


def median_interval(samples: Float[ndarray, " n"]) -> tuple[float, float]:
    """95 % bootstrap interval of the median (percentile method)."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(samples, size=(RESAMPLES, len(samples)))
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    return float(low), float(high)


def cpu_model() -> str:
    """The processor as the kernel names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
