"""Figures of networks on the disk: each is worked out once, however often a run is killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.families import NetworkFamily
from cosearch.files import read_json, write_json

Genome = Int[ndarray, " d"]


@dataclass(frozen=True)
class Stored:
    """A file for each network in `folder`; `key` is of all a figure hangs on beside the genome."""

    folder: Path
    key: str

    @classmethod
    def of(
        cls,
        folder: Path,
        family: NetworkFamily,
        about: Mapping[str, Any],
        arrays: tuple[ndarray, ...],
    ) -> Stored:
        """By the space, plain data, and the images and labels that figures are made of."""
        told = {"space": _described(family), **about}
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).data)
        return cls(folder, digest.hexdigest())

    def path(self, genome: Genome) -> Path:
        """Where the figures of a network are, or will be."""
        name = hashlib.sha256(self.key.encode() + genome.tobytes()).hexdigest()[:24]
        return self.folder / f"{name}.json"

    def get(self, genome: Genome, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of a network: read if they are there, worked out and written if not."""
        path = self.path(genome)
        if not path.exists():
            write_json(path, {"genome": genome.tolist(), **work()})
        found: dict[str, Any] = read_json(path)
        return found


def _described(family: NetworkFamily) -> dict[str, Any]:
    """The space, and one network of it: families of one name differ in size."""
    smallest = family.network(np.zeros(len(family.space), dtype=np.int64))
    return {"choices": family.space.fingerprint, "network": smallest.to_dict()}
