"""Searches on shared weights: one set of weights is trained while, or before, a network is chosen.

`dnas` is FBNet's differentiable search, `policy` TuNAS's policy gradient, `spos` uniform paths.
Each is a `Task` of `cosearch.deep.training`: what a step does, and what it must remember.
"""
