"""fp32 ONNX -> int8 ONNX by static quantisation: arrays in, no torch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.files import write_atomically
from cosearch.quiet import quiet

CALIBRATION_IMAGES: Final = 256
CALIBRATION_BATCH: Final = 64


def quantise(
    path: Path,
    out_path: Path,
    images: ndarray | Mapping[str, ndarray],
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Write `path` as int8 with quantise/dequantise pairs (QDQ), ranges taken from `images`.

    Per-channel signed weights, unsigned activations (ReLU has no negative side): the form that x86
    runs fastest. `images` are inputs such as those of training, float32 (n, ...): of the only
    input, or by name. A file of fixed batch takes them by that number, so n is a multiple of it.
    `ranges` holds (lowest, highest) by tensor where training has found better ones.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ModuleNotFoundError as error:
        raise CosearchError(
            f"quantising {path} needs {error.name}: pip install 'cosearch[onnxruntime]'"
        ) from error
    with tempfile.TemporaryDirectory() as folder, quiet():
        prepared, quantised = Path(folder, "prepared.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(prepared).graph
        quantize_static(
            str(prepared),
            str(quantised),
            _Batches(graph, images),
            nodes_to_exclude=[node.name for node in graph.node if _is_beyond_it(node)],
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # 7-bit weights: x86 without VNNI adds pairs of u8 x s8 products into 16 bits, which
            # saturate with 8-bit weights, so the same file would answer worse on older machines
            reduce_range=True,
            extra_options={"TensorQuantOverrides": _overrides(graph, ranges or {})},
        )
        model = onnx.load(quantised)
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    write_atomically(out_path, lambda temporary: temporary.write_bytes(data))


def _overrides(graph: Any, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """In ONNX Runtime's words; it asks for float32, and knows no tensors but the file's own."""
    own = {value.name for value in graph.input} | {n for node in graph.node for n in node.output}
    return {
        name: [{"rmin": np.float32(low), "rmax": np.float32(high)}]
        for name, (low, high) in ranges.items()
        if name in own
    }


class _Batches:
    """Feeds inputs by the batch, in the form of ONNX Runtime's `CalibrationDataReader`."""

    def __init__(self, graph: Any, images: ndarray | Mapping[str, ndarray]) -> None:
        first = graph.input[0]
        named = images if isinstance(images, Mapping) else {first.name: images}
        size = first.type.tensor_type.shape.dim[0].dim_value or CALIBRATION_BATCH
        count = min(map(len, named.values()))
        self._batches: Iterator[dict[str, ndarray]] = (
            {name: values[i : i + size] for name, values in named.items()}
            for i in range(0, count, size)
        )

    def get_next(self) -> dict[str, ndarray] | None:
        """The next batch, or None at the end."""
        return next(self._batches, None)


def _is_beyond_it(node: Any) -> bool:
    """ONNX Runtime's quantiser counts one group's filters as all, and fails; it stays float."""
    groups = [attribute.i for attribute in node.attribute if attribute.name == "group"]
    return node.op_type == "ConvTranspose" and groups not in ([], [1])
