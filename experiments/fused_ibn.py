"""For which layer shapes a fused inverted bottleneck beats an ordinary one on the Edge TPU model.

`python -m experiments.fused_ibn [--csv FILE] [--svg FILE]`. Blocks keep their size and width and
have a shortcut; each stands between two 1x1 convolutions, so that images need not cross the link.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from validation.edge_tpu import MEASURED, means
from validation.edge_tpu_fit import Constants, fit, profile, profile_of
from validation.edge_tpu_rows import read_rows

from cosearch.cost.models import find_device
from cosearch.networks import Builder, Layers
from cosearch.networks.blocks import fused_inverted_bottleneck, inverted_bottleneck
from cosearch.zoo import find_network
from cosearch.zoo.efficientnet import edgetpu
from cosearch.zoo.staged import build
from experiments.speed_up_svg import Panels, draw

RESOLUTIONS: Final = (112, 56, 28, 14, 7)
CHANNELS: Final = (8, 16, 24, 32, 48, 64, 96, 128, 192)
EXPANSIONS: Final = (4, 6, 8)
KERNELS: Final = (3, 5)
HOST: Final = "usb"
_BLOCKS: Final = {"ibn": inverted_bottleneck, "fused": fused_inverted_bottleneck}
_HERE: Final = Path(__file__).parent
_DOCS: Final = _HERE.parent / "docs" / "results"


@dataclass(frozen=True)
class Result:
    """Of one shape: times and MACs of both blocks, and what decides."""

    resolution: int
    channels: int
    expansion: int
    kernel: int
    ibn_macs: int
    fused_macs: int
    ibn_s: float
    fused_s: float
    ibn_arithmetic_s: float  # neither link nor layer starts
    fused_arithmetic_s: float
    ibn_link_bytes: float
    fused_link_bytes: float

    @property
    def speed_up(self) -> float:
        """Of the fused block; above 1 it wins."""
        return self.ibn_s / self.fused_s


@cache
def constants() -> Constants:
    """Fitted to all measured networks."""
    return fit(means(read_rows(MEASURED)))


def compare(resolution: int, channels: int, expansion: int, kernel: int) -> Result:
    """Both blocks of a shape."""
    shape = (resolution, channels, expansion, kernel)
    ibn, fused = (_run(name, *shape) for name in _BLOCKS)
    pairs = itertools.chain.from_iterable(zip(ibn, fused, strict=True))
    return Result(*shape, *pairs)  # type: ignore[arg-type]


def _run(
    block: str, resolution: int, channels: int, expansion: int, kernel: int
) -> tuple[int, float, float, float]:
    """MACs, time, arithmetic alone, link bytes of a block."""
    layers = _layers(block, resolution, channels, expansion, kernel)
    cost, known = find_device("coral-edge-tpu")(layers), constants()
    work_s = np.maximum(cost.compute_s + cost.vector_s, cost.on_chip_s) / known.efficiency
    start_s = known.layer_s * (layers.macs > 0)
    link_s = cost.dram_bytes / known.link_bytes_per_s[HOST]
    inside = slice(1, -1)
    total_s = np.maximum(work_s + start_s, link_s)[inside].sum()
    return (
        int(layers.macs[inside].sum()),
        float(total_s),
        float(work_s[inside].sum()),
        float(cost.dram_bytes[inside].sum()),
    )


def _layers(block: str, resolution: int, channels: int, expansion: int, kernel: int) -> Layers:
    net = Builder(block, (channels, resolution, resolution))
    x = net.conv("input", channels, "before")
    x = _BLOCKS[block](
        net, x, channels, "block", kernel=kernel, stride=1, activation="relu", expansion=expansion
    )
    net.conv(x, channels, "after")
    return net.build().layers


def networks() -> dict[str, float]:
    """Latency of ResNet-50 over EfficientNet-EdgeTPU-S: the model's, each left out of its fit."""
    measured = means(read_rows(MEASURED))
    small, large = "efficientnet-edgetpu-s", "resnet-50@299"
    ratios: dict[str, float] = {}
    for host in ("usb", "dev-board"):
        known = fit(measured, without=(small, large))
        model = [known.latency_s(profile(name), host) for name in (small, large)]
        ratios[f"{host}, model"] = model[1] / model[0]
        ratios[f"{host}, measured"] = measured[large, host] / measured[small, host]
        at_224 = known.latency_s(profile("resnet-50"), host)
        ratios[f"{host}, model, ResNet-50 at 224"] = at_224 / model[0]
    return ratios


def without_fused() -> tuple[float, float]:
    """(MACs, time) of EfficientNet-EdgeTPU-S over those of the same with ordinary blocks."""
    whole = find_network("efficientnet-edgetpu-s")
    table = edgetpu(1.0, 1.0)
    rows = tuple(replace(row, operator="ibn") for row in table.rows)
    plain = build("plain", 224, replace(table, rows=rows))
    times = [constants().latency_s(profile_of(n.layers), HOST) for n in (whole, plain)]
    return whole.macs / plain.macs, times[0] / times[1]


# ---- out


def write_csv(results: Iterable[Result], path: Path) -> None:
    """One row per shape, and the speed-up."""
    with path.open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow([*(field.name for field in fields(Result)), "speed_up"])
        for result in results:
            cells = [*astuple(result), result.speed_up]
            out.writerow([f"{x:.6g}" if isinstance(x, float) else x for x in cells])


def picture(results: Iterable[Result]) -> str:
    """A panel per kernel and expansion, a cell per resolution and width."""
    titles = [[f"{k}x{k}, expansion {e}" for e in EXPANSIONS] for k in KERNELS]
    values = {
        (
            KERNELS.index(result.kernel),
            EXPANSIONS.index(result.expansion),
            RESOLUTIONS.index(result.resolution),
            CHANNELS.index(result.channels),
        ): result.speed_up
        for result in results
    }
    panels = Panels(titles, [f"{size} px" for size in RESOLUTIONS], [str(c) for c in CHANNELS])
    legend = (
        "time of the inverted bottleneck over time of the fused one: blue, the fused block wins"
    )
    return draw(panels, values, legend)


def main() -> None:
    """Write both files, print the networks' ratios last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, default=_HERE / "fused_ibn.csv")
    parser.add_argument("--svg", type=Path, default=_DOCS / "fused-ibn.svg")
    arguments = parser.parse_args()
    shapes = itertools.product(RESOLUTIONS, CHANNELS, EXPANSIONS, KERNELS)
    results = [compare(*shape) for shape in shapes]
    write_csv(results, arguments.csv)
    arguments.svg.write_text(picture(results) + "\n")
    wins = [result for result in results if result.speed_up > 1]
    print(f"the fused block wins {len(wins)} of {len(results)} shapes, with more MACs in each")
    macs, time = without_fused()
    print(f"EfficientNet-EdgeTPU-S over the same with IBNs: {macs:.2f} x MACs, {time:.2f} x time")
    for name, ratio in networks().items():
        print(f"ResNet-50 (299) over EfficientNet-EdgeTPU-S, {name}: {ratio:.1f}")


if __name__ == "__main__":
    main()
