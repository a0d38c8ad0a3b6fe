"""Spaces: ordered finite choices, conditions, canonical form, product."""

from cosearch.space.knob import Choice, Knob
from cosearch.space.space import Space

__all__ = ["Choice", "Knob", "Space"]
