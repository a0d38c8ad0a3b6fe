"""The genetic algorithm: who lives, who breeds, what a child is."""

import numpy as np

from cosearch.search import GeneticAlgorithm
from cosearch.space import Knob, Space

LINE = Space([Knob("a", tuple(range(1000)))])


def told(optimizer: GeneticAlgorithm, values: list[int]) -> None:
    rows = np.array(values)[:, None]
    optimizer.tell(rows, rows.astype(float), np.zeros(len(rows)))


def test_the_old_die_however_good() -> None:
    optimizer = GeneticAlgorithm(LINE, np.random.default_rng(0), population=3, max_age=10)
    told(optimizer, [0, *range(500, 509)])
    assert optimizer._parents.genomes[:, 0].tolist() == [0, 500, 501]
    told(optimizer, [600])
    assert optimizer._parents.genomes[:, 0].tolist() == [500, 501, 600]


def test_the_best_of_the_living_are_parents_the_best_first() -> None:
    optimizer = GeneticAlgorithm(LINE, np.random.default_rng(0), population=4)
    told(optimizer, [9, 3, 7])
    told(optimizer, [8, 1, 2])
    assert optimizer._parents.genomes[:, 0].tolist() == [1, 2, 3, 7]


def test_violations_come_first() -> None:
    optimizer = GeneticAlgorithm(LINE, np.random.default_rng(0), population=2)
    optimizer.tell(np.array([[1], [2], [3]]), np.zeros((3, 1)), np.array([np.inf, 0.5, 0.0]))
    assert optimizer._parents.genomes[:, 0].tolist() == [3, 2]


def test_no_design_is_paid_for_twice_while_there_are_others() -> None:
    space = Space([Knob("a", (0, 1, 2, 3)), Knob("b", (0, 1, 2, 3)), Knob("c", (0, 1, 2, 3))])
    optimizer = GeneticAlgorithm(space, np.random.default_rng(0), population=8)
    asked = []
    for _ in range(10):
        genomes = optimizer.ask(4)
        optimizer.tell(genomes, genomes.sum(axis=1, keepdims=True).astype(float), np.zeros(4))
        asked.append(genomes)
    assert len(np.unique(np.concatenate(asked), axis=0)) == 40


def test_without_crossover_and_with_few_changes_children_stay_near_the_best() -> None:
    space = Space([Knob(f"k{i}", tuple(range(8))) for i in range(20)])
    optimizer = GeneticAlgorithm(
        space,
        np.random.default_rng(0),
        population=5,
        tournament=100,
        crossover=0.0,
        mutation=1.0,
        near=1.0,
    )
    rows = space.sample(np.random.default_rng(1), 30)
    losses = rows.sum(axis=1, keepdims=True).astype(float)
    optimizer.tell(rows, losses, np.zeros(30))
    children = optimizer.ask(300)
    assert np.median((children != rows[losses.argmin()]).sum(axis=1)) <= 2
