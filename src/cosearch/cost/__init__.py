"""Cost models: pure functions (Layers, Accelerators) -> Cost."""

from cosearch.cost.cost import AsksGenomes, AsksNetworks, Bound, Cost, CostModel, KnowsArea
from cosearch.cost.edge.model import EdgeModel

__all__ = ["AsksGenomes", "AsksNetworks", "Bound", "Cost", "CostModel", "EdgeModel", "KnowsArea"]
