"""`python -m experiments.supernet_ranking`: what is not on record, then the page.

Needs CIFAR-10 and the tables of NAS-Bench-Macro and NAS-Bench-201, found in COSEARCH_DATA or
downloaded. Stop it when you like: the same command goes on. `--page` runs nothing. `--smoke` takes
seconds, and writes into `build/` alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from cosearch.cli.bars import bars
from cosearch.deep.data import load
from experiments.supernet_ranking.page import write_page
from experiments.supernet_ranking.plan import IMAGE, Plan, macs_of
from experiments.supernet_ranking.records import read
from experiments.supernet_ranking.runs import run

_HERE: Final = Path(__file__).parent
_BUILD: Final = _HERE.parents[1] / "build" / "supernet_ranking"
RECORDS: Final = _HERE / "accuracies.csv"
PAGE: Final = _HERE.parents[1] / "docs" / "results" / "supernet-ranking.md"
SMOKE: Final = Plan(
    images=256, networks=4, looked_up=4, epochs=1, passes=4, looked_up_passes=1, validation=64
)


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="everything, tiny, into build/")
    parser.add_argument("--page", action="store_true", help="write the page, run nothing")
    options = parser.parse_args()
    smoke: bool = options.smoke
    folder = _BUILD / "smoke" if smoke else _BUILD
    folder.mkdir(parents=True, exist_ok=True)
    records, page = (folder / "accuracies.csv", folder / "page.md") if smoke else (RECORDS, PAGE)
    if not options.page:
        data = load("cifar10", size=IMAGE[-1])
        with bars() as progress:
            run(SMOKE if smoke else Plan(), data, records, folder, progress)
    write_page(read(records).values(), page, macs_of)


if __name__ == "__main__":
    main()
