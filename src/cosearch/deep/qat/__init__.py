"""int8 while there is still time to learn: fake quantisation, tuning under it, int8 accuracy.

What is rounded, and how, is what `networks.onnx_out.quantise` makes of a file: filters per output
channel and symmetric, activations per tensor and asymmetric, batch norms folded in.
"""

from cosearch.deep.qat.accuracy import Int8Accuracy
from cosearch.deep.qat.fake import INT8, Precision
from cosearch.deep.qat.quantised import Quantised
from cosearch.deep.qat.tune import tune, write_int8

__all__ = ["INT8", "Int8Accuracy", "Precision", "Quantised", "tune", "write_int8"]
