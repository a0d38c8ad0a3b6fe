"""A lookup table on this machine's ONNX Runtime, against whole networks it has not seen.

Random networks like MobileNetV2 (11 to 19 blocks; kernel 3 or 5, expansion 3 or 6, two widths a
stage) for images of 96 pixels; or of ProxylessNAS's or FBNet's space. The table has every distinct
block; its correction is fitted on networks drawn from one seed, all figures are of others, drawn
from another. MACs are shown beside it: a line fitted on the same networks.

Measurements are kept in a folder: a run that was stopped goes on, a finished one is only shown
again; give another folder to measure anew. The machine should be quiet.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from cosearch.calibrate.additivity import Additivity, check_additivity, corrected
from cosearch.calibrate.agreement import Agreement, agreement
from cosearch.calibrate.lut import build_table
from cosearch.calibrate.space_lookup import SpaceLookup
from cosearch.cli.bars import bars
from cosearch.cost.lookup import LookupTable, fit_correction
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily, NetworkFamily, fbnet_family, proxylessnas_family
from cosearch.families.mobile import Stage
from cosearch.measure import Settings
from validation.common import made

IMAGE = (3, 96, 96)
LIKE_MOBILENET = MobileFamily(
    IMAGE,
    classes=1000,
    stem_width=32,
    stem_stride=2,
    stages=(
        Stage((16, 24), (1,), 1),
        Stage((24, 32), (2, 3), 2),
        Stage((32, 48), (2, 3, 4), 2),
        Stage((64, 96), (2, 3, 4), 2),
        Stage((96, 128), (2, 3, 4), 1),
        Stage((160, 224), (2, 3), 2),
    ),
    operators=("ibn",),
    expansions=(3, 6),
    head_width=1280,
    activation="relu6",
    name="like-mobilenet",
)
SPACES = {
    "like-mobilenet": LIKE_MOBILENET,
    "proxylessnas": proxylessnas_family(image=IMAGE),
    "fbnet": fbnet_family(image=IMAGE),
}
FIT_SEED, SHOW_SEED = 0, 1
TARGET = {"mape": 0.04, "kendall": 0.92}


def main() -> None:
    """Measure, fit on some networks, show the figures of the others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("build/lut"), help="folder to measure in")
    parser.add_argument("--space", choices=SPACES, default="like-mobilenet")
    parser.add_argument("--on", default="onnxruntime")
    parser.add_argument("--precisions", nargs="+", default=["fp32", "int8"])
    parser.add_argument("--fit", type=int, default=20, help="networks for the correction")
    parser.add_argument("--show", type=int, default=60, help="networks for the figures")
    parser.add_argument("--visits", type=int, default=5, help="to each, the others between")
    parser.add_argument("--max-noise", type=float, default=0.05)
    parser.add_argument("--accept-noise", action="store_true", help="keep noisier figures")
    parser.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    arguments = parser.parse_args()
    try:
        figures = {p: validate(p, arguments) for p in arguments.precisions}
    except CosearchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    if arguments.out:
        record = {"space": arguments.space, "figures": figures, "made": made()}
        arguments.out.write_text(json.dumps(record, indent=1) + "\n")


def validate(precision: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Figures of one precision, printed as well."""
    family = SPACES[arguments.space]
    stem = f"{arguments.space}-{arguments.on}-{precision}"
    settings = Settings(precision=precision, max_noise=arguments.max_noise)
    drawn = {
        "fit": family.space.sample(np.random.default_rng(FIT_SEED), arguments.fit),
        "show": family.space.sample(np.random.default_rng(SHOW_SEED), arguments.show),
    }
    noisy = arguments.accept_noise
    with bars() as progress:
        table = build_table(
            family,
            arguments.on,
            settings,
            arguments.data / f"{stem}.json",
            visits=arguments.visits,
            accept_noise=noisy,
            progress=progress,
        )
        found = {
            name: check_additivity(
                table,
                family,
                genomes,
                arguments.data / f"{stem}.{name}.jsonl",
                accept_noise=noisy,
                progress=progress,
            )
            for name, genomes in drawn.items()
        }
    answers = _answers(table, family, drawn, found)
    _print(precision, table, answers)
    return {
        "blocks": len(table.rows),
        "visits": arguments.visits,
        "too_noisy": table.manifest["too_noisy"],
        "versions": table.manifest["versions"],
        "correction": vars(found["fit"].correction),
        **{name: vars(agreed) for name, agreed in answers.items()},
    }


def _answers(
    table: LookupTable,
    family: NetworkFamily,
    drawn: dict[str, np.ndarray],
    found: dict[str, Additivity],
) -> dict[str, Agreement]:
    """Of the networks to show; all fits are on the others."""
    measured = found["show"].measured_s
    lookup = SpaceLookup.of(corrected(table, found["fit"].correction), family)
    macs = {name: family.decode(genomes).macs.sum(axis=1) for name, genomes in drawn.items()}
    none = {name: np.zeros(len(genomes), dtype=int) for name, genomes in drawn.items()}
    line = fit_correction(macs["fit"].astype(float), none["fit"], found["fit"].measured_s)
    return {
        "table, corrected": agreement(lookup.latency_s(drawn["show"]), measured),
        "sum of blocks": agreement(found["show"].sums_s, measured),
        "line through MACs": agreement(line(macs["show"].astype(float), none["show"]), measured),
    }


def _print(precision: str, table: LookupTable, answers: dict[str, Agreement]) -> None:
    noisy = table.manifest["too_noisy"]
    print(f"\n{precision}: {len(table.rows)} blocks, {noisy} of them noisier than asked for")
    print(f"{'':18} {'bias':>8} {'MAPE':>8} {'Spearman':>9} {'Kendall':>9}")
    for name, a in answers.items():
        print(f"{name:18} {a.bias:+8.1%} {a.mape:8.1%} {a.spearman:9.3f} {a.kendall:9.3f}")
    print(f"{'to reach':18} {'':8} {TARGET['mape']:8.1%} {'':9} {TARGET['kendall']:9.3f}")


if __name__ == "__main__":
    main()
