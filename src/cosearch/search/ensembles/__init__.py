"""Strategies made of others, which earn their share of the trials."""
