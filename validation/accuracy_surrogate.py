"""The shipped accuracy surrogate against trained networks it was not fitted to.

`--data` is Accel-NASBench, or any csv of the same form. Rows nothing of the surrogate was fitted
to are predicted as users predict them. Rows that only the shipped weights were fitted to are
predicted by the development weights, which have not seen them. Other rows are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from cosearch.accuracy.surrogate import DEVELOPMENT, Surrogate, read_surrogate
from cosearch.benchmarks import accel_nasbench
from cosearch.calibrate.agreement import kendall, spearman
from cosearch.errors import CosearchError
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from validation.common import Figures, main
from validation.fit_surrogate import DEFAULT, NAME


def validate(data: Path) -> Figures:
    """Rank correlations of unseen rows, and of those kept back from the development weights."""
    rows = accel_nasbench(data)
    genomes = genomes_of(accel_nasbench_family().space, rows.choices)
    shipped, development = read_surrogate(NAME), read_surrogate(NAME, DEVELOPMENT)
    unseen = ~shipped.seen(genomes)
    kept_back = ~unseen & ~development.seen(genomes)
    fitted = ~unseen & ~kept_back
    print(f"{len(rows):,} rows: {unseen.sum():,} unseen, {kept_back.sum():,} kept back,")
    print(f"{fitted.sum():,} fitted to, left out")
    if not (unseen | kept_back).any():
        raise CosearchError(f"data {data}: the surrogate was fitted to every row")
    figures: dict[str, float | int | str] = {"fitted to, left out": int(fitted.sum())}
    for name, model, chosen in (
        ("unseen", shipped, unseen),
        ("kept back", development, kept_back),
    ):
        figures |= _figures(name, model, genomes, rows.top1, chosen)
    return figures


def _figures(
    name: str,
    model: Surrogate,
    genomes: ndarray,
    truth: Float[ndarray, " n"],
    chosen: Bool[ndarray, " n"],
) -> dict[str, float | int]:
    """None for fewer than two rows: they have no order."""
    if chosen.sum() < 2:
        return {}
    predicted, measured = model(genomes[chosen]), truth[chosen]
    error = 100 * np.sqrt(np.mean((predicted - measured) ** 2))
    return {
        f"{name}: rows": int(chosen.sum()),
        f"{name}: Kendall": kendall(predicted, measured),
        f"{name}: Spearman": spearman(predicted, measured),
        f"{name}: rms error (points)": float(error),
    }


if __name__ == "__main__":
    main("accuracy surrogate, networks it was not fitted to", DEFAULT, validate)
