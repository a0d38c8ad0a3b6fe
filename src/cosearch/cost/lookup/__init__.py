"""Lookup tables: measured latencies of the distinct blocks of a space, and their sum.

`table` is the file, `correction` what turns a sum into the latency of a whole network, `model`
answers for many networks at once. Tables are made in `calibrate`.
"""

from cosearch.cost.lookup.correction import Correction, fit_correction
from cosearch.cost.lookup.model import LookupModel
from cosearch.cost.lookup.table import FORMAT, LookupRow, LookupTable, read_table, write_table

__all__ = [
    "FORMAT",
    "Correction",
    "LookupModel",
    "LookupRow",
    "LookupTable",
    "fit_correction",
    "read_table",
    "write_table",
]
