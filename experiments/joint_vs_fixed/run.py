"""Every arm under every limit, with every seed; what is on record is not run again.

    python -m experiments.joint_vs_fixed.run [--seeds 3] [--trials 250 500]

Needs NAS-Bench-Macro's table (COSEARCH_DATA). About a minute a case on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.accuracy import TABLES
from cosearch.cost import EdgeModel
from cosearch.families import FAMILIES
from cosearch.hardware import find_chip
from cosearch.space import every
from experiments.joint_vs_fixed.arms import ARMS, BASELINE, Case, run
from experiments.joint_vs_fixed.page import ONE_SHOT, RECORDS, write_page
from experiments.joint_vs_fixed.records import FIELDS, FIGURES, Row, read, write

QUANTILES: Final = (0.02, 0.1, 0.25, 0.5)  # of the space's latencies on the baseline chip


def main() -> None:
    """Run what is not on record, then make the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, nargs="+", default=[250, 500])
    parser.add_argument("--out", type=Path, default=RECORDS)
    options = parser.parse_args()
    accuracy = TABLES["nas-bench-macro"]()
    rows = read(options.out)
    known = {_key(row) for row in rows}
    for quantile, case in _cases(options.seeds, options.trials):
        row = {"quantile": quantile, "limit_s": case.latency_s, **vars(case)}
        if _key(row) in known:
            continue
        row |= run(case, accuracy)
        rows.append({name: row[name] for name in FIELDS})
        write(rows, options.out)
        print(*(f"{row[name]:.6g}" if name in FIGURES else row[name] for name in FIELDS))
    write_page(read(options.out), read(ONE_SHOT), options.out.with_suffix(".md"))


def _cases(seeds: int, trials: list[int]) -> Iterator[tuple[float, Case]]:
    for quantile, limit in limits_by_quantile(QUANTILES).items():
        for arm in ARMS:
            for budget in trials:
                for seed in range(seeds):
                    yield quantile, Case(arm, limit, budget, seed)


def limits_by_quantile(quantiles: Sequence[float]) -> dict[float, float]:
    """Latencies in seconds that such shares of all networks reach on the baseline chip."""
    networks: Any = FAMILIES["nas-bench-macro"].make()
    chip = find_chip(BASELINE).columns()
    taken = EdgeModel()(networks.decode(every(networks.space)), chip[None]).sum(-1).latency_s
    return {quantile: float(np.quantile(taken, quantile)) for quantile in quantiles}


def _key(row: Row) -> tuple[Any, ...]:
    return row["arm"], float(row["quantile"]), float(row["trials"]), float(row["seed"])


if __name__ == "__main__":
    main()
