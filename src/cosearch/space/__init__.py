"""Spaces: ordered finite choices, conditions, canonical form, product, order."""

from cosearch.space.knob import Choice, Knob
from cosearch.space.order import every, following
from cosearch.space.space import Space

__all__ = ["Choice", "Knob", "Space", "every", "following"]
