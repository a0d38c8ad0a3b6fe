"""Supernets: one set of weights for all networks of a family."""

from cosearch.deep.supernet.accuracy import SupernetAccuracy
from cosearch.deep.supernet.block import Genome
from cosearch.deep.supernet.crop import crop
from cosearch.deep.supernet.ends import Sampler, sandwich
from cosearch.deep.supernet.learning import Sandwich, fit_supernet
from cosearch.deep.supernet.shrinking import Shrinking
from cosearch.deep.supernet.sorting import sort_channels
from cosearch.deep.supernet.supernet import Supernet

__all__ = [
    "Genome",
    "Sampler",
    "Sandwich",
    "Shrinking",
    "Supernet",
    "SupernetAccuracy",
    "crop",
    "fit_supernet",
    "sandwich",
    "sort_channels",
]
