"""fp32 ONNX -> int8 ONNX by static quantisation, and what it costs in accuracy."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from jaxtyping import Float, Int
from numpy import ndarray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from cosearch.deep.accuracy import predict
from cosearch.deep.datasets.images import Split
from cosearch.deep.runtime import run
from cosearch.files import write_atomically
from cosearch.quiet import quiet

CALIBRATION_IMAGES: Final = 256
CALIBRATION_BATCH: Final = 64


class _Images(CalibrationDataReader):  # type: ignore[misc]
    """Feeds images by the batch, under the name of the model's input."""

    def __init__(self, name: str, images: Float[ndarray, "n c h w"]) -> None:
        self._batches: Iterator[dict[str, ndarray]] = (
            {name: images[i : i + CALIBRATION_BATCH]}
            for i in range(0, len(images), CALIBRATION_BATCH)
        )

    def get_next(self) -> dict[str, Any] | None:
        """The next batch, or None at the end."""
        return next(self._batches, None)


def quantise(path: Path, out_path: Path, images: Float[ndarray, "n c h w"]) -> None:
    """Write `path` as int8 with quantise/dequantise pairs (QDQ), ranges taken from `images`.

    Per-channel signed weights, unsigned activations (ReLU has no negative side). `images` are
    training images, float32 in [0, 1].
    """
    with tempfile.TemporaryDirectory() as folder, quiet():
        prepared, quantised = Path(folder, "prepared.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(prepared).graph
        quantize_static(
            str(prepared),
            str(quantised),
            _Images(graph.input[0].name, images),
            nodes_to_exclude=[node.name for node in graph.node if _is_beyond_it(node)],
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # 7-bit weights: x86 without VNNI adds pairs of u8 x s8 products into 16 bits, which
            # saturate with 8-bit weights, so the same file would answer worse on older machines
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
        )
        model = onnx.load(quantised)
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    write_atomically(out_path, lambda temporary: temporary.write_bytes(data))


def _is_beyond_it(node: onnx.NodeProto) -> bool:
    """ONNX Runtime's quantiser counts one group's filters as all, and fails; it stays float."""
    groups = [attribute.i for attribute in node.attribute if attribute.name == "group"]
    return node.op_type == "ConvTranspose" and groups not in ([], [1])


def onnx_predict(path: Path, split: Split) -> Int[ndarray, " n"]:
    """The class the file gives each image."""
    return run(path, split.pixels.numpy()).argmax(1)


def onnx_accuracy(path: Path, split: Split) -> float:
    """Fraction of `split` that the file classifies right."""
    return float(np.mean(onnx_predict(path, split) == split.labels.numpy()))


def agreement(module: nn.Module, path: Path, split: Split) -> float:
    """Fraction of `split` that the file and `module` put into the same class."""
    return float(np.mean(onnx_predict(path, split) == predict(module, split).numpy()))
