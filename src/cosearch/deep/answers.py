"""What a file, quantised or not, answers on a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from torch import nn

from cosearch.deep.accuracy import predict
from cosearch.deep.datasets.images import Split
from cosearch.deep.runtime import run


def onnx_predict(path: Path, split: Split) -> Int[ndarray, " n"]:
    """The class the file gives each image."""
    return run(path, split.pixels.numpy()).argmax(1)


def onnx_accuracy(path: Path, split: Split) -> float:
    """Fraction of `split` that the file classifies right."""
    return float(np.mean(onnx_predict(path, split) == split.labels.numpy()))


def agreement(module: nn.Module, path: Path, split: Split) -> float:
    """Fraction of `split` that the file and `module` put into the same class."""
    return float(np.mean(onnx_predict(path, split) == predict(module, split).numpy()))
