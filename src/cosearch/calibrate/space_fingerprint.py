"""A fingerprint of a space and of what it decodes to."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np

_PROBES: Final = 64
_DIGITS: Final = 16


def space_fingerprint(family: Any) -> str:
    """16 hex digits: of the knobs, and of the layers of 64 networks that are always the same.

    It changes with the knobs, with the size of the images, and with the operators.
    """
    genomes = family.space.sample(np.random.default_rng(0), _PROBES)
    digest = hashlib.sha256(family.space.fingerprint.encode())
    for name, column in family.decode(genomes).items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
    return digest.hexdigest()[:_DIGITS]
