"""The TFLite file a runtime is given: of a network, or a file as it is."""

from __future__ import annotations

from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.networks import Network


def tflite_content(model: Model, settings: Settings) -> bytes:
    """Bytes of the file; of a network with random weights, in the precision asked for."""
    if not isinstance(model, Network):
        return model.read_bytes()
    from cosearch.networks.tflite_out import tflite_bytes

    return tflite_bytes(model, precision=settings.precision, batch=settings.batch)
