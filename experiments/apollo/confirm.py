"""Runs on record made by other code: a random sample is replayed, and if all equal, they stay.

For a change to a strategy that should not matter to some of its runs, such as to what it makes of
a prior: `python -m experiments.apollo.confirm --strategy p3bo --telling known`. One difference, and
nothing is confirmed.

Rounding differs between machines, and a search with it. On another machine than that of the records
give the code that made them, `--old CHECKOUT`: the sample is then played by both, here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from experiments.apollo.fingerprint import fingerprint
from experiments.apollo.play import play
from experiments.apollo.records import RESULTS, Records
from experiments.apollo.run import Record, Run
from experiments.apollo.telling import TELLINGS

_PLAY: Final = """
import json, sys
from experiments.apollo.play import play
from experiments.apollo.run import Run
print(json.dumps(play(Run(**json.loads(sys.argv[1])), "").improvements))
"""


def main(arguments: list[str] | None = None) -> None:
    """Replay, compare, and write today's fingerprints."""
    wanted = _parse(arguments)
    records = Records(wanted.folder)
    stale = [record for run, record in records.load().items() if _asked(run, wanted)]
    stale = [record for record in stale if record.code != fingerprint(record.run)]
    sample = _sample(stale, wanted.sample)
    before = [_before(record, wanted.old) for record in sample]
    pairs = zip(sample, before, strict=True)
    different = [record.run for record, then in pairs if _now(record.run) != then]
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
    parser.add_argument("--old", type=Path, help="checkout of the code that made the records")
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


def _before(record: Record, old: Path | None) -> list[list[float]]:
    """What is on record, or what the old code does on this machine."""
    if old is None:
        return _listed(record)
    checkout = old.resolve()
    return json.loads(
        subprocess.run(
            [sys.executable, "-c", _PLAY, json.dumps(asdict(record.run))],
            env={**os.environ, "PYTHONPATH": f"{checkout / 'src'}{os.pathsep}{checkout}"},
            cwd=checkout,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )


def _now(run: Run) -> list[list[float]]:
    return _listed(play(run, ""))


def _listed(record: Record) -> list[list[float]]:
    return [list(pair) for pair in record.improvements]


if __name__ == "__main__":
    main()
