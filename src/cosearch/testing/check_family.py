"""What every family must keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.errors import CosearchError
from cosearch.families.family import Family
from cosearch.testing.check_space import check_space


def check_family(family: Family[Any], *, seed: int = 0, samples: int = 32) -> None:
    """References decode, batch equals loop, every knob changes something, graphs equal rows.

    Raises AssertionError naming what broke.
    """
    space = family.space
    check_space(space, seed=seed)
    assert family.source, "a family needs to say where it comes from"
    assert family.references, "a family needs at least one named reference point"
    for name, values in family.references.items():
        genome = space.encode(values)
        assert np.array_equal(space.encode(space.values(genome)), genome), f"reference {name}"
        family.decode(genome[None])
    genomes = space.sample(np.random.default_rng(seed), samples)
    table = family.decode(genomes).table()
    for i, genome in enumerate(genomes):
        alone = family.decode(genome[None]).table()[0]
        assert np.array_equal(alone, table[i]), f"genome {i}: decoded alone it differs"
    _bad_genomes_are_refused(family)
    _every_knob_counts(family, genomes)
    if hasattr(family, "network"):
        _graphs_equal_rows(family, genomes)


def _bad_genomes_are_refused(family: Family[Any]) -> None:
    """Too wide, too large and negative: an error, not a wrong answer."""
    space = family.space
    good = np.zeros((1, len(space)), dtype=np.int64)
    for bad in (np.pad(good, ((0, 0), (0, 1))), good + space.cardinalities, good - 1):
        try:
            family.decode(bad)
        except CosearchError:
            continue
        raise AssertionError(f"a bad genome was decoded: {bad[0, :8].tolist()} ...")


def _every_knob_counts(family: Any, genomes: Any) -> None:
    """Changing any one knob, where it is active, changes some decoded row."""
    space = family.space
    for knob in range(len(space)):
        if space.cardinalities[knob] == 1:
            continue
        pool = np.concatenate(
            [genomes, *(space.encode(v)[None] for v in family.references.values())]
        )
        pool = pool[space.active(pool)[:, knob]]
        assert len(pool), f"knob {space.knobs[knob].name} is never active"
        changed = pool.copy()
        changed[:, knob] = (changed[:, knob] + 1) % space.cardinalities[knob]
        other = space.canonical(changed)
        differ = not np.array_equal(family.decode(pool).table(), family.decode(other).table())
        # what costs nothing (an activation, say) must still be seen in the graph
        differ = differ or (
            hasattr(family, "network")
            and any(
                family.network(a) != family.network(b) for a, b in zip(pool, other, strict=True)
            )
        )
        assert differ, f"knob {space.knobs[knob].name} changes nothing"


def _graphs_equal_rows(family: Any, genomes: Any) -> None:
    """The cost rows of the built network are the decoded ones, padding left out."""
    decoded = family.decode(genomes)
    for i, genome in enumerate(genomes):
        network = family.network(genome)
        rows = decoded[i].table(np.int64)
        rows = rows[decoded.repeat[i] > 0]
        assert np.array_equal(network.layers.table(np.int64), rows), f"genome {i}: rows differ"
        assert network.params >= int(network.layers.weights.sum()), f"genome {i}: parameters"
