"""The proxies by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cosearch.deep.proxies.counts import macs, params
from cosearch.deep.proxies.gradient import fisher, grad_norm, grasp, snip
from cosearch.deep.proxies.jacob_cov import jacob_cov
from cosearch.deep.proxies.naswot import naswot
from cosearch.deep.proxies.proxy import Proxy
from cosearch.deep.proxies.synflow import synflow
from cosearch.deep.proxies.zen import zen
from cosearch.errors import unknown

PROXIES: Final[Mapping[str, Proxy]] = {
    "fisher": fisher,
    "grad_norm": grad_norm,
    "grasp": grasp,
    "jacob_cov": jacob_cov,
    "macs": macs,
    "naswot": naswot,
    "params": params,
    "snip": snip,
    "synflow": synflow,
    "zen": zen,
}


def find_proxy(name: str) -> Proxy:
    """A proxy by name."""
    if name not in PROXIES:
        raise unknown("zero-cost proxy", name, PROXIES)
    return PROXIES[name]
