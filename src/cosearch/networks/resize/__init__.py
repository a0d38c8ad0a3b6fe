"""A network on an input of another shape: rules by which each operator follows."""

from cosearch.networks.resize.resized import resized

__all__ = ["resized"]
