"""Run an ONNX file on this machine's CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError

BATCH = 512
FATAL_ONLY = 4  # ONNX Runtime's log levels end there; its warnings go to stderr


def session(path: Path, *, threads: int = 1) -> ort.InferenceSession:
    """A session of the CPU provider with a fixed number of threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    # idle threads of one session must not take the cores from whatever runs next
    options.add_session_config_entry("session.force_spinning_stop", "1")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
        raise CosearchError(f"ONNX Runtime cannot load {path}: {error}") from error


def run(path: Path, images: Float[ndarray, "n c h w"], *, threads: int = 1) -> ndarray:
    """The file's first output for `images`, float32 in [0, 1]."""
    loaded = session(path, threads=threads)
    name = loaded.get_inputs()[0].name
    starts = range(0, len(images), BATCH)
    return np.concatenate([loaded.run(None, {name: images[i : i + BATCH]})[0] for i in starts])
