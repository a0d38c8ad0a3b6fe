"""Differential evolution on indices: its moves, what stays inside, who is a parent."""

import numpy as np

from cosearch.search.evolutionary.differential import DifferentialEvolution, reflected
from cosearch.space import Knob, Space

LINE = Space([Knob("a", tuple(range(1000)))])


def told(optimizer: DifferentialEvolution, rows: np.ndarray) -> None:
    optimizer.tell(rows, rows.sum(axis=1, keepdims=True).astype(float), np.zeros(len(rows)))


def test_the_best_ever_told_are_parents_each_once() -> None:
    optimizer = DifferentialEvolution(LINE, np.random.default_rng(0), population=4)
    told(optimizer, np.array([[9], [3], [3], [7]]))
    told(optimizer, np.array([[8], [1], [3], [2]]))
    assert optimizer._parents.genomes[:, 0].tolist() == [1, 2, 3, 7]


def test_violations_come_first() -> None:
    optimizer = DifferentialEvolution(LINE, np.random.default_rng(0), population=2)
    optimizer.tell(np.array([[1], [2], [3]]), np.zeros((3, 1)), np.array([np.inf, 0.5, 0.0]))
    assert optimizer._parents.genomes[:, 0].tolist() == [3, 2]


def test_indices_beyond_an_end_are_reflected_and_stay_inside() -> None:
    at = np.array([[-2, 5, 9], [-7, 12, 3], [0, 4, -1]])
    last = np.array([4, 4, 6])
    assert reflected(at, last).tolist() == [[2, 3, 3], [4, 4, 3], [0, 4, 1]]


def test_what_all_parents_agree_on_stays() -> None:
    space = Space([Knob(f"k{i}", tuple(range(50))) for i in range(6)])
    optimizer = DifferentialEvolution(space, np.random.default_rng(0), start=1)
    rows = space.sample(np.random.default_rng(1), 40)
    rows[:, 2] = 17
    told(optimizer, rows)
    children = optimizer._breed(300, 0)
    assert (children[:, 2] == 17).all()
    assert all(len(np.unique(children[:, knob])) > 15 for knob in (0, 1, 3, 4, 5))


def test_knobs_that_trade_against_one_another_move_together() -> None:
    """Parents lie on a line a + b = 40; most children stay beside it, far along it."""
    space = Space([Knob("a", tuple(range(41))), Knob("b", tuple(range(41)))])
    optimizer = DifferentialEvolution(space, np.random.default_rng(0), start=1, moves=(1.0,))
    a = np.arange(10, 31)
    optimizer.tell(np.stack([a, 40 - a], axis=1), np.zeros((21, 1)), np.zeros(21))
    children = optimizer._breed(2000, 0)
    assert (np.abs(children.sum(axis=1) - 40) <= 1).mean() > 0.9
    assert children[:, 0].std() > 5


def test_a_knob_switched_on_takes_any_choice() -> None:
    space = Space([Knob("gate", (0, 1)), Knob("gated", tuple(range(8)), {"gate": (1,)})])
    optimizer = DifferentialEvolution(space, np.random.default_rng(0), start=1)
    told(optimizer, np.array([[0, 0], [1, 3]]))
    children = optimizer._breed(4000, 0)
    opened = children[(children[:, 0] == 1) & (children[:, 1] != 3), 1]
    assert len(np.unique(opened)) == 7


def test_no_design_is_paid_for_twice_while_there_are_others() -> None:
    space = Space([Knob(name, (0, 1, 2, 3)) for name in "abcd"])
    optimizer = DifferentialEvolution(space, np.random.default_rng(0), start=8)
    asked = []
    for _ in range(10):
        genomes = optimizer.ask(4)
        told(optimizer, genomes)
        asked.append(genomes)
    assert len(np.unique(np.concatenate(asked), axis=0)) == 40
