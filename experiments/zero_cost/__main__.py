"""`python -m experiments.zero_cost`: score networks, correlate, write docs/results/zero-cost.md.

Needs the tables of NAS-Bench-201 and NAS-Bench-Macro and CIFAR-10 (downloaded, or found in
COSEARCH_DATA). `--page` scores nothing, and takes the correlations as they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import torch

from cosearch.deep.data import load
from cosearch.files import read_json, write_json
from experiments.zero_cost.correlations import correlations
from experiments.zero_cost.page import write_page
from experiments.zero_cost.scores import write_scores
from experiments.zero_cost.spaces import BENCHMARKS

HERE: Final = Path(__file__).parent
DOCS: Final = HERE.parents[1] / "docs" / "results"


def main() -> None:
    """Both steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the page again, score nothing")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if not arguments.page:
        for name, benchmark in BENCHMARKS.items():
            path = HERE / f"{name}.csv"
            write_scores(benchmark.family(), benchmark.networks, load("cifar10"), path)
        write_json(HERE / "correlations.json", correlations(HERE))
    write_page(read_json(HERE / "correlations.json"), DOCS / "zero-cost.md")


if __name__ == "__main__":
    main()
