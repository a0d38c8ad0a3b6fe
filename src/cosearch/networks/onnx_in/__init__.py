"""ONNX in: any exporter's file as a `Network`, its cost rows independent of how it was written.

`proto` reads and checks the file, `constants` folds what needs no input, `operators` drafts nodes,
`pointwise` recognises activations by their values, `assemble` folds norms and activations into the
layers before them.
"""

from cosearch.networks.onnx_in.read import SUPPORTED, read_onnx

__all__ = ["SUPPORTED", "read_onnx"]
