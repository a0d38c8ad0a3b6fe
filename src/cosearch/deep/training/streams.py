"""The randomness of an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

Streams = tuple[np.random.Generator, torch.Generator]


def streams(seed: int, epoch: int) -> Streams:
    """From the seed and the epoch, not from the epochs before it."""
    rng = np.random.default_rng([seed, epoch])
    return rng, torch.Generator().manual_seed(int(rng.integers(2**62)))


def drawn(streams: Streams) -> dict[str, Any]:
    """How far both have been drawn from."""
    rng, generator = streams
    return {"rng": rng.bit_generator.state, "generator": generator.get_state()}


def rewind(streams: Streams, to: dict[str, Any]) -> None:
    """Back, or forth, to where `drawn` found them."""
    rng, generator = streams
    rng.bit_generator.state = to["rng"]
    generator.set_state(to["generator"])
