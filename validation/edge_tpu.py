"""Whole networks on the Coral Edge TPU, by USB and on the Dev Board, each left out of the fit.

`--data` takes a file as edge_tpu_measured.csv (network, host, latency_ms), a reference file of
google-coral/edgetpu, or a folder of either. The constants always come from the shipped rows of the
networks that the prediction is not about, so other networks can be put in at will.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from cosearch.errors import CosearchError
from validation.common import Figures, main, spearman
from validation.edge_tpu_fit import Constants, fit, profile
from validation.edge_tpu_rows import HOSTS, Row, named, read_rows

MEASURED: Final = Path(__file__).with_name("edge_tpu_measured.csv")

Measured = dict[tuple[str, str], float]


def validate(data: Path) -> Figures:
    """Predict every row; figures per host."""
    folder = data if data.is_dir() else data.parent
    measured, unknown = _known(read_rows(data), folder)
    if not measured:
        raise CosearchError(f"data {data}: no row of a known network on {' or '.join(HOSTS)}")
    shipped = means(read_rows(MEASURED))
    predicted = {
        key: _without(shipped, key[0]).latency_s(profile(key[0], folder), key[1])
        for key in measured
    }
    _print(measured, predicted, folder)
    for name in sorted(unknown):
        print(f"left out: {name}")
    figures: dict[str, float | int | str] = {"networks": len({name for name, _ in measured})}
    figures["unknown networks"] = len(unknown)
    for host in HOSTS:
        keys = [key for key in measured if key[1] == host]
        if keys:
            figures |= _figures(host, *_pair(keys, measured, predicted))
    return figures | _shown(fit(shipped))


def means(rows: list[Row]) -> Measured:
    """Geometric mean of the measurements of each (network, host)."""
    logs: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        logs.setdefault((row.network, row.host), []).append(float(np.log(row.latency_s)))
    return {key: float(np.exp(np.mean(values))) for key, values in logs.items()}


def _known(rows: list[Row], folder: Path) -> tuple[Measured, set[str]]:
    """Means by our names, and the names that mean nothing to us."""
    found: list[Row] = []
    unknown: set[str] = set()
    for row in rows:
        try:
            profile(row.network, folder)
        except CosearchError as error:
            unknown.add(str(error))
            continue
        found.append(Row(_name(row.network), row.host, row.latency_s))
    return means(found), unknown


def _name(text: str) -> str:
    """Files keep theirs."""
    try:
        return named(text)
    except CosearchError:
        return text


def _without(shipped: Measured, name: str) -> Constants:
    """Fitted without a network, its file or its other resolutions."""
    try:
        ours = named(name).partition("@")[0]
    except CosearchError:
        ours = name
    return fit(shipped, [other for other, _ in shipped if other.partition("@")[0] == ours])


def _pair(
    keys: list[tuple[str, str]], measured: Measured, predicted: Measured
) -> tuple[np.ndarray, np.ndarray]:
    return np.array([measured[key] for key in keys]), np.array([predicted[key] for key in keys])


def _figures(host: str, measured: np.ndarray, predicted: np.ndarray) -> dict[str, float | int]:
    error = np.abs(predicted / measured - 1)
    ranked = {f"{host}: Spearman": spearman(measured, predicted)} if len(measured) > 2 else {}
    return {
        f"{host}: networks": len(measured),
        **ranked,
        f"{host}: median error": float(np.median(error)),
        f"{host}: mean abs ln ratio": float(np.abs(np.log(predicted / measured)).mean()),
        f"{host}: within 20 %": float((error <= 0.2).mean()),
    }


def _shown(constants: Constants) -> dict[str, float]:
    """The constants of a fit to all shipped rows."""
    links = {
        f"link, {host} (MB/s)": rate / 1e6 for host, rate in constants.link_bytes_per_s.items()
    }
    chip = {"efficiency": constants.efficiency, "layer start (us)": constants.layer_s * 1e6}
    return chip | links


def _print(measured: Measured, predicted: Measured, folder: Path) -> None:
    print(
        f"{'network':26} {'host':9} {'measured':>9} {'model':>8} {'error':>6}  weights  over link"
    )
    for key in sorted(measured, key=lambda key: (key[1], measured[key])):
        name, host = key
        network = profile(name, folder)
        error = predicted[key] / measured[key] - 1
        sizes = f"{network.weight_bytes / 1e6:5.1f} MB  {network.link_bytes.sum() / 1e6:6.1f} MB"
        times = f"{measured[key] * 1e3:6.1f} ms {predicted[key] * 1e3:5.1f} ms"
        print(f"{name:26} {host:9} {times:>18} {error:+6.0%} {sizes}")


if __name__ == "__main__":
    main("Coral Edge TPU, whole networks, leave-one-network-out", str(MEASURED), validate)
