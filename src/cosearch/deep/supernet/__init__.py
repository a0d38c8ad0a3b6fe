"""Supernets: one set of weights for all networks of a family."""

from cosearch.deep.supernet.block import Genome
from cosearch.deep.supernet.crop import crop
from cosearch.deep.supernet.ends import Sampler, sandwich
from cosearch.deep.supernet.supernet import Supernet

__all__ = ["Genome", "Sampler", "Supernet", "crop", "sandwich"]
