"""`python -m experiments.fbnet_targets`: search for each target, run on all, write the page.

Needs CIFAR-10 (downloaded, or found in COSEARCH_DATA) and about 60 core-minutes; a run that was
killed goes on, and what is in the table is not done again. `--page` searches nothing. `--smoke`
does all of it on digits in minutes, into the folder of the runs, and writes no page.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from experiments.fbnet_targets.page import write_page
from experiments.fbnet_targets.runs import FULL, SMOKE, read_rows, search_all

HERE: Final = Path(__file__).parent
DOCS: Final = HERE.parents[1] / "docs" / "results"
TABLE: Final = HERE / "searched.csv"


def main() -> None:
    """Both steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the page again, search nothing")
    parser.add_argument("--smoke", action="store_true", help="digits, hardly any epochs, no page")
    parser.add_argument("--runs", type=Path, default=Path("runs/fbnet-targets"))
    arguments = parser.parse_args()
    if arguments.smoke:
        search_all(SMOKE, arguments.runs / "smoke", arguments.runs / "smoke.csv")
        return
    if not arguments.page:
        search_all(FULL, arguments.runs, TABLE)
    write_page(read_rows(TABLE), DOCS / "fbnet-targets.md")


if __name__ == "__main__":
    main()
