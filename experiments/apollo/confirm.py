"""Runs on record made by other code: a random sample is replayed, and if all equal, they stay.

For a change to a strategy that should not matter to some of its runs, such as to what it makes of
a prior: `python -m experiments.apollo.confirm --strategy p3bo --telling known`. One difference, and
nothing is confirmed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.apollo.fingerprint import fingerprint
from experiments.apollo.play import play
from experiments.apollo.records import RESULTS, Records
from experiments.apollo.run import Record, Run
from experiments.apollo.telling import TELLINGS


def main(arguments: list[str] | None = None) -> None:
    """Replay, compare, and write today's fingerprints."""
    wanted = _parse(arguments)
    records = Records(wanted.folder)
    stale = [record for run, record in records.load().items() if _asked(run, wanted)]
    stale = [record for record in stale if record.code != fingerprint(record.run)]
    sample = _sample(stale, wanted.sample)
    different = [record.run for record in sample if not _same(record)]
    if different:
        sys.exit(f"{len(different)} of {len(sample)} came out otherwise, such as {different[0]}")
    for record in stale:
        records.add(replace(record, code=fingerprint(record.run)))
    print(f"{len(sample)} of {len(stale)} replayed, all the same: {len(stale)} confirmed")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strategy", required=True)
    parser.add_argument("--telling", choices=sorted(TELLINGS), required=True)
    parser.add_argument("--transfer", action="store_true", help="runs with a source, not without")
    parser.add_argument("--sample", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def _asked(run: Run, wanted: argparse.Namespace) -> bool:
    told = run.strategy == wanted.strategy and run.telling == wanted.telling
    return told and bool(run.source) == wanted.transfer


def _sample(stale: Sequence[Record], n: int) -> list[Record]:
    """The same ones each time, so that nobody draws until it fits."""
    order = np.random.default_rng(0).permutation(len(stale))[:n]
    return [stale[i] for i in order]


def _same(record: Record) -> bool:
    return play(record.run, record.code).improvements == record.improvements


if __name__ == "__main__":
    main()
