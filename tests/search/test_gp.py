"""The GP bandit: formulas against slow ones, limits learned and known, transfer, golden row."""

import sys
from typing import Any

import numpy as np
import pytest
import torch
from gpytorch.kernels import MaternKernel
from scipy.stats import norm, truncnorm
from tests.search.contests import golden, nested_space, trace
from tests.search.runs import best_of_random, chip, toy

from cosearch.errors import CosearchError
from cosearch.search import GPBandit, Prior, make_optimizer
from cosearch.search.history import History
from cosearch.search.model_based.features import Features
from cosearch.search.model_based.gp.beliefs import Beliefs
from cosearch.search.model_based.gp.columns import Columns
from cosearch.search.model_based.gp.kernel import KnobMatern, MixtureMatern
from cosearch.search.model_based.gp.limits import below_zero, learn_limits
from cosearch.search.model_based.gp.model import GaussianProcess
from cosearch.search.model_based.gp.multitask import Belief, MultiTaskProcess
from cosearch.search.model_based.gp.pool import neighbours, pool
from cosearch.search.model_based.gp.surrogate import Surrogate
from cosearch.search.model_based.gp.trust_region import TrustRegion
from cosearch.space import Knob, Space
from cosearch.testing.check_optimizer import toy_losses, toy_space


