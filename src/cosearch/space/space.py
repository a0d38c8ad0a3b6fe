"""A space: an ordered list of knobs. Designs are rows of choice indices."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.space.knob import Choice, Knob

_MAX_GATES = 1_000_000


class Space:
    """Ordered finite choices with conditions.

    Genomes are integer arrays (n, d) of choice indices. The canonical form sets every knob that
    its conditions switch off to index 0, so that equal designs are equal rows. A product keeps
    in mind where its factors begin (`parts`): a network and a chip are two things, not one.
    """

    def __init__(
        self, knobs: tuple[Knob, ...] | list[Knob], parts: tuple[int, ...] | None = None
    ) -> None:
        self.knobs = tuple(knobs)
        self.parts = (len(self.knobs),) if parts is None else tuple(parts)
        if sum(self.parts) != len(self.knobs):
            raise CosearchError(f"parts {self.parts} do not add up to {len(self.knobs)} knobs")
        self._position = {knob.name: i for i, knob in enumerate(self.knobs)}
        if len(self._position) != len(self.knobs):
            names = [knob.name for knob in self.knobs]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise CosearchError(f"knob names appear twice: {', '.join(twice)}")
        for knob in self.knobs:
            self._check_conditions(knob)

    def _check_conditions(self, knob: Knob) -> None:
        for parent, values in knob.when.items():
            if self._position.get(parent, len(self.knobs)) >= self._position[knob.name]:
                raise CosearchError(
                    f"knob {knob.name!r} depends on {parent!r}, which must come before it"
                )
            for value in values:
                self.knobs[self._position[parent]].index(value)

    # ---- size and identity

    def __len__(self) -> int:
        return len(self.knobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"Space({len(self)} knobs, {self.size:,} designs)"

    @cached_property
    def cardinalities(self) -> Int[ndarray, " d"]:
        """Number of choices of each knob."""
        return np.array([len(knob.choices) for knob in self.knobs], dtype=np.int64)

    @cached_property
    def size(self) -> int:
        """Exact number of canonical designs, as a Python int (spaces overflow uint64)."""
        return math.prod(self._component_size(part) for part in self._components())

    def _components(self) -> list[list[int]]:
        """Knobs grouped so that no condition crosses two groups."""
        label = list(range(len(self.knobs)))
        for i, knob in enumerate(self.knobs):
            for parent in knob.when:
                old, new = label[i], label[self._position[parent]]
                label = [new if value == old else value for value in label]
        return [[i for i, v in enumerate(label) if v == part] for part in sorted(set(label))]

    def _component_size(self, part: list[int]) -> int:
        """Enumerate the knobs that gate others; the rest multiply."""
        gating = {self._position[name] for i in part for name in self.knobs[i].when}
        gates = sorted(gating)
        combinations = math.prod(len(self.knobs[i].choices) for i in gates)
        if combinations > _MAX_GATES:
            raise CosearchError(f"{combinations} joint conditions: at most {_MAX_GATES} supported")
        total = 0
        for indices in itertools.product(*(range(len(self.knobs[i].choices)) for i in gates)):
            chosen = dict(zip(gates, indices, strict=True))
            on = self._active_among(part, chosen)
            if any(index and not on[i] for i, index in chosen.items()):
                continue  # not canonical: a switched-off gate away from 0
            total += math.prod(
                len(self.knobs[i].choices) for i in part if i not in gating and on[i]
            )
        return total

    def _active_among(self, part: list[int], chosen: Mapping[int, int]) -> dict[int, bool]:
        on: dict[int, bool] = {}
        for i in part:
            parents = [(self._position[name], ok) for name, ok in self.knobs[i].when.items()]
            on[i] = all(on[p] and self.knobs[p].choices[chosen[p]] in ok for p, ok in parents)
        return on

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it."""
        parts = {"parts": list(self.parts)} if len(self.parts) > 1 else {}
        return {
            "knobs": [
                {
                    "name": knob.name,
                    "choices": list(knob.choices),
                    "when": {name: list(values) for name, values in knob.when.items()},
                }
                for knob in self.knobs
            ],
            **parts,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Space:
        """Rebuild from `to_dict`; raises `CosearchError` where a key is missing."""
        try:
            return cls(
                [
                    Knob(
                        row["name"],
                        tuple(row["choices"]),
                        {name: tuple(values) for name, values in row.get("when", {}).items()},
                    )
                    for row in data["knobs"]
                ],
                tuple(data["parts"]) if "parts" in data else None,
            )
        except (KeyError, TypeError) as error:
            raise CosearchError(f"malformed space: {error!r}") from error

    @cached_property
    def fingerprint(self) -> str:
        """First 16 hex digits of the SHA-256 of the canonical JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    # ---- genomes

    def sample(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Draw `n` canonical genomes; every knob uniform, then switched-off knobs set to 0."""
        return self.canonical(rng.integers(0, self.cardinalities, size=(n, len(self))))

    def active(self, genomes: Int[ndarray, "n d"]) -> Bool[ndarray, "n d"]:
        """Which knobs count in each genome."""
        on = np.ones(genomes.shape, dtype=bool)
        for i, tests in self._gates:
            for parent, allowed in tests:
                on[:, i] &= on[:, parent] & allowed[genomes[:, parent]]
        return on

    @cached_property
    def _gates(self) -> list[tuple[int, list[tuple[int, Bool[ndarray, " c"]]]]]:
        return [
            (
                i,
                [
                    (
                        self._position[name],
                        np.isin(
                            np.arange(len(self.knobs[self._position[name]].choices)),
                            [self.knobs[self._position[name]].index(value) for value in values],
                        ),
                    )
                    for name, values in knob.when.items()
                ],
            )
            for i, knob in enumerate(self.knobs)
            if knob.when
        ]

    def canonical(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n d"]:
        """Set switched-off knobs to index 0. Idempotent."""
        return np.where(self.active(genomes), genomes, 0)

    def validate(self, genomes: ndarray) -> Int[ndarray, "n d"]:
        """Return genomes as (n, d) int64; raises `CosearchError` for a wrong width or range."""
        rows = np.atleast_2d(np.asarray(genomes))
        if rows.ndim != 2 or rows.shape[1] != len(self) or rows.dtype.kind not in "iu":
            raise CosearchError(
                f"genomes of shape {rows.shape} and type {rows.dtype}: "
                f"expected (n, {len(self)}) integers"
            )
        bad = (rows < 0) | (rows >= self.cardinalities)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            knob = self.knobs[column]
            raise CosearchError(
                f"genome {row}: knob {knob.name!r} has index {rows[row, column]}, "
                f"allowed are 0 to {len(knob.choices) - 1}"
            )
        return rows.astype(np.int64)

    def values(self, genome: Int[ndarray, " d"]) -> dict[str, Choice]:
        """Name -> chosen value, for the knobs that count in this genome."""
        on = self.active(genome[None])[0]
        return {
            knob.name: knob.choices[index]
            for knob, index, counts in zip(self.knobs, genome, on, strict=True)
            if counts
        }

    def encode(self, values: Mapping[str, Choice]) -> Int[ndarray, " d"]:
        """Genome of named values; knobs not named get index 0. Inverse of `values`."""
        for name in values:
            if name not in self._position:
                raise CosearchError(
                    f"unknown knob {name!r}: allowed are {', '.join(self._position)}"
                )
        genome = [
            knob.index(values[knob.name]) if knob.name in values else 0 for knob in self.knobs
        ]
        return self.canonical(np.array([genome], dtype=np.int64))[0]

    # ---- composition

    def prefixed(self, prefix: str) -> Space:
        """The same space with `prefix` before every knob name."""
        return Space(
            [
                Knob(prefix + k.name, k.choices, {prefix + n: v for n, v in k.when.items()})
                for k in self.knobs
            ],
            self.parts,
        )

    def __mul__(self, other: Space) -> Space:
        """Cartesian product: this space's knobs, then the other's."""
        return Space(self.knobs + other.knobs, self.parts + other.parts)
