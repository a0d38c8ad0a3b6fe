"""`python -m experiments.hurricane` runs what is not on record, writes docs/results/hurricane.md.

Needs CIFAR-10 (downloaded, or found in COSEARCH_DATA). `--minutes` begins no run after so many;
`--page` runs nothing. Rows are kept in experiments/hurricane/runs.csv; a run that was killed
goes on.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

from cosearch.cli.bars import bars
from cosearch.deep.data import ImageData, load
from experiments.hurricane.page import write_page
from experiments.hurricane.plan import Size, plan
from experiments.hurricane.run import execute
from experiments.hurricane.scores import write_scores
from experiments.hurricane.setting import Setting
from experiments.records import Records

HERE: Final = Path(__file__).parent
BUILD: Final = HERE.parents[1] / "build" / "hurricane"
PAGE: Final = HERE.parents[1] / "docs" / "results" / "hurricane.md"


def main() -> None:
    """Run, then write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the page, run nothing")
    parser.add_argument("--minutes", type=float, default=90.0, help="begin no run after these")
    arguments = parser.parse_args()
    if not arguments.page:
        runs(Size(), arguments.minutes, HERE, BUILD)
    write_page(records_in(HERE).read(), HERE, PAGE)


def records_in(folder: Path) -> Records:
    """The table kept there."""
    return Records(
        folder / "runs.csv",
        keys=("target", "arm", "network"),
        figures=(
            *("alpha", "space", "limit_us", "latency_us", "macs", "params"),
            *("separable", "accuracy", "seconds"),
        ),
    )


def runs(size: Size, minutes: float, folder: Path, build: Path) -> None:
    """Every run of the plan that is not on record in `folder`, and the scores of its target."""
    end = time.monotonic() + 60 * minutes
    build.mkdir(parents=True, exist_ok=True)
    data, records = data_of(size), records_in(folder)
    settings = {name: Setting(name, size, data, build) for name in size.targets}
    for run in plan(size):
        if records.has(vars(run)) or time.monotonic() > end:
            continue
        setting = settings[run.target]
        write_scores(folder / f"scores-{run.target}.csv", setting)
        with bars() as progress:
            records.append({**vars(run), **execute(run, setting, build, progress)})


def data_of(size: Size) -> ImageData:
    """Fewer images, the same ones for every run."""
    data = load(size.data, size=size.pixels).trained_on(size.images)
    return data.judged_on(0, size.test)


if __name__ == "__main__":
    main()
