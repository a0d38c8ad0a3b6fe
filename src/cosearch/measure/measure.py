"""`measure`: how long one inference takes on a device, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.measure.device import harness
from cosearch.measure.measurement import Measurement
from cosearch.measure.model_hash import model_hash, model_name
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.measure.statistics import Statistics, summarise
from cosearch.measure.target import Clock, Take, Taken, find_target
from cosearch.networks import Network
from cosearch.progress import Progress, silent

DEFAULT: Final = Settings()


class NoisyMachineError(CosearchError):
    """The machine was too noisy for the figure to be worth anything."""


def measure(
    model: Model,
    on: str = "onnxruntime",
    settings: Settings = DEFAULT,
    *,
    accept_noise: bool = False,
    clock: Clock = time.perf_counter,
    progress: Progress = silent,
) -> Measurement:
    """Time a network, or a file of the runtime's format, on a runtime or a remote device.

    `on` is a name of `RUNTIMES`, or the path of a device file, NAME.json. `accept_noise` keeps a
    figure that would be refused, and marks it. Raises `CosearchError` for what cannot be run
    there, `NoisyMachineError` where the noise stays above the bound.
    """
    target = find_target(on)
    if settings.shape and isinstance(model, Network) and settings.shape != model.input_shape:
        raise CosearchError(
            f"shape {settings.shape}: {model.name} takes {model.input_shape}; networks are "
            "`resized` before they are measured"
        )
    target.check(model, settings)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with target.open(model, settings, clock) as take:
        taken, statistics = _collect(take, settings, progress)
    why = _doubts(len(taken.rounds), statistics, settings)
    if why and not accept_noise:
        raise NoisyMachineError(f"{model_name(model)} on {target.name}: {why}")
    versions, device = target.describe()
    return Measurement(
        model=model_name(model),
        model_sha256=model_hash(model),
        runtime=target.name,
        versions=versions,
        device=device,
        harness=harness(),
        time=began,
        settings=settings,
        statistics=statistics,
        rounds_s=_plain(taken.rounds),
        reference_rounds_s=_plain(taken.reference),
        too_noisy=bool(why),
    )


def _collect(take: Take, settings: Settings, progress: Progress) -> tuple[Taken, Statistics]:
    """As many rounds as it takes to be sure, within the settings' bounds; and what they say."""
    rounds: list[Float[ndarray, " n"]] = []
    reference: list[Float[ndarray, " m"]] = []
    while True:
        taken = take()
        rounds += taken.rounds
        reference += taken.reference
        done = len(rounds)
        if done < settings.rounds:
            progress("rounds", done, settings.rounds)
            continue
        statistics = summarise(rounds, reference, settings.reference_s)
        progress("rounds", done, done, f"noise {statistics.noise:.1%}")
        if statistics.noise <= settings.max_noise or done >= settings.max_rounds:
            return Taken(rounds, reference), statistics


def _plain(rounds: Sequence[Float[ndarray, " n"]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(samples.tolist()) for samples in rounds)


def _doubts(rounds: int, found: Statistics, settings: Settings) -> str:
    """Why the figure is worth nothing; empty if it is worth something."""
    if found.leaps:
        return (
            f"{found.leaps} of the runs took over a second and over 100 times the median: "
            "the clock leapt or the machine slept; try again, or accept it"
        )
    if found.noise <= settings.max_noise:
        return ""
    return (
        f"the machine was too noisy: noise {found.noise:.1%} after {rounds} rounds, "
        f"allowed is {settings.max_noise:.1%} (the reference workload drifted by "
        f"{found.drift:.1%}); try again when it is quiet, or accept it"
    )
