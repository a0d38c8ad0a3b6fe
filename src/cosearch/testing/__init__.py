"""Conformance suites: hold your own space, family, network, model or optimizer to them."""

from cosearch.testing.check_cost_model import check_cost_model
from cosearch.testing.check_family import check_family
from cosearch.testing.check_limits import check_limits
from cosearch.testing.check_network import check_network
from cosearch.testing.check_optimizer import check_optimizer
from cosearch.testing.check_space import check_space

__all__ = [
    "check_cost_model",
    "check_family",
    "check_limits",
    "check_network",
    "check_optimizer",
    "check_space",
]
