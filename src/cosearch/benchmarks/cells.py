"""NAS-Bench-201's cells: an operator on each of six edges between four nodes."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.networks.blocks.nasbench201 import OPERATORS, parse_cell

ENDS: Final = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))  # nodes of each edge


def operators_of(cell: str) -> list[int]:
    """Index of the operator on each edge, of a cell as the benchmark writes it."""
    edges = [operator for node in parse_cell(cell) for operator in node]
    if len(edges) != len(ENDS):
        raise ValueError(f"cell {cell!r}: {len(edges)} edges, {len(ENDS)} are needed")
    strange = [operator for operator in edges if operator not in OPERATORS]
    if strange:
        raise ValueError(f"cell {cell!r}: no operator {strange[0]!r}, but {', '.join(OPERATORS)}")
    return [OPERATORS.index(operator) for operator in edges]


def used_edges(choices: Int[ndarray, "n 6"]) -> Bool[ndarray, "n 6"]:
    """Edges with an operator whose result reaches the output; runtimes may leave out the others."""
    present = choices != OPERATORS.index("none")
    reaches = np.zeros((len(choices), 4), dtype=bool)
    reaches[:, 3] = True
    for edge, (start, end) in reversed(list(enumerate(ENDS))):
        reaches[:, start] |= reaches[:, end] & present[:, edge]
    return present & reaches[:, [end for _, end in ENDS]]
