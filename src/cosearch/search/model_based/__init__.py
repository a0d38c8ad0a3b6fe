"""Strategies that fit models to what was told, and ask for what these promise."""
