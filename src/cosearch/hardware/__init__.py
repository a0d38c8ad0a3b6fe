"""Hardware as columns, device files of every kind, published devices, technology constants."""

from cosearch.hardware.accelerators import Accelerators
from cosearch.hardware.chip_file import ChipFile, describe
from cosearch.hardware.device_file import DeviceFile
from cosearch.hardware.kinds import KINDS, devices, find_chip, find_device_file
from cosearch.hardware.roofline import Rooflines
from cosearch.hardware.technology import technology

__all__ = [
    "KINDS",
    "Accelerators",
    "ChipFile",
    "DeviceFile",
    "Rooflines",
    "describe",
    "devices",
    "find_chip",
    "find_device_file",
    "technology",
]
