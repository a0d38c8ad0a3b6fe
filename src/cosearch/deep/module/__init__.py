"""`Network` -> `nn.Module`: the graph, node by node.

The modules take float32 images in [0, 1], (n, c, h, w), as do the ONNX files made from them.
`weighted` holds the operators that learn, `plain` the others, `initialise` the first weights.
"""

from cosearch.deep.module.activations import ACTIVATIONS
from cosearch.deep.module.graph import OPS, GraphModule
from cosearch.deep.module.initialise import initialise, to_module
from cosearch.deep.module.weighted import ConvNormAct

__all__ = ["ACTIVATIONS", "OPS", "ConvNormAct", "GraphModule", "initialise", "to_module"]
