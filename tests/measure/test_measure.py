"""The verb: rounds, refusals, clocks that cannot be trusted, records that can."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.measure import Measurement, NoisyMachineError, Settings, measure
from cosearch.measure.measurement import FORMAT
from cosearch.measure.model_hash import model_hash
from cosearch.measure.pinning import pinned
from cosearch.networks import Network, Node

QUICK = Settings(warm_up=2, rounds=3, max_rounds=6, repeats=4, round_s=0.0)


def staged(stage, tiny, settings=QUICK, **options):
    return measure(tiny, "staged", settings, clock=stage.clock, **options)


def test_rounds_frame_the_model_with_the_reference(stage, tiny) -> None:
    found = staged(stage, tiny)
    runs = [(of, len(list(group))) for of, group in itertools.groupby(stage.order)]
    one_round = [("reference", 3), ("model", 5), ("reference", 3)]  # each with one more, unheeded
    warm_up = [("model", 1), ("reference", 1)] * 2
    assert sum(count for _, count in runs) == 4 + 3 * 11
    assert stage.order[:4] == ["model", "reference"] * 2
    expected = [name for name, count in [*warm_up, *one_round * 3] for _ in range(count)]
    assert stage.order == expected
    assert [len(samples) for samples in found.rounds_s] == [4, 4, 4]
    assert [len(samples) for samples in found.reference_rounds_s] == [4, 4, 4]
    assert (found.median_s, found.statistics.reference_s) == pytest.approx((0.002, 0.001))


def test_a_round_lasts_as_long_as_asked(stage, tiny) -> None:
    settings = Settings(warm_up=0, rounds=1, repeats=2, round_s=0.021)
    found = staged(stage, tiny, settings)
    assert len(found.rounds_s[0]) == 11  # of 2 ms
    assert len(found.reference_rounds_s[0]) == 2 * 11  # of 1 ms, half as long, twice


def test_noise_is_refused_with_figure_and_bound(stage, tiny) -> None:
    stage.model = itertools.cycle([0.001, 0.004, 0.009])
    with pytest.raises(
        NoisyMachineError, match=r"noise \d+\.\d% after 6 rounds, allowed is 10\.0%"
    ):
        staged(stage, tiny)
    kept = staged(stage, tiny, accept_noise=True)
    assert kept.too_noisy
    assert len(kept.rounds_s) == 6
    assert kept.statistics.noise > 0.1


def test_a_shaky_reference_is_refused_too(stage, tiny) -> None:
    stage.reference = itertools.chain(*(itertools.repeat(s, 6) for s in (1e-3, 3e-3) * 9))
    with pytest.raises(NoisyMachineError, match="reference workload drifted by"):
        staged(stage, tiny)


def test_more_rounds_are_taken_until_it_is_quiet(stage, tiny) -> None:
    first = [0.002] * 2 + [0.003] * 5 + [0.0021] * 5
    stage.model = itertools.chain(first, itertools.repeat(0.002))
    found = staged(stage, tiny, Settings(warm_up=2, rounds=2, max_rounds=40, repeats=4, round_s=0))
    assert 2 < len(found.rounds_s) < 40
    assert found.statistics.noise <= 0.1
    assert not found.too_noisy


@pytest.mark.parametrize("back", [0.0, -0.5])
@pytest.mark.parametrize("of", ["model", "reference"])
def test_a_clock_that_stands_or_goes_back_is_refused(stage, tiny, back, of) -> None:
    setattr(stage, of, itertools.chain([0.002] * 9, itertools.repeat(back)))
    with pytest.raises(CosearchError, match=r"the clock went from .* no time can be taken"):
        staged(stage, tiny, accept_noise=True)


@pytest.mark.parametrize("of", ["model", "reference"])
def test_a_clock_that_leaps_is_refused_or_marked(stage, tiny, of) -> None:
    usual = {"model": 0.002, "reference": 0.001}[of]
    durations = [usual] * 9 + [7200.0] + [usual] * 40

    setattr(stage, of, iter(durations))
    with pytest.raises(NoisyMachineError, match=r"1 of the runs .* the clock leapt"):
        staged(stage, tiny)
    setattr(stage, of, iter(durations))
    kept = staged(stage, tiny, accept_noise=True)
    assert kept.too_noisy
    assert kept.statistics.leaps == 1


def test_scaled_to_another_reference(stage, tiny) -> None:
    found = staged(stage, tiny, Settings(rounds=2, repeats=3, round_s=0, reference_s=0.010))
    assert found.median_s == pytest.approx(0.020)
    assert found.rounds_s[0] == pytest.approx((0.002,) * 3)  # raw samples stay raw


def test_the_reference_is_loaded_once_for_alike_settings(stage, tiny) -> None:
    for precision in ("fp32", "int8", "fp32"):
        staged(stage, tiny, Settings(precision, rounds=1, repeats=2, round_s=0))
    staged(stage, tiny, Settings(threads=2, rounds=1, repeats=2, round_s=0))
    assert [of for of, _ in stage.prepared].count("reference") == 2
    assert {settings.precision for of, settings in stage.prepared if of == "reference"} == {"fp32"}
    assert {settings.threads for of, settings in stage.prepared if of == "reference"} == {1, 2}


def test_a_record_reads_back_and_shows_every_change(stage, tiny) -> None:
    found = staged(stage, tiny, Settings(rounds=2, repeats=2, round_s=0, cores=(0,)))
    data = found.to_dict()
    again = Measurement.from_dict(data)
    assert again == found
    assert again.sha256 == data["sha256"]
    assert data["device"]["cpu"]
    flags = Path("/proc/cpuinfo").read_text().split() if Path("/proc/cpuinfo").exists() else []
    assert set(data["device"]["simd"].split()) <= set(flags)
    assert ("avx2" in flags) == ("avx2" in data["device"]["simd"].split())
    assert data["settings"]["cores"] == [0]
    changed = 0
    for key in data:
        if key in ("format", "sha256"):
            continue
        other = {**data, key: "another"}
        with pytest.raises(CosearchError, match="changed after it was made"):
            Measurement.from_dict(other)
        changed += 1
    assert changed == 12
    data["rounds_s"][1][0] *= 0.9
    with pytest.raises(CosearchError, match="changed after it was made"):
        Measurement.from_dict(data)


@pytest.mark.parametrize("data", [None, [], {}, {"format": "other"}, {"format": FORMAT}])
def test_what_is_no_record_is_refused(data) -> None:
    with pytest.raises(CosearchError, match=r"x\.json: "):
        Measurement.from_dict(data, "x.json")


def test_the_hash_is_of_what_is_computed(tiny) -> None:
    names = {node.name: f"n{i}" for i, node in enumerate(tiny.nodes)}
    renamed = Network(
        "other",
        tuple(
            Node(names[n.name], n.op, tuple(names[s] for s in n.inputs), n.shape, n.attributes)
            for n in tiny.nodes
        ),
    )
    assert model_hash(renamed) == model_hash(tiny)
    last = tiny.nodes[-1]
    biased = Node(last.name, last.op, last.inputs, last.shape, {**last.attributes, "bias": False})
    assert model_hash(Network("tiny", (*tiny.nodes[:-1], biased))) != model_hash(tiny)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system cannot pin")
def test_pinning_holds_inside_and_ends(stage, tiny) -> None:
    before = os.sched_getaffinity(0)
    core = min(before)
    with pinned((core,)):
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before
    with pytest.raises(CosearchError, match="cores 4096: this process may use"):
        staged(stage, tiny, Settings(cores=(4096,)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"precision": "fp8"}, "precision 'fp8': allowed are fp32, int8"),
        ({"batch": 0}, "batch 0: at least 1"),
        ({"threads": -1}, "threads -1: at least 1"),
        ({"rounds": 5, "max_rounds": 4}, "max_rounds 4: at least 5"),
        ({"round_s": np.nan}, "round_s nan"),
        ({"max_noise": 0}, "max_noise 0"),
        ({"reference_s": 0.0}, "reference_s 0"),
        ({"cores": (-1,)}, "cores -1"),
    ],
)
def test_bad_settings_are_named(change, message) -> None:
    with pytest.raises(CosearchError, match=message):
        Settings(**change)
