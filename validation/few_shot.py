"""Latency on a device never seen, from ten samples and the tables of other devices.

Each setting (column) in turn is the new device, or those of `--held`. The others are known, or
those of `--known`: once all of them, once without other batches of the same device. Five times
over, ten networks are chosen from a random half; all networks not measured are predicted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.cost.learned.few_shot import fit_few
from cosearch.cost.learned.prior import Prior, choose, features_of, learn_prior
from cosearch.errors import unknown
from validation.common import Figures, main, spearman
from validation.few_shot_data import DEVELOPMENT, Table, device_of, tables

SAMPLES: Final = 10
REPEATS: Final = 5
TRIM: Final = (0.1, 0.9)  # HELP's code leaves out the fastest and the slowest tenth
COLUMNS: Final = {"Spearman": 8, "middle": 6, "least": 6, "random": 7, "zero-shot": 10, "MACs": 6}
Row = dict[str, float]


def validate(
    data: Path, held: Sequence[str] | None = None, known: Sequence[str] | None = None
) -> Figures:
    """Every table, both ways of leaving out; means over devices last."""
    figures: dict[str, float | int | str] = {}
    for table in tables(data):
        for name in (*(held or ()), *(known or ())):
            if name not in table.latency_s:
                raise unknown(f"device of {table.name}", name, table.latency_s)
        seen: dict[tuple[str, ...], Row] = {}  # without other batches, both ways are one
        for way, others in (("setting", _others), ("device", _strangers)):
            figures |= _one_way(table, way, others, held, known, seen)
    return figures


def _others(new: str, name: str) -> bool:
    return name != new


def _strangers(new: str, name: str) -> bool:
    return device_of(name) != device_of(new)


def _one_way(
    table: Table,
    way: str,
    others: Callable[[str, str], bool],
    held: Sequence[str] | None,
    known: Sequence[str] | None,
    seen: dict[tuple[str, ...], Row],
) -> Figures:
    """Settings of `held` never know each other."""
    print(f"\n{table.name}, {way} left out")
    print(f"{'':16} Spearman middle  least  random  zero-shot   MACs   error  within 2 spreads")
    rows: dict[str, Row] = {}
    for new in held or table.latency_s:
        allowed = [n for n in known or table.latency_s if n not in (held or ()) and others(new, n)]
        if (new, *allowed) not in seen:
            seen[new, *allowed] = _predict(table, new, allowed)
        rows[new] = seen[new, *allowed]
        print(f"{new:16} " + _line(rows[new]), flush=True)
    means = {
        "all": _mean(list(rows.values())),
        "reported": _mean([r for n, r in rows.items() if device_of(n) not in DEVELOPMENT]),
    }
    print(f"{'mean':16} " + _line(means["all"]))
    title = f"{table.name}, {way} left out"
    figures: dict[str, float | int | str] = {f"{title}: settings": len(rows)}
    for which, mean in means.items():
        figures |= {f"{title}, {which}: {figure}": value for figure, value in mean.items()}
    return figures | {f"{title}, {name}: Spearman": row["Spearman"] for name, row in rows.items()}


def _predict(table: Table, new: str, allowed: Sequence[str]) -> Row:
    """Figures of one new device, means over repeats."""
    features, truth = features_of(table.groups), table.latency_s[new]
    prior = learn_prior(table.groups, {name: table.latency_s[name] for name in allowed})
    rows: list[Row] = []
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed)
        pool = np.sort(rng.choice(len(truth), len(truth) // 2, replace=False))
        row = _score(features, truth, choose(prior, features, SAMPLES, pool), prior)
        drawn = rng.choice(len(truth), SAMPLES, replace=False)
        rows.append(row | {"random": _score(features, truth, drawn, prior)["Spearman"]})
    least = min(row["Spearman"] for row in rows)
    zero = {
        "zero-shot": spearman(prior.relative(features), truth),
        "MACs": spearman(table.macs, truth),
    }
    return _mean(rows) | {"least": least} | zero


def _score(features: ndarray, truth: ndarray, measured: ndarray, prior: Prior) -> Row:
    mean, spread = fit_few(prior, features[measured], truth[measured])(features)
    rest = np.setdiff1d(np.arange(len(truth)), measured)
    low, high = np.quantile(truth, TRIM)
    middle = rest[(truth[rest] >= low) & (truth[rest] <= high)]
    off = np.abs(mean - truth)[rest]
    return {
        "Spearman": spearman(mean[rest], truth[rest]),
        "middle": spearman(mean[middle], truth[middle]),
        "error": float(off.mean() / truth.mean()),
        "within 2 spreads": float((off < 2 * spread[rest]).mean()),
    }


def _mean(rows: Sequence[Row]) -> Row:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]} if rows else {}


def _line(row: Row) -> str:
    ranks = " ".join(f"{row[name]:{width}.3f}" for name, width in COLUMNS.items())
    return f"{ranks} {row['error']:7.1%} {row['within 2 spreads']:7.1%}"


NAMES: Final = {"nargs": "+", "metavar": "DEVICE"}

if __name__ == "__main__":
    options = {
        "held": {**NAMES, "help": "settings to predict; none of them is known"},
        "known": {**NAMES, "help": "settings whose tables may be used"},
    }
    main(__doc__ or "", "", validate, options=options)
