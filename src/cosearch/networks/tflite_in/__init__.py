"""TFLite in: a flatbuffer as a `Network`, with the drafts and folding of the ONNX reader.

`file` reads the flatbuffer, `operators` (`products`, `windows`, `elementwise`, `movement`) drafts
nodes; images become (channels, height, width).
"""

from cosearch.networks.tflite_in.read import read_tflite

__all__ = ["read_tflite"]
