"""Rows of a csv file as columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError

Cells = dict[str, list[str]]


def read_csv(path: Path, needed: Iterable[str] = ()) -> Cells:
    """Columns by name; all rows must be whole, and every column of `needed` there."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise CosearchError(f"cannot read {path} as csv: {error}") from error
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise CosearchError(f"{path}, line {number}: {len(row)} cells, {len(header)} columns")
    missing = [name for name in needed if name not in header]
    if missing:
        raise CosearchError(f"{path}: no column {', '.join(missing)}; it has {', '.join(header)}")
    cells = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: list(column) for name, column in zip(header, cells, strict=True)}


def floats(cells: Cells, name: str, path: Path) -> Float[ndarray, " n"]:
    """A column of numbers; an empty cell is nan."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells[name]], dtype=float)
    except ValueError as error:
        raise CosearchError(f"{path}, column {name}: {error}") from error


def integers(cells: Cells, name: str, path: Path) -> Int[ndarray, " n"]:
    """A column of whole numbers, none missing."""
    values = floats(cells, name, path)
    if not (values == np.rint(values)).all():  # nan is not either
        raise CosearchError(f"{path}, column {name}: whole numbers are needed in every row")
    return values.astype(np.int64)
