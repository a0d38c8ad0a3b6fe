"""Accelerator files: JSON with people's units, checked by pydantic at this boundary only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cosearch.errors import CosearchError
from cosearch.hardware.accelerators import Accelerators
from cosearch.hardware.technology import technology
from cosearch.units import KIB


class ChipFile(BaseModel):
    """What `accelerator.json` holds. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=False)

    name: str = "accelerator"
    pes_x: int = Field(ge=1, le=1024)
    pes_y: int = Field(ge=1, le=1024)
    lanes: int = Field(ge=1, le=1024)
    simd_units: int = Field(ge=1, le=4096)
    dot_width: int = Field(default=4, ge=1, le=64)
    register_file_kib: float = Field(gt=0, le=2**20)
    pe_memory_kib: float = Field(gt=0, le=2**20)
    dram_gb_per_s: float = Field(gt=0, le=1e5)
    clock_ghz: float = Field(default=0.8, gt=0, le=20)
    node_nm: float = 22
    source: str = ""

    def columns(self) -> Accelerators:
        """The chip as columns of shape (), SI units."""
        whole = (self.pes_x, self.pes_y, self.lanes, self.simd_units, self.dot_width)
        real = (
            self.register_file_kib * KIB,
            self.pe_memory_kib * KIB,
            self.dram_gb_per_s * 1e9,
            self.clock_ghz * 1e9,
        )
        return Accelerators(
            *(np.array(value, dtype=np.int64) for value in whole),
            *(np.array(value, dtype=np.float64) for value in real),
        )


def parse_chip(data: Mapping[str, Any], where: str) -> ChipFile:
    """Check one chip description; `CosearchError` names the field, its value, what is allowed."""
    try:
        chip = ChipFile(**data)
    except (ValidationError, TypeError) as error:
        raise CosearchError(f"accelerator {where}: {_first_problem(error)}") from error
    if chip.node_nm != technology().node_nm:
        raise CosearchError(
            f"accelerator {where}: node_nm = {chip.node_nm:g}: constants are for "
            f"{technology().node_nm} nm only"
        )
    return chip


def read_chip(path: Path) -> ChipFile:
    """Read an accelerator file."""
    try:
        data = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CosearchError(f"accelerator file {path}: cannot be read as JSON: {error}") from error
    if not isinstance(data, dict):
        raise CosearchError(
            f"accelerator file {path}: expected an object, found {type(data).__name__}"
        )
    return parse_chip(data, str(path))


def describe(chips: Accelerators, name: str) -> ChipFile:
    """The file of one chip, inverse of `ChipFile.columns`."""
    return ChipFile(
        name=name,
        pes_x=int(chips.pes_x),
        pes_y=int(chips.pes_y),
        lanes=int(chips.lanes),
        simd_units=int(chips.simd_units),
        dot_width=int(chips.dot_width),
        register_file_kib=float(chips.register_file_bytes) / KIB,
        pe_memory_kib=float(chips.pe_memory_bytes) / KIB,
        dram_gb_per_s=float(chips.dram_bytes_per_s) / 1e9,
        clock_ghz=float(chips.clock_hz) / 1e9,
    )


def _first_problem(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"][0].lower() + problem["msg"][1:]
    if problem["type"] == "missing":
        return f"{field} is missing"
    if problem["type"] == "extra_forbidden":
        return f"unknown key {field!r}: allowed are {', '.join(ChipFile.model_fields)}"
    return f"{field} = {problem['input']!r}: {message}"
