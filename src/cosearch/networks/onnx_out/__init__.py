"""ONNX out: a `Network` as a file for any runtime, in milliseconds and without torch.

`weights` says what each operator learns and draws it, `graph` collects nodes and constants,
`operators` (`products`, `windows`, `plain`, `activations`) spell ours in standard ONNX, `write`
makes the file.
"""

from cosearch.networks.onnx_out.weights import Weights, draw, shapes
from cosearch.networks.onnx_out.write import onnx_bytes, write_onnx

__all__ = ["Weights", "draw", "onnx_bytes", "shapes", "write_onnx"]
