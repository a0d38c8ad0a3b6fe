"""Calibrating: a handful of networks measured, an analytic model corrected, its errors reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cosearch.calibrate.choosing import Chosen, choose_networks
from cosearch.calibrate.fitting import Fitted, fit
from cosearch.calibrate.journal import Journal, Measure
from cosearch.calibrate.manifest import manifest
from cosearch.calibrate.space_fingerprint import space_fingerprint
from cosearch.calibrate.starting import starting_models
from cosearch.calibrate.visits import Visits
from cosearch.cost.learned.calibration import Calibration, write_calibration
from cosearch.cost.learned.correction_data import to_plain
from cosearch.cost.models import Device
from cosearch.families.distinct import block_key
from cosearch.measure import Settings, measure
from cosearch.progress import Progress, silent


@dataclass(frozen=True)
class Job:
    """What is to be calibrated, on what, with how much."""

    family: Any
    on: str
    settings: Settings
    samples: int = 20
    held_out: int = 20
    models: tuple[str, ...] = ()  # devices by name or file; none: processors
    seed: int = 0
    visits: int = 1  # to each network, the others between

    @property
    def devices(self) -> list[Device]:
        """The analytic models to start from."""
        return starting_models(self.models, self.settings.precision)

    @property
    def subject(self) -> dict[str, str]:
        """The space, with its fingerprint."""
        return {"space": self.family.name, "fingerprint": space_fingerprint(self.family)}


def calibrate(
    job: Job,
    out: Path,
    *,
    accept_noise: bool = False,
    progress: Progress = silent,
    take: Measure = measure,
) -> tuple[Calibration, Fitted]:
    """Choose networks, measure them, fit, and write the calibration to `out`.

    Every measurement is kept in `samples_file(out)` as soon as it is taken: where the work stopped,
    the next call goes on, and more samples next time cost only those. Raises `CosearchError` as
    `choose_networks` and `Journal.measure_all` do.
    """
    devices = job.devices
    chosen = choose_networks(job.family, devices[0], job.samples, job.held_out, job.seed)
    genomes = np.concatenate([chosen.samples, chosen.held_out])
    networks = {block_key(each): each for each in map(job.family.network, genomes)}
    journal = Journal(samples_file(out), job.on, job.settings, job.subject, take, job.visits)
    taken = journal.measure_all(networks, accept_noise=accept_noise, progress=progress)
    fitted = _fit(job, devices, chosen, list(taken.values()))
    calibration = _calibration(job, fitted, taken)
    write_calibration(out, calibration)
    return calibration, fitted


def samples_file(out: Path) -> Path:
    """Where the measurements of the calibration `out` are kept, raw samples included."""
    return out.with_suffix(".samples.jsonl")


def _fit(job: Job, devices: list[Device], chosen: Chosen, taken: list[Visits]) -> Fitted:
    measured_s = np.array([each.latency_s for each in taken])
    samples, held_out = (job.family.decode(each) for each in (chosen.samples, chosen.held_out))
    split = len(chosen.samples)
    return fit(devices, samples, measured_s[:split], held_out, measured_s[split:])


def _calibration(job: Job, fitted: Fitted, taken: Mapping[str, Visits]) -> Calibration:
    hashes = [{"network": key, "sha256": "+".join(each.sha256)} for key, each in taken.items()]
    return Calibration(
        **job.subject,
        manifest=manifest(job.on, list(taken.values())),
        device=fitted.device.file.model_dump(),
        samples=tuple(hashes[: job.samples]),
        errors=fitted.checks,
        correction=to_plain(fitted.correction),
    )
