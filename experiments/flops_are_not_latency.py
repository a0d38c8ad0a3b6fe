"""How far multiply-accumulates misrank devices, as a page.

`python -m experiments.flops_are_not_latency` works out the statistics of the data sets of the field
(downloaded, or found in COSEARCH_DATA) and reads our own measurements, which
`python -m experiments.flops.measured` makes; then writes docs/results/flops.md with its figures.
`--page` leaves the data sets out and takes their statistics from flops.json.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cosearch.files import read_json, write_atomically, write_json
from experiments.flops.measured import TABLE
from experiments.flops.misranking import misranking
from experiments.flops.operators_svg import draw
from experiments.flops.own import Own
from experiments.flops.page import SVG, write_page
from experiments.flops.published import DATA_SETS, columns

DOCS: Final = Path(__file__).parents[1] / "docs" / "results"
STATISTICS: Final = "flops.json"


def statistics() -> dict[str, dict[str, Any]]:
    """By data set and device; rounded, so that another machine writes the same file."""
    return {
        name: {
            device: {key: _rounded(value) for key, value in asdict(misranking(*rows)).items()}
            for device, rows in columns(name).items()
        }
        for name in DATA_SETS
    }


def _rounded(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return round(value, 4) if value == value else None  # nan: too few


def main() -> None:
    """Write page, statistics and pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="no data sets: statistics as they are")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the page")
    arguments = parser.parse_args()
    if not arguments.page:
        write_json(arguments.out / STATISTICS, statistics())
    own = Own.read(TABLE)
    for layer in own.layers:
        panels = {f"{layer}, {p}": own.points(layer, p) for p in own.precisions}
        text = draw(panels)
        path = arguments.out / SVG.format(layer)
        write_atomically(path, lambda beside, text=text: beside.write_text(text, encoding="utf-8"))
    write_page(read_json(arguments.out / STATISTICS), own, arguments.out / "flops.md")


if __name__ == "__main__":
    main()
