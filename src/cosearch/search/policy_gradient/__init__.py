"""Strategies that teach a distribution over designs by its rewards."""
