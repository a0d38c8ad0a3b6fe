"""Which networks to measure: some to check with, then those that tell the most of all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.calibrate.starting import modelled
from cosearch.cost.learned.correction_choice import choose
from cosearch.cost.models import Device
from cosearch.errors import CosearchError

POOL: Final = 400  # networks drawn to choose from
LEAST: Final = 5  # samples to fit, and networks to check with


@dataclass(frozen=True)
class Chosen:
    """Genomes of different networks, none in both."""

    samples: Int[ndarray, "m d"]  # in the order to measure them: fewer of them are the first ones
    held_out: Int[ndarray, "h d"]  # as they were drawn: they stand for the space


def choose_networks(
    family: Any, device: Device, samples: int, held_out: int, seed: int = 0
) -> Chosen:
    """Draw a pool; keep the first `held_out` apart, choose `samples` of the rest.

    How many samples are chosen does not change which are held out. Raises `CosearchError` for too
    few of either, and for a space that has not as many networks.
    """
    if samples < LEAST:
        raise CosearchError(f"{samples} samples: at least {LEAST} are needed to fit")
    if held_out and held_out < LEAST:
        raise CosearchError(f"{held_out} networks held out: needs 0, or at least {LEAST}")
    pool = _distinct(
        family, family.space.sample(np.random.default_rng(seed), _drawn(samples, held_out))
    )
    if len(pool) < samples + held_out:
        raise CosearchError(
            f"space {family.name}: {len(pool)} different networks found, {samples} samples and "
            f"{held_out} held out are asked for"
        )
    rest = pool[held_out:]
    order = choose(modelled(device, family.decode(rest)), samples)
    return Chosen(rest[order], pool[:held_out])


def _drawn(samples: int, held_out: int) -> int:
    return max(POOL, 4 * (samples + held_out))


def _distinct(family: Any, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "m d"]:
    """The first genome of each network: many a one is told by its layers alone."""
    rows = family.decode(genomes).table(np.int64).reshape(len(genomes), -1)
    _, first = np.unique(rows, axis=0, return_index=True)
    return genomes[np.sort(first)]
