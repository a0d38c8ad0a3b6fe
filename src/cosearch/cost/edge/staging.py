"""From DRAM through the three small memories: how long a layer's bytes take.

By Little's law a memory that holds the requests in flight sustains its size per DRAM latency:
parameters and activations come at that rate, or at the DRAM's where it is the slower.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.edge.off_chip import D_ACTIVATIONS, D_ACTIVATIONS_2, D_WEIGHTS, D_WEIGHTS_2
from cosearch.hardware import Accelerators


@cache
def constants() -> SimpleNamespace:
    """What the model assumes of DRAM and of programs, with sources in constants.json."""
    text = files("cosearch.cost.edge").joinpath("constants.json").read_text()
    rows = json.loads(text)["constants"]
    return SimpleNamespace(**{row["name"]: row["value"] for row in rows})


class Staged(NamedTuple):
    """Per layer and repeat: times and bytes of the faster of two ways to stream it."""

    dram_s: Float[ndarray, "*b"]
    dram_bytes: Float[ndarray, "*b"]


def rates(chips: Accelerators) -> tuple[Float[ndarray, "*b"], Float[ndarray, "*b"]]:
    """Bytes per second of weights, and of activations."""
    latency = constants().dram_latency_s
    weights = np.minimum(chips.dram_bytes_per_s, chips.parameter_memory_bytes / latency)
    return weights, np.minimum(chips.dram_bytes_per_s, chips.activation_memory_bytes / latency)


def stage(traffic: Float[ndarray, "*b 4"], chips: Accelerators) -> Staged:
    """DRAM time and bytes of layers with `traffic` (see `off_chip`), per repeat."""
    weight_rate, rate = rates(chips)
    first = traffic[..., D_WEIGHTS] / weight_rate + traffic[..., D_ACTIVATIONS] / rate
    second = traffic[..., D_WEIGHTS_2] / weight_rate + traffic[..., D_ACTIVATIONS_2] / rate
    fewer = second < first
    bytes_ = np.where(
        fewer,
        traffic[..., D_WEIGHTS_2] + traffic[..., D_ACTIVATIONS_2],
        traffic[..., D_WEIGHTS] + traffic[..., D_ACTIVATIONS],
    )
    return Staged(np.where(fewer, second, first), bytes_)


def instruction_bytes(
    active: Float[ndarray, "*b L"], chips: Accelerators
) -> Float[ndarray, "*b L"]:
    """Program bytes each active layer fetches: of a program too long, the same share of all."""
    per_layer = constants().instruction_bytes_per_layer
    program = active.sum(axis=-1, keepdims=True) * per_layer
    missing = np.maximum(0.0, program - chips.instruction_memory_bytes)
    return np.asarray(active * (missing / np.maximum(program, 1.0)) * per_layer)
