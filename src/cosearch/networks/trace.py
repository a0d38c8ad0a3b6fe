"""`trace`: any torch module as a `Network`.

Through ONNX, since one reader then serves files and modules alike. torch is imported when it runs:
a module at hand means that torch is loaded, and whoever reads networks only never pays for it.
That is also why this is here, beside the other readers, and not where torch lives.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosearch.errors import CosearchError
from cosearch.networks.network import Network
from cosearch.quiet import quiet

if TYPE_CHECKING:
    from torch import Tensor, nn

OPSET: Final = 23  # has attention as one operator


def trace(module: nn.Module, example: Tensor, *, allow_unknown: bool = False) -> Network:
    """The network that `module` computes for inputs like `example`, (1, c, h, w) or (1, n, c).

    Captured by `torch.export` in evaluation mode, so control flow that depends on values is an
    error; `module` is left as it was. Norms, padding and activations are folded as `read_onnx`
    does. Raises `CosearchError` for what cannot be captured or read; `allow_unknown` takes
    operators we do not know for data movement.
    """
    import torch

    from cosearch.networks.onnx_in import read_onnx

    if example.ndim < 2 or example.shape[0] != 1:
        raise CosearchError(f"the example has shape {tuple(example.shape)}: needs a batch of 1")
    training = module.training
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{type(module).__name__}.onnx"
        try:
            with quiet():
                torch.onnx.export(
                    module.eval(),
                    (example,),
                    path,
                    dynamo=True,
                    opset_version=OPSET,
                    external_data=False,
                    verbose=False,
                )
        except Exception as error:  # torch raises errors of many kinds
            why = " ".join(str(error.__cause__ or error).split())
            raise CosearchError(f"torch cannot capture {path.stem}: {why[:400]}") from error
        finally:
            module.train(training)
        try:
            return read_onnx(path, allow_unknown=allow_unknown)
        except CosearchError as error:
            raise CosearchError(str(error).replace(str(path), path.stem)) from error
