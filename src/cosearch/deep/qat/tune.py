"""Training under fake quantisation, and the int8 file that answers as what was trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cosearch.deep.export import to_onnx
from cosearch.deep.qat.quantised import Quantised
from cosearch.deep.training import Images, TrainSettings, fit
from cosearch.networks.onnx_out.quantise import quantise


def tune(
    quantised: Quantised, data: Images, settings: TrainSettings, *, seed: int, **more: Any
) -> None:
    """Train weights and ranges in place, best at a small rate; `more` is `fit`'s."""
    fit(quantised, data, settings, seed=seed, **more)


def write_int8(quantised: Quantised, path: Path, images: Float[Tensor, "n c h w"]) -> None:
    """Write the int8 file with the ranges that were learned; `images` settle all others."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "fp32.onnx"
        to_onnx(quantised.plain(), tuple(images.shape[1:]), plain)
        with torch.no_grad():
            quantise(plain, path, images.numpy(), ranges=quantised.ranges())
