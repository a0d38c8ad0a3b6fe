"""What every space must keep."""

from __future__ import annotations

import json

import numpy as np

from cosearch.space import Space


def check_space(space: Space, *, seed: int = 0, samples: int = 256) -> None:
    """Canonical form, JSON round trip, values round trip, determinism. Raises AssertionError."""
    genomes = space.sample(np.random.default_rng(seed), samples)
    again = space.sample(np.random.default_rng(seed), samples)
    assert np.array_equal(genomes, again), "sampling must depend on the generator alone"
    assert np.array_equal(space.canonical(genomes), genomes), "samples must be canonical"
    assert (genomes[~space.active(genomes)] == 0).all(), "switched-off knobs must be 0"
    for genome in genomes[:16]:
        assert np.array_equal(space.encode(space.values(genome)), genome), "values must round-trip"
    copy = Space.from_dict(json.loads(json.dumps(space.to_dict())))
    assert copy == space, "JSON must round-trip"
    assert copy.fingerprint == space.fingerprint, "equal spaces must have equal fingerprints"
    assert copy.size == space.size >= len(np.unique(genomes, axis=0)), "size must be exact"
