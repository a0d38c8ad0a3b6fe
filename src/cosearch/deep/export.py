"""`nn.Module` -> ONNX, and proof that both say the same."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import nn

from cosearch.deep.module import ConvNormAct
from cosearch.deep.runtime import run
from cosearch.errors import CosearchError
from cosearch.files import write_atomically
from cosearch.quiet import quiet

OPSET: Final = 18
TOLERANCE: Final = 1e-4  # of a logit, fp32; of the largest one where that is above 1


def to_onnx(module: nn.Module, input_shape: tuple[int, int, int], path: Path) -> None:
    """Write `module` as ONNX: batch norm folded in, any batch size, weights inside the file.

    Takes "images" float32 (n, c, h, w) in [0, 1], gives "logits" (n, classes). The same module
    gives the same bytes. `module` is left alone.
    """
    folded = fold(module)
    images = torch.zeros(2, *input_shape)  # two: a batch of one would be taken for a constant
    with quiet():
        program = torch.onnx.export(
            folded,
            (images,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _strip(model)
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString(deterministic=True)
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def fold(module: nn.Module) -> nn.Module:
    """A copy in eval mode whose batch norms are merged into the convolutions before them."""
    folded = copy.deepcopy(module).eval()
    for part in folded.modules():
        if isinstance(part, ConvNormAct) and isinstance(part.norm, nn.BatchNorm2d):
            _merge(part.conv, part.norm)
            part.norm = nn.Identity()
    return folded


@torch.no_grad()
def _merge(conv: nn.Module, norm: nn.BatchNorm2d) -> None:
    """Scale the filters and shift the bias of `conv` as `norm` would its output."""
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = torch.zeros_like(scale) if conv.bias is None else conv.bias
    conv.bias = nn.Parameter((bias - norm.running_mean) * scale + norm.bias)
    if isinstance(conv, nn.ConvTranspose2d):  # (in, out / groups, ...): outputs are axis 1
        filters = conv.weight.unflatten(0, (conv.groups, -1))
        filters.mul_(scale.view(conv.groups, 1, -1, 1, 1))
    else:
        conv.weight.mul_(scale.view(-1, 1, 1, 1))


def _strip(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes: they hold paths and stack traces of this machine."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]


def compare(module: nn.Module, path: Path, images: Float[ndarray, "n c h w"]) -> float:
    """Largest difference of a logit between `module` and the file, over `images`.

    Where the largest logit exceeds 1, as a share of it: fp32 keeps about seven digits.
    """
    with torch.inference_mode():
        ours = module.eval()(torch.from_numpy(images)).numpy()
    return float(np.abs(ours - run(path, images)).max() / max(1.0, np.abs(ours).max()))


def check_parity(
    module: nn.Module,
    path: Path,
    images: Float[ndarray, "n c h w"],
    *,
    tolerance: float = TOLERANCE,
) -> float:
    """`compare`, refusing a difference above `tolerance` (or none at all: NaN)."""
    difference = compare(module, path, images)
    if not difference <= tolerance:
        raise CosearchError(
            f"{path}: logits differ from the torch module's by up to {difference:.2e}, "
            f"allowed are {tolerance:.0e}"
        )
    return difference
