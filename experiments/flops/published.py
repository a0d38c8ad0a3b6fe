"""Networks that others measured: MACs and times of whole data sets, device by device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from jaxtyping import Float
from numpy import ndarray

from cosearch.benchmarks import accel_nasbench, fbnet_latencies, nasbench201_latencies
from cosearch.families.fbnet import fbnet_cifar_family
from cosearch.families.nasbench201 import nasbench201_family

Columns = tuple[Float[ndarray, " n"], Float[ndarray, " n"]]  # MACs and seconds an image


def accel() -> Iterator[tuple[str, Columns]]:
    """Accel-NASBench: images of 224 pixels, throughput of batches, and latency of the FPGAs."""
    rows = accel_nasbench()
    for device, per_s in rows.throughput_per_s.items():
        yield f"{device}, throughput", (rows.macs, 1 / per_s)
    for device, latency_s in rows.latency_s.items():
        yield f"{device}, latency", (rows.macs, latency_s)


def nasbench201() -> Iterator[tuple[str, Columns]]:
    """NAS-Bench-201's cells as HELP measured them; batches by the suffix."""
    rows = nasbench201_latencies()
    macs = nasbench201_family().decode(rows.choices).macs.sum(-1).astype(float)
    for device, latency_s in rows.latency_s.items():
        yield device, (macs, latency_s)


def fbnet() -> Iterator[tuple[str, Columns]]:
    """FBNet's space as HELP measured it."""
    rows = fbnet_latencies()
    macs = fbnet_cifar_family().decode(rows.choices).macs.sum(-1).astype(float)
    for device, latency_s in rows.latency_s.items():
        yield device, (macs, latency_s)


DATA_SETS: Final[Mapping[str, Callable[[], Iterator[tuple[str, Columns]]]]] = {
    "Accel-NASBench": accel,
    "NAS-Bench-201": nasbench201,
    "FBNet": fbnet,
}


def columns(name: str) -> dict[str, Columns]:
    """A data set's devices."""
    return dict(DATA_SETS[name]())
