"""Accelerators as columns, their files, published chips, technology constants."""

from cosearch.hardware.accelerators import Accelerators
from cosearch.hardware.chip_file import ChipFile, describe, read_chip
from cosearch.hardware.chips import chips, find_chip
from cosearch.hardware.technology import technology

__all__ = [
    "Accelerators",
    "ChipFile",
    "chips",
    "describe",
    "find_chip",
    "read_chip",
    "technology",
]
