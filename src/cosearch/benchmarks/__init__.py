"""Data sets of the field as plain arrays; mapping their networks to genomes happens above.

A loader takes a path, or finds a local copy in COSEARCH_DATA, or fetches the original.
"""

from cosearch.benchmarks.accel_nasbench import AccelNASBench, accel_nasbench

__all__ = ["AccelNASBench", "accel_nasbench"]