def wave(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A smooth function of two columns."""
    x = np.random.default_rng(seed).random((n, 2))
    return x, np.sin(3 * x[:, 0]) + 4 * x[:, 1] ** 2 + 10


def process(x: np.ndarray, y: np.ndarray) -> GaussianProcess:
    made = GaussianProcess(np.array([0, 1]), 2)
    made.tune(x, y)
    made.condition(x, y)
    return made


# ---- the model


def test_kernel_is_matern_with_shared_scales() -> None:
    ours, theirs = KnobMatern(torch.tensor([0, 1, 1])), MaternKernel(2.5, ard_num_dims=3)
    ours.lengthscale, theirs.lengthscale = (0.5, 2.0), (0.5, 2.0, 2.0)
    x = torch.rand(7, 3, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(ours(x, x[:4]).to_dense(), theirs(x, x[:4]).to_dense(), atol=1e-6)


def test_mixtures_are_a_matern_on_sums() -> None:
    ours, theirs = MixtureMatern(2), MaternKernel(2.5)
    theirs.lengthscale = 1.0
    x = torch.rand(7, 3, generator=torch.Generator().manual_seed(0))
    sums = x[:, :2] @ ours.weights.T
    assert torch.allclose(ours(x, x[:4]).to_dense(), theirs(sums, sums[:4]).to_dense(), atol=1e-6)


def test_a_product_of_knobs_is_learned_from_few_designs() -> None:
    """Where only the product of four counts, designs that trade one for another are alike."""
    rng = np.random.default_rng(0)
    x, places = rng.random((60, 4)), rng.random((300, 4))
    model = GaussianProcess(np.arange(4), 4)
    y = np.abs(x.sum(axis=1) - 2) + 10
    model.tune(x, y)
    model.condition(x, y)
    error = model.posterior(places).mean - np.abs(places.sum(axis=1) - 2) - 10
    assert np.abs(error).mean() < 0.03  # 0.08 without the mixtures


def test_columns_of_a_knob_of_words_share_a_scale() -> None:
    space = Space(
        [Knob("a", ("x", "y", "z")), Knob("b", (1, 2, 3)), Knob("c", ("u", "v", "w"), {"b": (2,)})]
    )
    features, columns = Features(space), Columns(space)
    assert features.groups.tolist() == [0, 0, 0, 1, 2, 3, 3, 3, 3]
    assert columns.groups.tolist() == [0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 4, 4]
    genomes = np.array([[1, 1, 2], [2, 0, 0]])
    log = np.log(2) / np.log(3)
    assert columns(genomes)[0] == pytest.approx([0, 1, 0, 0.5, log, 1, 0, 0, 1, 0, 1, 0])
    assert columns(genomes)[1] == pytest.approx([0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0])


def test_posterior_predicts_and_knows_its_error() -> None:
    model = process(*wave(60))
    x, y = wave(500, seed=1)
    posterior = model.posterior(x)
    error = (posterior.mean - y) / posterior.spread
    assert np.abs(posterior.mean - y).max() < 0.1
    assert 0.1 < np.sqrt((error**2).mean()) < 2.0


def test_pending_designs_count_like_known_ones() -> None:
    """The incremental row of the factor against conditioning anew: variances need no values."""
    x, y = wave(30)
    model = process(x, y)
    places, _ = wave(8, seed=1)
    posterior = model.posterior(places)
    before = posterior.spread
    for i in (2, 5):
        posterior.pend(i)
    after, scale = posterior.spread, model._scale
    model.condition(np.concatenate([x, places[[2, 5]]]), np.concatenate([y, y[:2]]))
    anew = model.posterior(places).spread / model._scale * scale
    apart = [0, 1, 3, 4, 6, 7]
    assert np.allclose(after[apart], anew[apart], rtol=1e-4)
    assert (after[apart] < before[apart]).all()


def test_torch_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    trace(GPBandit(toy_space(), np.random.default_rng(0)), 2)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


# ---- transfer


def tried(rows: np.ndarray) -> np.ndarray:
    """What `wave` is, nearly, on another level."""
    return np.sin(3 * rows[:, 0]) + 4 * rows[:, 1] ** 2 + 3.0 + 0.3 * rows[:, 0]


def unlike(rows: np.ndarray) -> np.ndarray:
    """Nothing that `wave` tells of."""
    return np.cos(4 * rows[:, 0]) + rows[:, 1]


def after_wave(x: np.ndarray, y: np.ndarray) -> MultiTaskProcess:
    """A process that knows 60 designs of `wave`, and these of another problem."""
    both = MultiTaskProcess(np.array([0, 1]), 2, levels=True)
    both.learn(*wave(60), tune=True)
    both.close()
    both.learn(x, y, tune=True)
    return both


def test_few_designs_do_where_a_related_problem_is_known() -> None:
    few, places = wave(6, seed=1)[0], wave(300, seed=2)[0]
    together = np.abs(after_wave(few, tried(few)).belief(places).mean - tried(places)).max()
    alone = np.abs(process(few, tried(few)).posterior(places).mean - tried(places)).max()
    assert together < 0.05 < alone


def test_what_is_sure_of_one_problem_is_not_of_another() -> None:
    """Errors are within the spreads all the same."""
    few, places = wave(12, seed=1)[0], wave(300, seed=2)[0]
    belief = after_wave(few, unlike(few)).belief(places)
    errors = np.abs(belief.mean - unlike(places))
    assert errors.mean() > 3 * process(*wave(60)).posterior(places).spread.mean()
    assert (errors < 3 * belief.spread).mean() > 0.95


def test_an_unlike_problem_does_next_to_no_harm() -> None:
    few, places = wave(30, seed=1)[0], wave(300, seed=2)[0]
    together = np.abs(after_wave(few, unlike(few)).belief(places).mean - unlike(places)).mean()
    alone = np.abs(process(few, unlike(few)).posterior(places).mean - unlike(places)).mean()
    assert together < 1.5 * alone + 1e-3


def test_of_two_known_problems_the_like_one_teaches() -> None:
    few, places = wave(6, seed=1)[0], wave(300, seed=2)[0]
    many = wave(60, seed=3)[0]
    for order in ((tried, unlike), (unlike, tried)):
        three = MultiTaskProcess(np.array([0, 1]), 2, levels=True)
        for other in order:
            three.learn(many, other(many), tune=True)
            three.close()
        assert len(three) == 2
        three.learn(few, 10 + tried(few), tune=True)
        assert np.abs(three.belief(places).mean - 10 - tried(places)).mean() < 0.05


def test_a_prior_is_worth_trials() -> None:
    """Other figures, the same best design: 32 trials lead where they do not without it."""
    space = toy_space()
    genomes = space.sample(np.random.default_rng(5), 300)
    prior = Prior(genomes, 7.0 * toy_losses(genomes) + 3.0, np.zeros(300))

    def best(optimizer: GPBandit) -> float:
        least = np.inf
        for _ in range(4):
            asked = optimizer.ask(8)
            losses = toy_losses(asked) + 1.0
            optimizer.tell(asked, losses, np.zeros(8))
            least = min(least, losses.min() - 1.0)
        return least

    taught = GPBandit(space, np.random.default_rng(0))
    taught.learn_from(prior)
    assert best(taught) < 10.0 < best(GPBandit(space, np.random.default_rng(0)))


def test_a_prior_that_is_wrong_is_found_out() -> None:
    """Best there is worst here; half of the first designs are spread all the same."""
    space = toy_space()
    genomes = space.sample(np.random.default_rng(5), 300)
    misled = GPBandit(space, np.random.default_rng(0))
    misled.learn_from(Prior(genomes, 500.0 - toy_losses(genomes)[:, :1], np.zeros(300)))
    least = np.inf
    for _ in range(6):
        asked = misled.ask(8)
        losses = toy_losses(asked) + 1.0
        misled.tell(asked, losses, np.zeros(8))
        least = min(least, losses.min() - 1.0)
    random = toy_losses(space.sample(np.random.default_rng(1), 48)).min()
    assert least < random


# ---- limits


def test_limits_are_learned_from_what_exceeds_them() -> None:
    """The excess is a plane; half of it is hidden, and found."""
    x = np.random.default_rng(0).random((150, 2))
    plane = 2 * x[:, 0] + x[:, 1] - 1.5
    process = MultiTaskProcess(np.array([0, 1]), 2, levels=False)
    learn_limits(process, x, np.expm1(np.maximum(plane, 0.0)), tune=True)
    places = np.random.default_rng(1).random((200, 2))
    excess = 2 * places[:, 0] + places[:, 1] - 1.5
    near = np.abs(excess) < 0.5
    assert np.abs(process.belief(places).mean - excess)[near].max() < 0.05


def test_hidden_excess_is_expected_below_zero() -> None:
    mean, spread = np.array([-3.0, -0.1, 0.0, 2.0]), np.array([0.1, 0.5, 1.0, 0.5])
    slow = truncnorm.mean(-np.inf, -mean / spread, loc=mean, scale=spread)
    assert below_zero(mean, spread) == pytest.approx(slow)


def test_designs_that_cannot_run_lie_beyond_the_worst() -> None:
    x = np.random.default_rng(0).random((60, 2))
    violations = np.where(x[:, 0] > 0.5, np.inf, 0.0)
    process = MultiTaskProcess(np.array([0, 1]), 2, levels=False)
    learn_limits(process, x, violations, tune=True)
    inside, outside = process.belief(np.array([[0.1, 0.5], [0.9, 0.5]])).mean
    assert inside < 0 < outside


def bounded(genomes: np.ndarray) -> np.ndarray:
    return np.maximum(genomes[:, :6].sum(axis=1) - 4.0, 0.0) / 4  # one design in 36


def test_known_limits_are_kept_from_the_first_trial() -> None:
    space = toy_space()
    optimizer = make_optimizer("gp", space, np.random.default_rng(0), excess=bounded)
    for _ in range(6):
        genomes = optimizer.ask(8)
        assert (bounded(genomes) == 0).all()
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(8))


def test_known_limits_are_not_learned() -> None:
    """Neither from strangers nor from a prior that exceed them."""
    space, rng = toy_space(), np.random.default_rng(0)
    strangers, places = space.sample(rng, 100), space.sample(rng, 50)
    strangers = strangers[bounded(strangers) > 0]
    history = History(space)
    history.add(strangers, toy_losses(strangers) + 1.0, bounded(strangers))
    knows, learns = (Surrogate(space, rng, excess) for excess in (bounded, None))
    for surrogate in (knows, learns):
        surrogate.learn_from(Prior(strangers, toy_losses(strangers) + 1.0, bounded(strangers)))
        surrogate.learn(history)
    assert (knows.beliefs(places).promise(0.0) == 0.0).all()  # until one is met, the chances are it
    assert (learns.beliefs(places).promise(0.0) < 0.0).all()


def test_out_of_an_all_infeasible_start() -> None:
    space, optimizer = toy_space(), GPBandit(toy_space(), np.random.default_rng(0))
    strangers = space.sample(np.random.default_rng(1), 200)
    strangers = strangers[bounded(strangers) > 0]
    optimizer.tell(strangers, np.full((len(strangers), 1), np.inf), bounded(strangers))
    genomes = optimizer.ask(16)
    assert (bounded(genomes) == 0).sum() > 8


# ---- acquisition


class Fixed(Belief):
    """A belief given by hand."""

    def __init__(self, mean: Any, spread: Any) -> None:
        self.mean, self._given = np.array(mean, dtype=float), np.array(spread, dtype=float)

    @property
    def spread(self) -> np.ndarray:
        return self._given


def test_promise_is_optimistic_and_pays_for_risk() -> None:
    loss, excess = Fixed([1.0, 1.0, 0.0], [0.5, 0.1, 0.1]), Fixed([-9.0, -9.0, 2.0], [1, 1, 1])
    beliefs = Beliefs(loss, excess, best=2.0, unit=2.0)
    risk = 0.1 * (norm.logcdf(-2.0) - np.log(0.5))
    assert beliefs.promise(2.0) == pytest.approx([1.0, 0.6, 1.1 + risk])
    nothing_yet = Beliefs(loss, excess, best=np.inf, unit=2.0)
    assert nothing_yet.promise(2.0) == pytest.approx(norm.logcdf([9.0, 9.0, -2.0]))


def test_surprise_is_sought_where_better_is_hoped_for() -> None:
    loss, excess = Fixed([1.0, 9.0, 1.0], [0.5, 2.0, 0.9]), Fixed([-9.0, -9.0, 2.0], [1, 1, 1])
    beliefs = Beliefs(loss, excess, best=2.0, unit=1.0)
    assert np.argmax(beliefs.surprise(2.0)) == 0  # the second is hopeless, the third breaks limits
    assert np.argsort(beliefs.surprise(2.0)).tolist() == [2, 1, 0]


def test_trust_region_grows_until_it_is_everywhere() -> None:
    space = Space([Knob("a", tuple(range(11))), Knob("b", ("x", "y")), Knob("c", (1, 2, 3))])
    region = TrustRegion(space)
    genomes = np.array([[0, 0, 0], [2, 1, 2], [3, 1, 0], [10, 0, 0]])
    assert region.radius(0) == pytest.approx(0.2)
    assert region.radius(20) == pytest.approx(0.5)
    assert region.holds(genomes, genomes[:1]).tolist() == [True, True, False, False]
    assert region.holds(genomes, genomes[[0, 3]]).tolist() == [True, True, False, True]
    assert region.holds(genomes, np.repeat(genomes[:1], 21, axis=0)).all()


def test_neighbours_are_all_that_differ_in_one_knob() -> None:
    space = nested_space()
    genome = space.sample(np.random.default_rng(0), 1)[0]
    found = neighbours(space, genome)
    assert np.array_equal(space.canonical(space.validate(found)), found)
    assert len(found) == space.cardinalities.sum()


def test_the_most_promising_of_billions_is_found() -> None:
    """Ten knobs of ten choices, and only pairs of changes lead upwards."""
    space = Space([Knob(name, tuple(range(10))) for name in "abcdefghij"])
    rng = np.random.default_rng(0)
    best = space.sample(rng, 1)[0]

    def score(genomes: np.ndarray) -> np.ndarray:
        off = np.abs(genomes - best)
        return -(off[:, ::2] + off[:, 1::2] + 3 * (off[:, ::2] != off[:, 1::2])).sum(axis=1)

    some = space.sample(rng, 200)

    def fresh(genomes: np.ndarray) -> np.ndarray:
        return np.unique(genomes, axis=0)

    found = [pool(space, rng, score, fresh, some[:9], some, n) for n in (5, 25)]
    assert score(found[0])[0] < score(found[1])[0] == 0
    assert (np.diff(score(found[1][:400])) <= 0).all()
    assert len(np.unique(found[1], axis=0)) == len(found[1]) > 400  # early ones stay in


# ---- the whole


@pytest.mark.parametrize(("problem", "trials"), [(toy, 64), (chip, 48)])
def test_beats_random(problem: Any, trials: int) -> None:
    """One run that beats all forty of random search: one-sided p = 1 / 41 each, 1 / 1681 both."""
    space, evaluate = problem()
    optimizer = GPBandit(space, np.random.default_rng(0))
    best = np.inf
    for _ in range(trials // 16):
        genomes = optimizer.ask(16)
        losses, violations = evaluate(genomes)
        optimizer.tell(genomes, losses, violations)
        best = min(best, losses[violations <= 0].min(initial=np.inf))
    assert best < min(best_of_random(problem, trials))


def test_no_design_is_proposed_twice() -> None:
    space, optimizer = toy_space(), GPBandit(toy_space(), np.random.default_rng(0))
    strangers = space.sample(np.random.default_rng(1), 50)
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(50))
    seen = [strangers]
    for step in range(6):
        seen.append(optimizer.ask(8))
        if step % 2:  # as where workers are slow
            optimizer.tell(seen[-1], toy_losses(seen[-1]), np.zeros(8))
    every = np.concatenate(seen)
    assert len(np.unique(every, axis=0)) == len(every)


def test_starts_in_the_centre() -> None:
    first = GPBandit(toy_space(), np.random.default_rng(0)).ask(1)[0]
    assert first.tolist() == [3] * 11 + [1]


def test_replay_gives_the_same_next_proposals() -> None:
    whole, rebuilt = (GPBandit(toy_space(), np.random.default_rng(0)) for _ in range(2))
    before, after = trace(whole, 2), trace(whole, 1)
    assert np.array_equal(trace(rebuilt, 2), before)
    assert np.array_equal(trace(rebuilt, 1), after)


def test_two_goals_infinities_and_conditions() -> None:
    space, rng = nested_space(), np.random.default_rng(3)
    optimizer = GPBandit(space, np.random.default_rng(0))
    for _ in range(8):
        genomes = space.validate(optimizer.ask(16))
        losses = np.where(rng.random((16, 2)) < 0.3, np.inf, rng.random((16, 2)))
        optimizer.tell(genomes, losses, rng.choice([0.0, 0.0, 0.5, np.inf], size=16))


@pytest.mark.slow
def test_thousands_of_strangers_are_condensed() -> None:
    space, optimizer = toy_space(), GPBandit(toy_space(), np.random.default_rng(0))
    strangers = space.sample(np.random.default_rng(1), 4000)
    optimizer.tell(strangers, toy_losses(strangers) + 1.0, np.zeros(4000))
    genomes = optimizer.ask(8)
    assert toy_losses(genomes).min() < toy_losses(strangers).min()


def test_golden() -> None:
    assert golden("gp") == "943188f8a458"


def test_without_botorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botorch", None)
    with pytest.raises(CosearchError, match=r"pip install 'cosearch\[gp\]'"):
        make_optimizer("gp", toy_space(), np.random.default_rng(0))
