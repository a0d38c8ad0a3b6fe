"""Modules of parallel branches, written as text: the later Inceptions are tables of these.

A branch is steps joined by ">": "1x7 64" a convolution of height 1, width 7 and 64 channels with
batch norm and ReLU, "3x3/2 96" strided, "3x3v 96" unpadded, "max" and "avg" 3x3 pools, "max/2"
strided. Strided steps do not pad, but "3x3/2p 96" and "max/2p" do. Steps joined by "&" read the
same input, and are joined.
"""

from __future__ import annotations

import re
from typing import Final

from cosearch.networks import Builder

_STEP: Final = re.compile(r"(?:(\d)x(\d)|(max|avg))(/2p?)?(v)?(?(1) (\d+))")


def module(net: Builder, source: str, branches: tuple[str, ...], name: str) -> str:
    """Every branch on `source`, joined; a single branch is a chain."""
    ends: list[str] = []
    for i, branch in enumerate(branches):
        ends += _branch(net, source, branch, f"{name}.branch{i}")
    return ends[0] if len(ends) == 1 else net.concat(tuple(ends), f"{name}.concat")


def _branch(net: Builder, source: str, branch: str, name: str) -> list[str]:
    ends = [source]
    for i, steps in enumerate(branch.split(" > ")):
        forks = steps.split(" & ")
        suffixes = [f".step{i}" + "abc"[j] * (len(forks) > 1) for j in range(len(forks))]
        pairs = zip(forks, suffixes, strict=True)
        ends = [_step(net, ends[0], step, name + suffix) for step, suffix in pairs]
    return ends


def _step(net: Builder, source: str, step: str, name: str) -> str:
    found = _STEP.fullmatch(step)
    if not found:
        raise ValueError(f"{name}: step {step!r}")
    height, width, pool, strided, unpadded, channels = found.groups()
    stride = 2 if strided else 1
    unpadded = unpadded or strided == "/2"
    if pool:
        return net.pool(pool, source, name, kernel=3, stride=stride, pad=0 if unpadded else 1)
    return net.conv(
        source,
        int(channels),
        name,
        kernel=(int(height), int(width)),
        stride=stride,
        pad=(0, 0) if unpadded else None,
        activation="relu",
    )
