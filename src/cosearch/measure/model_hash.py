"""Which model was measured: a name for people, a hash for records and caches."""

from __future__ import annotations

import hashlib
import json

from cosearch.measure.runtime import Model
from cosearch.networks import Network


def model_name(model: Model) -> str:
    """A network's own, or the file's."""
    return model.name


def model_hash(model: Model) -> str:
    """sha256 of the file, or of the network as data without its name."""
    if isinstance(model, Network):
        text = json.dumps(model.to_dict()["nodes"], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.sha256(model.read_bytes()).hexdigest()
