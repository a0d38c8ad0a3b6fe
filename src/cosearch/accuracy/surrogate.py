"""An accuracy predicted: a sum of tables over pairs of blocks, fitted to networks others trained.

All that two blocks of a network do to each other is in the table of the pair; what three do only
together is not. Sums are of log distances to a ceiling, so gains shrink as accuracy grows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import combinations
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError

SHIPPED: Final = "all"  # the weights to use; "development": without the rows reported on
DEVELOPMENT: Final = "development"
PRICE: Final = (
    "nothing: predicted by shipped tables; accuracies of a short training schedule, of which only "
    "the ranking counts"
)
_DECIMALS: Final = 9


@dataclass(frozen=True)
class Surrogate:
    """Accuracy of a space whose knobs come in blocks of equal length.

    A block's code is its place among all its choices, the last knob fastest. `tables` holds for
    each pair of blocks (0, 1), (0, 2), ... the row of the first's code and the column of the
    second's. accuracy = ceiling - exp(-sum).
    """

    name: str
    blocks: tuple[tuple[int, ...], ...]  # choices of each knob, block by block
    tables: tuple[Float[ndarray, "_ _"], ...]
    ceiling: float
    fitted_on: Int[ndarray, " rows"]  # fingerprints, sorted
    manifest: Mapping[str, Any]
    price: str = PRICE

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction right, 0 to 1."""
        code = codes(genomes, self.blocks)
        total = np.zeros(len(genomes))
        for (i, j), table in zip(
            combinations(range(len(self.blocks)), 2), self.tables, strict=True
        ):
            total += table[code[i], code[j]]
        # rounded: the exponential's last bit may hang on how many are asked for at once
        return np.round(self.ceiling - np.exp(-total), _DECIMALS)

    def seen(self, genomes: Int[ndarray, "n d"]) -> Bool[ndarray, " n"]:
        """Which of these it was fitted to."""
        return np.isin(fingerprints(genomes), self.fitted_on)

    @cached_property
    def knobs(self) -> int:
        """Length of a genome."""
        return sum(map(len, self.blocks))


def codes(
    genomes: Int[ndarray, "n d"], blocks: tuple[tuple[int, ...], ...]
) -> Int[ndarray, "blocks n"]:
    """The code of every block; raises `CosearchError` for a genome of another width."""
    width = sum(map(len, blocks))
    if genomes.ndim != 2 or genomes.shape[1] != width:
        raise CosearchError(f"genomes of shape {genomes.shape}: (n, {width}) is needed")
    ends = np.cumsum([len(block) for block in blocks])
    parts = np.split(genomes, ends[:-1], axis=1)
    try:
        return np.stack([_code(part, block) for part, block in zip(parts, blocks, strict=True)])
    except ValueError as error:
        raise CosearchError(f"a genome has choices out of range; each has {blocks}") from error


def _code(part: Int[ndarray, "n k"], block: tuple[int, ...]) -> Int[ndarray, " n"]:
    return np.ravel_multi_index(tuple(part.T), block)


def fingerprints(genomes: Int[ndarray, "n d"]) -> Int[ndarray, " n"]:
    """32 bits of the SHA-256 of each row: enough to know rows again, and no copy of them."""
    rows = np.ascontiguousarray(genomes, dtype=np.uint8)
    digests = [hashlib.sha256(row.tobytes()).digest()[:4] for row in rows]
    return np.frombuffer(b"".join(digests), dtype=">u4").astype(np.int64)


def read_surrogate(name: str, weights: str = SHIPPED) -> Surrogate:
    """A shipped surrogate; `weights` "development" were fitted without the rows reported on."""
    folder = files("cosearch.accuracy").joinpath("surrogates")
    manifest = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    with folder.joinpath(f"{name}.npz").open("rb") as file, np.load(file) as arrays:
        flat = arrays[weights].astype(float)
        fitted_on = arrays[f"{weights}_rows"].astype(np.int64)
    blocks = tuple(tuple(block) for block in manifest["choices"])
    return Surrogate(name, blocks, unpacked(flat, blocks), manifest["ceiling"], fitted_on, manifest)


def unpacked(
    flat: Float[ndarray, " all"], blocks: tuple[tuple[int, ...], ...]
) -> tuple[Float[ndarray, "_ _"], ...]:
    """The tables of all pairs from one row of numbers."""
    sizes = [int(np.prod(block)) for block in blocks]
    shapes = list(combinations(sizes, 2))
    ends = np.cumsum([a * b for a, b in shapes])
    parts = np.split(flat, ends[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
