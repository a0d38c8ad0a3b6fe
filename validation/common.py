"""What every validation script shares: where the data is, what it prints, what it writes."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from cosearch.errors import CosearchError

Figures = Mapping[str, float | int | str]


def data_folder() -> Path:
    """The reference data: COSEARCH_DATA, or `shared/data` beside the checkout."""
    named = os.environ.get("COSEARCH_DATA")
    return Path(named) if named else Path(__file__).parents[2] / "shared" / "data"


def main(
    purpose: str,
    default: str | None,
    validate: Callable[..., Figures],
    *,
    trains: bool = False,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Run one script: `--data` (a file or folder of the same form), `--out FILE.json`.

    `default` is the data's place below the reference data; None where nothing is read, and there is
    no `--data`. Figures are printed last. A script that trains takes `--train PATH` too, rows to
    train on apart from those of `--data`, or None. `options` are argparse's, by name; they are
    passed to `validate` by name.
    """
    parser = argparse.ArgumentParser(description=purpose)
    if default is not None:
        place = data_folder() / default
        parser.add_argument("--data", type=Path, default=place, help="what to read")
    parser.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    if trains:
        parser.add_argument("--train", type=Path, help="rows to train on; `--data` is all reported")
    for name, details in (options or {}).items():
        parser.add_argument(f"--{name}", **details)
    arguments = parser.parse_args()
    if default is not None and not arguments.data.exists():
        print(f"error: no data at {arguments.data}; name it with --data", file=sys.stderr)
        sys.exit(2)
    try:
        paths = ([] if default is None else ["data"]) + (["train"] if trains else [])
        rows = [getattr(arguments, name) for name in paths]
        more = {name: getattr(arguments, name) for name in options or {}}
        figures = dict(validate(*rows, **more))
    except CosearchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print()
    width = max(map(len, figures))
    for name, value in figures.items():
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        print(f"{name:{width}}  {shown}")
    if arguments.out:
        record = {"purpose": purpose, "figures": figures, "made": made()}
        arguments.out.write_text(json.dumps(record, indent=1) + "\n")


def made() -> dict[str, str]:
    """When, by what, on what."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cosearch": version("cosearch"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} x {platform.processor() or platform.machine()}",
    }


def spearman(a: Any, b: Any) -> float:
    """Rank correlation; ties get their mean rank."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Any) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[where]
