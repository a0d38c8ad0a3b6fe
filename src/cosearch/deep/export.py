"""`nn.Module` -> ONNX, and proof that both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor, nn

from cosearch.deep.module import ConvNormAct, GraphModule
from cosearch.deep.module.weighted import BatchNorm, ClassToken, Linear, Position
from cosearch.deep.runtime import run
from cosearch.errors import CosearchError
from cosearch.networks import Network, Node
from cosearch.networks.onnx_out import write_onnx

TOLERANCE: Final = 1e-4  # of a logit, fp32; of the largest one where that is above 1


def to_onnx(module: GraphModule, input_shape: tuple[int, int, int], path: Path) -> None:
    """Write `module` as ONNX: batch norm folded in, any batch size, weights inside the file.

    Takes "images" float32 (n, c, h, w) in [0, 1], gives "logits" (n, classes). The same module
    gives the same bytes. `module` is left alone.
    """
    source = Node(module.source, "input", (), input_shape)
    network = Network("network", (source, *module.nodes))
    write_onnx(network, path, batch=None, weights=weights(module))


def weights(module: GraphModule) -> dict[str, dict[str, ndarray]]:
    """What each node has learned, as `onnx_out` names it: batch norms folded in."""
    pairs = zip(module.nodes, module.ops, strict=True)
    return {
        node.name: {name: array.detach().numpy() for name, array in _learned(op).items()}
        for node, op in pairs
    }


def _learned(op: nn.Module) -> Mapping[str, Tensor]:
    if isinstance(op, ConvNormAct):
        return _folded(op)
    if isinstance(op, Linear):
        return dict(op.linear.named_parameters())
    if isinstance(op, BatchNorm):
        norm = op.norm
        return {
            "scale": norm.weight,
            "bias": norm.bias,
            "mean": norm.running_mean,
            "variance": norm.running_var,
        }
    if isinstance(op, nn.LayerNorm):
        return {"scale": op.weight, "bias": op.bias}
    if isinstance(op, ClassToken):
        return {"token": op.token}
    return {"embedding": op.embedding} if isinstance(op, Position) else {}


@torch.no_grad()
def _folded(op: ConvNormAct) -> dict[str, Tensor]:
    """Filters and bias of a convolution that answers as this one and its batch norm do."""
    conv, norm = op.conv, op.norm
    parameters = {name: tensor.detach() for name, tensor in conv.named_parameters()}
    if not isinstance(norm, nn.BatchNorm2d):
        return parameters
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = parameters.get("bias", torch.zeros_like(scale))
    filters = parameters["weight"]
    if isinstance(conv, nn.ConvTranspose2d):  # (in, out / groups, ...): outputs are axis 1
        grouped = filters.unflatten(0, (conv.groups, -1))
        filters = (grouped * scale.view(conv.groups, 1, -1, 1, 1)).flatten(0, 1)
    else:
        filters = filters * scale.view(-1, 1, 1, 1)
    return {"weight": filters, "bias": (bias - norm.running_mean) * scale + norm.bias}


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
