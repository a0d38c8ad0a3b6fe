"""Transfer: a prior's best designs come first, or are learned from."""

import numpy as np

from cosearch.search import OPTIMIZERS, Prior, Seeded, transferred
from cosearch.testing import check_optimizer
from cosearch.testing.check_optimizer import toy_losses, toy_space


def prior(n: int = 300) -> Prior:
    genomes = toy_space().sample(np.random.default_rng(5), n)
    return Prior(
        np.repeat(genomes, 2, axis=0), *np.repeat(toy_losses(genomes), 2, 0)[None], np.zeros(2 * n)
    )


def test_the_best_come_first_and_once() -> None:
    best = prior().best(32)
    assert len(np.unique(best, axis=0)) == 32
    assert (np.diff(toy_losses(best)[:, 0]) >= 0).all()
    space = toy_space()
    optimizer = transferred(OPTIMIZERS["genetic"](space, np.random.default_rng(0)), prior())
    assert isinstance(optimizer, Seeded)
    asked = np.concatenate([optimizer.ask(20), optimizer.ask(20)])
    assert np.array_equal(asked[:32], best)
    space.validate(asked)


def test_a_seeded_strategy_is_a_strategy() -> None:
    def make(space, rng):
        made = OPTIMIZERS["genetic"](space, rng)
        return Seeded(made, space.sample(np.random.default_rng(1), 40))

    check_optimizer(make)


def test_one_that_can_learn_is_told() -> None:
    class Learner(OPTIMIZERS["random"]):
        def learn_from(self, prior: Prior) -> None:
            self.learned = len(prior.genomes)

    learner = Learner(toy_space(), np.random.default_rng(0))
    assert transferred(learner, prior(10)) is learner
    assert learner.learned == 20
