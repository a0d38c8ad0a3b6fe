"""TFLite out: a `Network` of convolutions as a .tflite file, float32 or int8, without TensorFlow.

`graph` collects tensors and operators, `operators` (`products`, `windows`, `plain`) spell ours in
TFLite's, `ranges` finds what int8 must cover, `write` makes the file.
"""

from cosearch.networks.tflite_out.write import tflite_bytes

__all__ = ["tflite_bytes"]
