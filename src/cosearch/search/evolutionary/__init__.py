"""Strategies that breed: what was good is copied with changes."""
