"""Two batches of networks told by the same operators."""

from __future__ import annotations

import numpy as np

from cosearch.cost.learned.common_operators import on_common_operators
from cosearch.cost.learned.operator_times import OperatorTimes


def times(seconds: list[list[float]], classes: list[int], outputs: list[int]) -> OperatorTimes:
    sizes = np.ones((len(classes), 6), dtype=int)
    sizes[:, 0] = outputs
    return OperatorTimes(np.array(seconds), np.array(classes), np.log2(sizes))


def test_operators_meet_where_class_and_sizes_agree() -> None:
    """3 outputs of class 0 are in both; those of class 1 are another operator."""
    a = times([[1.0, 2.0]], [0, 0], [3, 5])
    b = times([[4.0, 8.0], [16.0, 32.0]], [1, 0], [3, 3])
    ours, theirs = on_common_operators(a, b)
    assert (ours.classes == theirs.classes).all()
    assert (ours.sizes == theirs.sizes).all()
    found = {
        (int(kind), int(np.rint(2 ** size[0]))): (ours.seconds[:, i], theirs.seconds[:, i])
        for i, (kind, size) in enumerate(zip(ours.classes, ours.sizes, strict=True))
    }
    assert set(found) == {(0, 3), (0, 5), (1, 3)}
    for key, mine, others in (((0, 3), 1, [8, 32]), ((0, 5), 2, [0, 0]), ((1, 3), 0, [4, 16])):
        assert found[key][0].tolist() == [mine]
        assert found[key][1].tolist() == others


def test_a_last_digit_of_a_logarithm_makes_no_new_operator() -> None:
    a = times([[1.0]], [0], [7])
    b = OperatorTimes(a.seconds, a.classes, np.nextafter(a.sizes, 9.0))
    ours, theirs = on_common_operators(a, b)
    assert ours.seconds.shape == theirs.seconds.shape == (1, 1)
