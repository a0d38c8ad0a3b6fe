"""ONNX in: any exporter's file as a `Network`, its cost rows independent of how it was written.

`proto` reads and checks the file, `contrib` and `unknown` see to operators that are not ONNX's,
`shapes` and `constants` work out what needs no input, `operators` (`products`, `windows`,
`elementwise`, `views`) drafts nodes, `pointwise` recognises activations by their values,
`folding` merges what belongs to a layer into it, `assemble` makes the graph.
"""

from cosearch.networks.onnx_in.read import read_onnx
from cosearch.networks.onnx_in.unknown import SUPPORTED

__all__ = ["SUPPORTED", "read_onnx"]
