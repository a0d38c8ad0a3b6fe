"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cosearch.calibrate.agreement import kendall, spearman
from experiments.apollo.markdown import table
from experiments.flops.own import Own

SVG: Final = "flops-{}.svg"
ENOUGH: Final = 10  # networks, of which ranks are worth telling


def write_page(published: Mapping[str, Mapping[str, Any]], own: Own, path: Path) -> None:
    """From the derived statistics of others' data and from our own rows."""
    path.write_text("\n".join(_lines(published, own)) + "\n", encoding="utf-8")


def _lines(published: Mapping[str, Mapping[str, Any]], own: Own) -> Iterator[str]:
    yield from _head(published)
    for name, devices in published.items():
        yield f"## {name}\n"
        yield table(
            ("device", "networks", "Spearman", "Kendall", "time per MAC", "error", "like MACs"),
            [(device, *_cells(row)) for device, row in devices.items()],
        )
        yield ""
    yield from _operators(own)
    yield from _precisions(own)


def _head(published: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        (name, device, row)
        for name, devices in published.items()
        for device, row in devices.items()
    ]
    far = [row for *_, row in rows if row["error"] >= 4]
    worst = max(rows, key=lambda each: each[2]["error"])
    least = min(rows, key=lambda each: each[2]["spearman"])
    yield "# FLOPs are not latency\n"
    yield (
        "Multiply-accumulates (MACs) are half the FLOPs of a network, easily counted, and often "
        "taken for its speed. Here is how far they mislead, on networks that others measured and "
        "on this machine. Made by `python -m experiments.flops_are_not_latency`.\n"
    )
    yield (
        "EfficientNet-X (Li et al. 2021) reports that FLOPs mispredict latency by up to 400 %. A "
        "prediction here is a network's MACs times the device's median time per MAC; its error is "
        "the larger over the smaller of time and prediction, less 1, and the table has what one "
        f"network in a hundred exceeds. On {len(far)} of {len(rows)} device settings that is "
        f"400 % or more; the worst is {worst[1]} ({worst[0]}), {_percent(worst[2]['error'])}. "
        f"MACs rank worst on {least[1]} ({least[0]}), Spearman {least[2]['spearman']:.2f}.\n"
    )
    yield (
        "*Time per MAC* and *like MACs* are 95th percentiles over 5th: of the time per MAC over "
        "all networks; and of the time among networks whose MACs differ by 1 % at most, where "
        "that is greatest. Left out are rows more than 20 times off the median time per MAC: some "
        "of the phones' are mistaken by thousands. A suffix of a device is the batch. None of the "
        "data sets' rows is here.\n"
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    like = "–" if row["like_macs"] is None else f"{row['like_macs']:.2f}x"
    ranks = (f"{row['spearman']:.3f}", f"{row['kendall']:.3f}")
    return (f"{row['networks']:,}", *ranks, f"{row['spread']:.2f}x", _percent(row["error"]), like)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _operators(own: Own) -> Iterator[str]:
    yield "## HURRICANE's figure: operators on this machine\n"
    yield (
        "HURRICANE (Zhang et al. 2019) shows operators of like FLOPs and quite different times, "
        "and that processors disagree about them. The same on ONNX Runtime, one thread: its 32 "
        "operators (reconstructed, see `cosearch list spaces`) in two layers, fp32 and int8, "
        "measured by us. Rows: `experiments/flops/measured.csv`.\n"
    )
    for layer in own.layers:
        yield f"![Time against MACs of 32 operators, {layer}]({SVG.format(layer)})\n"
    lines = []
    for layer in own.layers:
        for precision in own.precisions:
            macs, time_us = own.columns(layer, precision)
            one, other, ratio = own.like_macs(layer, precision)
            lines.append(
                (
                    f"{layer}, {precision}",
                    f"{spearman(macs, time_us):.2f}",
                    f"{kendall(macs, time_us):.2f}",
                    f"{(time_us / macs).max() / (time_us / macs).min():.1f}x",
                    f"`{one}`, `{other}`: {ratio:.1f}x",
                )
            )
    header = ("layer", "Spearman with MACs", "Kendall", "time per MAC", "MACs within 5 %")
    yield table(header, lines)
    yield ""


def _precisions(own: Own) -> Iterator[str]:
    yield "## Int8 beside fp32 on this machine\n"
    lines = []
    for group in (*own.layers, own.networks):
        if len(own.points(group, "fp32")) < ENOUGH:
            continue  # the others were too noisy: see `Own.read`
        _, fp32 = own.columns(group, "fp32")
        macs, int8 = own.columns(group, "int8")
        ratio = fp32 / int8
        lines.append(
            (
                group,
                str(len(macs)),
                f"{kendall(fp32, int8):.2f}",
                f"{kendall(macs, fp32):.2f}",
                f"{kendall(macs, int8):.2f}",
                f"{ratio.min():.2f}x to {ratio.max():.2f}x",
            )
        )
    header = (
        "",
        "measured",
        "Kendall, fp32 and int8",
        "MACs and fp32",
        "MACs and int8",
        "int8 is faster by",
    )
    yield table(header, lines)
    yield ""
    yield (
        f"{own.conditions()} Factors between operators stand above that, fine differences do not: "
        "`python -m experiments.flops.measured` on a quiet machine has them. A figure below 1x "
        "means that quantising made it slower."
    )
