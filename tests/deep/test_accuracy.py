"""Accuracies: right, the same everywhere, and from statistics of their own."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.module import to_module
from cosearch.deep.supernet import Supernet, SupernetAccuracy, fit_supernet
from cosearch.deep.training import TrainSettings
from cosearch.families import once_for_all_family


@pytest.fixture(scope="module")
def weights(tiny, digits, tmp_path_factory):
    supernet = Supernet(tiny)
    fit_supernet(supernet, digits.train, TrainSettings(10, 64, 0.2, shift=0, threads=1), seed=0)
    path = tmp_path_factory.mktemp("weights") / "supernet.pt"
    torch.save(supernet.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def accuracy(tiny, digits, weights):
    return SupernetAccuracy.of(tiny, weights, digits)


def rows(tiny, n=6):
    return tiny.space.sample(np.random.default_rng(0), n)


def test_sub_networks_are_far_above_chance(tiny, accuracy):
    figures = accuracy(rows(tiny))
    assert figures.shape == (6,)
    assert figures.dtype == np.float64
    assert figures.min() > 0.25  # chance is 0.1; ten epochs do not go far
    assert accuracy.price


def test_the_same_figures_in_another_process_and_order(tiny, accuracy):
    genomes = rows(tiny)
    here = accuracy(genomes)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(accuracy, genomes[::-1]).result()
    assert np.array_equal(here, there[::-1])


def test_pickle_leaves_the_loaded_weights_behind(tiny, accuracy):
    accuracy(rows(tiny, 1))
    small = SupernetAccuracy(
        **{
            name: getattr(accuracy, name)
            for name in ("family", "weights", "calibration", "images", "labels")
        }
    )
    assert len(pickle.dumps(accuracy)) == len(pickle.dumps(small))


def test_own_statistics_matter(tiny, accuracy, digits, weights):
    """Without re-estimation a sub-network runs on the statistics of others."""
    supernet = Supernet(tiny)
    supernet.load_state_dict(torch.load(weights, weights_only=True))
    genomes = rows(tiny)
    inherited = [evaluate(supernet.eval().subnet(genome), digits.validation) for genome in genomes]
    assert np.mean(accuracy(genomes)) > np.mean(inherited)


def test_calibration_gives_the_mean_and_variance_of_the_images(tiny, middle, digits):
    module = to_module(tiny.network(middle))
    images = digits.train.pixels[:512]
    calibrate(module, images)
    before_norm = module.ops[0].conv(images)
    norm = module.ops[0].norm
    torch.testing.assert_close(norm.running_mean, before_norm.mean((0, 2, 3)))
    torch.testing.assert_close(norm.running_var, before_norm.var((0, 2, 3)))
    assert norm.momentum == 0.1
    assert not module.training


def test_evaluate_counts(tiny, middle, digits):
    module = to_module(tiny.network(middle))
    with torch.no_grad():
        module.ops[-1].linear.weight.zero_()
        module.ops[-1].linear.bias[3] = 1  # always says 3
    share = float((digits.test.labels == 3).float().mean())
    assert evaluate(module, digits.test) == pytest.approx(share)


def test_without_images_to_calibrate_on_statistics_are_the_supernets(tiny, digits, weights):
    supernet = Supernet(tiny)
    supernet.load_state_dict(torch.load(weights, weights_only=True))
    genomes = rows(tiny, 2)
    inherited = [evaluate(supernet.eval().subnet(genome), digits.validation) for genome in genomes]
    figures = SupernetAccuracy.of(tiny, weights, digits, images=0)(genomes)
    assert figures.tolist() == inherited


def test_options_and_resolutions_reach_the_supernet(digits, tmp_path):
    family = once_for_all_family((1, 8, 8), 10, (6, 8), width=0.1, unstrided=4)
    torch.save(Supernet(family, affine=False).state_dict(), tmp_path / "weights.pt")
    small = replace(digits, validation=digits.validation.take(torch.arange(20)))
    accuracy = SupernetAccuracy.of(family, tmp_path / "weights.pt", small, images=20, affine=False)
    figures = accuracy(family.space.sample(np.random.default_rng(0), 3))
    assert ((figures >= 0) & (figures <= 1)).all()
