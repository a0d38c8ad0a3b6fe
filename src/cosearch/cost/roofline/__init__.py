"""Rooflines with matrix and vector units, a hierarchy of memories and execution efficiency."""
