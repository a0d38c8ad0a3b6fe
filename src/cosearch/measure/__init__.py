"""Measuring: how long networks and files take on real devices, with statistics and refusals.

`measure` is the verb and `Measurement` its record; `RUNTIMES` lists what can be measured on,
a file each in `runtimes`.
"""

from cosearch.measure.measure import NoisyMachineError, measure
from cosearch.measure.measurement import Measurement, read_measurement, write_measurement
from cosearch.measure.runtime import Model, Runtime
from cosearch.measure.runtimes import RUNTIMES
from cosearch.measure.settings import PRECISIONS, Settings

__all__ = [
    "PRECISIONS",
    "RUNTIMES",
    "Measurement",
    "Model",
    "NoisyMachineError",
    "Runtime",
    "Settings",
    "measure",
    "read_measurement",
    "write_measurement",
]
