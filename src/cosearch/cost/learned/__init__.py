"""Predictors fitted on few measurements: pure arrays in, floats out."""
