"""Score a seeded sample of networks by every proxy; what is in the table already is left alone."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.data import ImageData
from cosearch.deep.module import to_module
from cosearch.deep.proxies import PROXIES, Proxy
from cosearch.deep.proxies.zen import zen
from cosearch.families.chain import ChainFamily

SEED: Final = 0
BATCH: Final = 32
ZEN_DRAWS: Final = 4
SCORED: Final[dict[str, Proxy]] = {  # grasp would cost as much as three of the others
    **{name: proxy for name, proxy in PROXIES.items() if name not in ("grasp", "zen")},
    "zen": partial(zen, draws=ZEN_DRAWS),
}
FIELDS: Final = ("genome", *SCORED, *(f"{name}_s" for name in SCORED))


def sample(family: ChainFamily, n: int) -> Int[ndarray, "n d"]:
    """The first `n` different genomes of a random order: fewer are a part of more."""
    rng = np.random.default_rng(SEED)
    order = rng.permutation(family.space.size)[:n]
    return np.stack(np.unravel_index(order, family.space.cardinalities), axis=1)


def write_scores(family: ChainFamily, n: int, data: ImageData, path: Path) -> None:
    """A row per network, appended as it is found: a run that was killed goes on."""
    known = {row["genome"] for row in read_scores(path)} if path.exists() else set()
    with path.open("a", newline="") as stream:
        out = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        if not known:
            out.writeheader()
        for genome in sample(family, n):
            code = "".join(map(str, genome))
            if code not in known:
                out.writerow({"genome": code, **dict(_row(family, genome, data))})
                stream.flush()


def read_scores(path: Path) -> list[dict[str, str]]:
    """The rows as text."""
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _row(
    family: ChainFamily, genome: Int[ndarray, " d"], data: ImageData
) -> Iterator[tuple[str, Any]]:
    """Scores to seven digits, processor seconds to the hundredth."""
    images, labels = data.train.pixels[:BATCH], data.train.labels[:BATCH]
    for name, proxy in SCORED.items():
        module = to_module(family.network(genome), seed=SEED)
        start = time.process_time()
        found = proxy(module, images, labels, torch.Generator().manual_seed(SEED))
        yield f"{name}_s", f"{time.process_time() - start:.2f}"
        yield name, f"{-math.inf if math.isnan(found) else found:.7g}"
