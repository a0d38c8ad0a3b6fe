"""An analytic CPU model and 20 measured networks, against others measured on this machine.

Random networks like MobileNets on ONNX Runtime, one thread. `cosearch.calibrate` chooses the
samples and starts from the shipped x86 models; all figures are of random networks that no fit has
seen. How starts are chosen by their launch times was tried on processors of HELP's FBNet latencies
(Silver 4114, Pixel 3, Galaxy S7); on this machine only with other seeds than the default, which
is the one to report. MACs are shown beside it: a line fitted on the same samples.

Measurements are kept in a folder: a run that was stopped goes on, a finished one is only shown
again; give another folder to measure anew. The machine should be quiet.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from cosearch.calibrate.calibrate import Job, calibrate
from cosearch.cli.bars import bars
from cosearch.errors import CosearchError
from cosearch.families import fbnet_family, mobilenet_v2_family, proxylessnas_family
from cosearch.measure import Settings
from validation.common import made
from validation.lut_onnxruntime import LIKE_MOBILENET

SPACES = {
    "like-mobilenet": lambda image: replace(LIKE_MOBILENET, input_shape=image),
    "mobilenet-v2": mobilenet_v2_family,
    "fbnet": fbnet_family,
    "proxylessnas": proxylessnas_family,
}
REPORTED_SEED = 1
TARGET = {"mape": 0.08, "MACs' Kendall": {"fp32": 0.85, "int8": 0.39}}


def main() -> None:
    """Measure, calibrate, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path("build/calibrate"), help="folder to measure in"
    )
    parser.add_argument("--spaces", nargs="+", choices=SPACES, default=["like-mobilenet"])
    parser.add_argument("--image-size", type=int, default=96)
    parser.add_argument("--on", default="onnxruntime")
    parser.add_argument("--precisions", nargs="+", default=["fp32", "int8"])
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--held-out", type=int, default=60)
    parser.add_argument("--seed", type=int, default=REPORTED_SEED, help="draws the networks")
    parser.add_argument("--visits", type=int, default=5, help="to each, the others between")
    parser.add_argument("--max-noise", type=float, default=0.05)
    parser.add_argument("--accept-noise", action="store_true", help="keep noisier figures")
    parser.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    arguments = parser.parse_args()
    try:
        figures = {
            f"{space} {precision}": validate(space, precision, arguments)
            for space in arguments.spaces
            for precision in arguments.precisions
        }
    except CosearchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    if arguments.out:
        asked = {"image_size": arguments.image_size, "seed": arguments.seed}
        record = {**asked, "figures": figures, "made": made()}
        arguments.out.write_text(json.dumps(record, indent=1) + "\n")


def validate(space: str, precision: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of one space and precision, printed as well."""
    size = arguments.image_size
    family = SPACES[space](image=(3, size, size))
    settings = Settings(precision=precision, max_noise=arguments.max_noise)
    job = Job(
        family,
        arguments.on,
        settings,
        arguments.samples,
        arguments.held_out,
        seed=arguments.seed,
        visits=arguments.visits,
    )
    path = arguments.data / f"{space}-{size}-{arguments.on}-{precision}-{arguments.seed}.json"
    with bars() as progress:
        found, _ = calibrate(job, path, accept_noise=arguments.accept_noise, progress=progress)
    _print(f"{space} at {size}, {precision}", precision, found.errors, found.manifest["too_noisy"])
    return {
        "model": found.device["name"],
        "launch_us": found.device["launch_us"],
        "visits": found.manifest["visits"],
        "too_noisy": found.manifest["too_noisy"],
        "versions": found.manifest["versions"],
        "device": found.manifest["device"],
        "sha256": found.sha256,
        **found.errors,
    }


def _print(title: str, precision: str, errors: Any, noisy: int) -> None:
    print(f"\n{title}; {noisy} measurements noisier than asked for")
    print(f"{'':20} {'bias':>8} {'MAPE':>8} {'95 %':>15} {'Kendall':>8} {'Spearman':>9} covered")
    names = {"left_out": "samples, left out", "held_out": "held out", "macs": "line through MACs"}
    for key, name in names.items():
        row = errors[key]
        low, high = row["intervals"]["mape"]
        covered = "" if row["coverage"] is None else f"{row['coverage']:.0%}"
        print(
            f"{name:20} {row['bias']:+8.1%} {row['mape']:8.1%} {f'{low:.1%} - {high:.1%}':>15} "
            f"{row['kendall']:8.3f} {row['spearman']:9.3f} {covered:>7}"
        )
    bar = TARGET["MACs' Kendall"][precision]
    print(f"{'to reach':20} {'':8} {TARGET['mape']:8.1%} {'':15} over {bar:.2f}")


if __name__ == "__main__":
    main()
