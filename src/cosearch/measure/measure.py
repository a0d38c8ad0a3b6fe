"""`measure`: how long one inference takes on this machine, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cosearch.errors import CosearchError
from cosearch.measure.device import describe_device, harness
from cosearch.measure.measurement import Measurement
from cosearch.measure.model_hash import model_hash, model_name
from cosearch.measure.pinning import pinned
from cosearch.measure.reference import reference_session
from cosearch.measure.runtime import Model, Session
from cosearch.measure.runtimes import find_runtime
from cosearch.measure.settings import Settings
from cosearch.measure.statistics import Statistics, summarise
from cosearch.measure.timing import Clock, time_round
from cosearch.progress import Progress, silent


class NoisyMachineError(CosearchError):
    """The machine was too noisy for the figure to be worth anything."""


def measure(
    model: Model,
    on: str = "onnxruntime",
    settings: Settings | None = None,
    *,
    accept_noise: bool = False,
    clock: Clock = time.perf_counter,
    progress: Progress = silent,
) -> Measurement:
    """Time a network, or a file of the runtime's format, on the runtime `on`.

    `accept_noise` keeps a figure that would be refused, and marks it. Raises `CosearchError` for
    what the runtime cannot run, `NoisyMachineError` where the noise stays above the bound.
    """
    settings = settings or Settings()
    runtime = find_runtime(on)
    runtime.check(model, settings)
    backend = runtime.backend()
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with pinned(settings.cores):
        session = backend.prepare(model, settings)
        reference = reference_session(on, settings)
        rounds, references, statistics = _rounds(session, reference, settings, clock, progress)
    too_noisy = statistics.noise > settings.max_noise
    name = model_name(model)
    if too_noisy and not accept_noise:
        raise NoisyMachineError(_refusal(name, on, statistics, settings))
    return Measurement(
        model=name,
        model_sha256=model_hash(model),
        runtime=on,
        versions=backend.versions(),
        device=describe_device(),
        harness=harness(),
        time=began,
        settings=settings,
        statistics=statistics,
        rounds_s=rounds,
        reference_rounds_s=references,
        too_noisy=too_noisy,
    )


def _rounds(
    session: Session, reference: Session, settings: Settings, clock: Clock, progress: Progress
) -> tuple[Any, Any, Statistics]:
    """As many rounds as it takes to be sure, within the settings' bounds; and what they say."""
    for _ in range(settings.warm_up):
        session.run()
        reference.run()
    rounds: list[np.ndarray] = []
    references: list[np.ndarray] = []
    while True:
        taken, beside = time_round(session, reference, settings, clock)
        rounds.append(taken)
        references.append(beside)
        if len(rounds) < settings.rounds:
            progress("measure", len(rounds), settings.rounds)
            continue
        statistics = summarise(rounds, references, settings.reference_s)
        progress("measure", len(rounds), len(rounds), f"noise {statistics.noise:.1%}")
        if statistics.noise <= settings.max_noise or len(rounds) == settings.max_rounds:
            return _plain(rounds), _plain(references), statistics


def _plain(rounds: Sequence[np.ndarray]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(samples.tolist()) for samples in rounds)


def _refusal(name: str, on: str, statistics: Statistics, settings: Settings) -> str:
    return (
        f"{name} on {on}: the machine was too noisy: noise {statistics.noise:.1%} after "
        f"{settings.max_rounds} rounds, allowed is {settings.max_noise:.1%} (the reference "
        f"workload drifted by {statistics.drift:.1%}); try again when it is quiet, or accept it"
    )
