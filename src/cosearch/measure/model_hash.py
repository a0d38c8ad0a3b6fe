"""Which model was measured: a name for people, a hash for records."""

from __future__ import annotations

import hashlib
import json

from cosearch.measure.runtime import Model
from cosearch.networks import Network


def model_name(model: Model) -> str:
    """A network's own, or the file's."""
    return model.name


def model_hash(model: Model) -> str:
    """sha256 of the file, or of the network as data, whatever it and its nodes are called."""
    if not isinstance(model, Network):
        return hashlib.sha256(model.read_bytes()).hexdigest()
    place = {node.name: i for i, node in enumerate(model.nodes)}
    rows = [
        [node.op, [place[name] for name in node.inputs], node.shape, dict(node.attributes)]
        for node in model.nodes
    ]
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
