"""Steps of a search between those of the weights: as many as asked, of draws of their own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cosearch.deep.datasets.images import Split
from cosearch.deep.one_shot.stepping import Draws, due
from cosearch.deep.training import Moment


def moment(step: int, steps: int, seed: int = 0) -> Moment:
    rng = np.random.default_rng(seed)
    return Moment(0, 1, step, steps, 0.0, rng, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("steps", "wanted"), [(10, 3), (10, 10), (3, 10), (7, 1)])
def test_an_epoch_has_as_many_as_asked_spread_over_its_steps(steps: int, wanted: int) -> None:
    found = [due(moment(step, steps), wanted) for step in range(steps)]
    assert sum(found) == wanted
    assert max(found) - min(found) <= 1


def test_images_are_drawn_without_replacement_and_alike_in_every_part() -> None:
    split = Split(torch.arange(20, dtype=torch.uint8)[:, None, None, None], torch.arange(20))
    draws, again, other = Draws.of(moment(0, 1)), Draws.of(moment(0, 1)), Draws.of(moment(0, 1, 1))
    images, labels = draws.images(split, 8, torch.device("cpu"))
    assert len(set(labels.tolist())) == 8
    assert torch.equal((images[:, 0, 0, 0] * 255).round().long(), labels)
    assert torch.equal(labels, again.images(split, 8, torch.device("cpu"))[1])
    assert not torch.equal(labels, other.images(split, 8, torch.device("cpu"))[1])
    assert len(draws.images(split, 99, torch.device("cpu"))[1]) == 20
