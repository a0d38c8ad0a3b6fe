"""Strategies that learn nothing: random, quasi-random, exhaustive."""
