"""Two stages against one where every network's accuracy is known: NAS-Bench-Macro.

    python -m experiments.two_stages [--seeds 5]

Differences of a few tenths of a point drown in the noise of training winners alone, so here none
is trained: the shared weights are real (the same networks made narrow, on small images of
CIFAR-10), and what a search finds has the accuracy of the benchmark's table. Needs CIFAR-10 and
the table (COSEARCH_DATA), 1 to 2 core-minutes a run. What is on record is not run again, and a
run that was killed goes on; `--page` runs nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cosearch.accuracy import TABLES
from cosearch.cli.bars import bars
from cosearch.deep.data import ImageData, load
from cosearch.progress import Progress
from cosearch.recipes.trained.target import find_target
from experiments.records import Records
from experiments.two_stages.known import Known
from experiments.two_stages.page import write_page
from experiments.two_stages.plan import SPACE, TARGETS, Run, Size, plan
from experiments.two_stages.run import execute

HERE: Final = Path(__file__).parent
BUILD: Final = HERE.parents[1] / "build" / "two_stages"
PAGE: Final = HERE.parents[1] / "docs" / "results" / "two-stages.md"


def main() -> None:
    """Run what is not on record, then make the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--page", action="store_true", help="write the page, run nothing")
    options = parser.parse_args()
    records = records_in(HERE)
    if not options.page:
        size = Size()
        data = load("cifar10", size=size.pixels).trained_on(size.images)
        data = data.judged_on(size.validation, 0)
        with bars() as progress:
            run_all(size, data, plan(options.seeds, options.targets), records, BUILD, progress)
    write_page(records.read(), Size(), PAGE)


def records_in(folder: Path) -> Records:
    """The table kept there."""
    return Records(
        folder / "runs.csv",
        keys=("target", "arm", "seed"),
        figures=(
            *("limit_us", "latency_us", "iterations", "shared"),
            *("accuracy", "scored", "best", "mean"),
        ),
    )


def run_all(
    size: Size,
    data: ImageData,
    runs: Iterable[Run],
    records: Records,
    build: Path,
    progress: Progress,
) -> None:
    """Every run that is not in `records`."""
    known = {name: Known(find_target(name), TABLES[SPACE]()) for name in TARGETS}
    for run in runs:
        if not records.has(vars(run)):
            found = execute(run, known[run.target], size, data, build, progress)
            records.append({**vars(run), **found})


if __name__ == "__main__":
    main()
