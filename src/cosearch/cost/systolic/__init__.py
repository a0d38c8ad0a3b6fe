"""A systolic array as SCALE-Sim runs it."""
