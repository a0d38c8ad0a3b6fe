"""Networks as data: graphs of operators, blocks, cost rows."""

from cosearch.networks.builder import Builder
from cosearch.networks.fuse import fuse
from cosearch.networks.layers import Kind, Layers
from cosearch.networks.network import Network, Node
from cosearch.networks.trace import trace
from cosearch.networks.unfuse import unfuse

__all__ = ["Builder", "Kind", "Layers", "Network", "Node", "fuse", "trace", "unfuse"]
