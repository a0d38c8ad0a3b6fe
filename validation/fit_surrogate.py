"""Fit the shipped accuracy surrogate to Accel-NASBench.

`python -m validation.fit_surrogate --data FILE.csv --write` rewrites the shipped arrays and their
manifest. Every fifth network, by a hash of its choices, is only reported on. Hyperparameters are
fitted to the other rows. Weights are given twice: of these rows, by which the report is made, and
of all rows, which is what users get. The ceiling was chosen by cross-validation on the other rows.
"""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.accuracy.surrogate import Surrogate, codes, fingerprints, unpacked
from cosearch.benchmarks import AccelNASBench, accel_nasbench
from cosearch.calibrate.agreement import kendall, spearman
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from cosearch.files import write_atomically, write_json
from cosearch.space import Space
from validation.common import data_folder, made
from validation.surrogate_gp import PairwiseGP, fit

NAME: Final = "accel-nasbench"
DEFAULT: Final = "accel_nasbench/accel_nasbench.csv"
SHIPPED: Final = Path(__file__).parents[1] / "src/cosearch/accuracy/surrogates"
CEILING: Final = 0.72
SEED: Final = 0
BLOCK: Final = 4  # knobs


def reported(choices: Int[ndarray, "n d"]) -> Bool[ndarray, " n"]:
    """The rows kept back: the same for any order of them, repeated networks on one side."""
    texts = (f"cosearch report {','.join(map(str, row))}" for row in choices.tolist())
    return np.array([int(sha256(text.encode()).hexdigest()[:8], 16) % 5 == 0 for text in texts])


def blocks_of(space: Space) -> tuple[tuple[int, ...], ...]:
    """Choices of each knob, block by block."""
    sizes = space.cardinalities.tolist()
    return tuple(tuple(sizes[i : i + BLOCK]) for i in range(0, len(sizes), BLOCK))


def main() -> None:
    """Fit, report, and write if asked to."""
    parser = argparse.ArgumentParser(description="fit the accuracy surrogate")
    parser.add_argument("--data", type=Path, default=data_folder() / DEFAULT)
    parser.add_argument("--write", action="store_true", help="replace the shipped arrays")
    arguments = parser.parse_args()
    rows = accel_nasbench(arguments.data)
    space = accel_nasbench_family().space
    genomes, blocks = genomes_of(space, rows.choices), blocks_of(space)
    development = ~reported(rows.choices)
    code = torch.tensor(codes(genomes, blocks).T)
    y = torch.tensor(-np.log(CEILING - rows.top1))
    gp = fit(blocks, code[development], y[development], SEED)
    arrays = _arrays(gp, code, y, genomes, development)
    manifest = _manifest(space, blocks, arrays, genomes, rows, development)
    for name, figure in manifest["reported"].items():
        print(f"{name:32} {figure}")
    if arguments.write:
        write_json(SHIPPED / f"{NAME}.json", manifest)
        write_atomically(SHIPPED / f"{NAME}.npz", lambda path: _save(path, arrays))


def _arrays(
    gp: PairwiseGP, code: Any, y: Any, genomes: ndarray, development: ndarray
) -> dict[str, ndarray]:
    found = {}
    for name, rows in (("development", development), ("all", np.ones_like(development))):
        found[name] = gp.posterior(code[rows], y[rows]).astype(np.float32)
        found[f"{name}_rows"] = np.unique(fingerprints(genomes[rows])).astype(np.uint32)
    return found


def _manifest(
    space: Space,
    blocks: tuple[tuple[int, ...], ...],
    arrays: dict[str, ndarray],
    genomes: ndarray,
    rows: AccelNASBench,
    development: ndarray,
) -> dict[str, Any]:
    flat = arrays["development"].astype(float)
    model = Surrogate(NAME, blocks, unpacked(flat, blocks), CEILING, np.array([]), {})
    kept = ~development
    predicted, truth = model(genomes[kept]), rows.top1[kept]
    noise, repeats = repeat_noise(genomes, rows.top1)
    return {
        "space": NAME,
        "knobs": [knob.name for knob in space.knobs],
        "choices": [list(block) for block in blocks],
        "ceiling": CEILING,
        "accuracy": "ImageNet top-1 of a short training schedule, one seed; the ranking counts",
        "lowest": float(rows.top1.min()),
        "highest": float(rows.top1.max()),
        "model": "ANOVA Gaussian process of order 2 over blocks, as tables of all pairs",
        "shipped weights": f"fitted to all {len(rows):,} rows",
        "development weights": f"fitted to {int(development.sum()):,} rows, also all choices made",
        "reported": {
            "rows": int(kept.sum()),
            "split": "sha256 of the choices, modulo 5; fitted to the development rows only",
            "kendall": round(kendall(predicted, truth), 4),
            "spearman": round(spearman(predicted, truth), 4),
            "rms error (points)": round(100 * _rms(predicted - truth), 3),
            "one training to the next (points)": round(100 * noise, 3),
            "networks trained twice": repeats,
            "kendall of a perfect model": round(ceiling_of(rows.top1, noise), 3),
        },
        "data": "Accel-NASBench, afzalxo/Accel-NASBench, Apache-2.0; none of its rows is here",
        "made": made(),
    }


def repeat_noise(genomes: Int[ndarray, "n d"], accuracy: Float[ndarray, " n"]) -> tuple[float, int]:
    """Standard deviation of one training, from networks trained twice, and how many there are."""
    _, where, counts = np.unique(genomes, axis=0, return_inverse=True, return_counts=True)
    twice = np.flatnonzero(counts == 2)
    pairs = [accuracy[where == network] for network in twice]
    if not pairs:
        return float("nan"), 0
    return _rms(np.array([a - b for a, b in pairs])) / np.sqrt(2), len(pairs)


def ceiling_of(accuracy: Float[ndarray, " n"], noise: float) -> float:
    """Kendall of the truth with a training of it, if both are normal: 2/pi asin(rho)."""
    share = max(1 - noise**2 / float(np.var(accuracy)), 0)
    return float(2 / np.pi * np.arcsin(np.sqrt(share)))


def _rms(errors: ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _save(path: Path, arrays: dict[str, ndarray]) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
