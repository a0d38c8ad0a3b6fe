"""An analytic model corrected by measured networks, and how far it is off on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.check import Check, check
from cosearch.calibrate.starting import modelled
from cosearch.cost.learned.calibrated import CalibratedModel
from cosearch.cost.learned.correction import Correction, correct_best
from cosearch.cost.lookup import fit_correction
from cosearch.cost.models import Device
from cosearch.networks import Layers


@dataclass(frozen=True)
class Fitted:
    """The device that suits, its correction, and how that does: on the samples, and on others."""

    device: Device
    correction: Correction
    left_out: Check  # each sample predicted from the others
    held_out: Check | None = None
    macs: Check | None = None  # a line through the samples' MACs, on the same networks

    @property
    def checks(self) -> dict[str, Any]:
        """As plain data."""
        found = {"left_out": self.left_out, "held_out": self.held_out, "macs": self.macs}
        return {name: each and each.to_dict() for name, each in found.items()}


def fit(
    devices: Sequence[Device],
    samples: Layers,
    samples_s: Float[ndarray, " m"],
    held_out: Layers,
    held_out_s: Float[ndarray, " h"],
) -> Fitted:
    """Correct each device by the samples; the one that makes them most probable stays.

    What is held out (none, or several) is predicted only when all is fitted.
    """
    times = [modelled(device, samples) for device in devices]
    best, correction = correct_best(times, samples_s)
    device, left_out = devices[best], _left_out(correction)
    if not len(held_out_s):
        return Fitted(device, correction, left_out)
    model = CalibratedModel("fitted now", device.model, device.file.columns(), correction)
    predicted_s, spread = model.predict(held_out)
    by_macs = _by_macs(samples, samples_s, held_out)
    return Fitted(
        device,
        correction,
        left_out,
        check(predicted_s, held_out_s, spread),
        check(by_macs, held_out_s),
    )


def _left_out(found: Correction) -> Check:
    """Of each sample by the others, with the variances fitted on all."""
    predicted_s = found.measured_s * np.exp(-found.left_out_errors)
    return check(predicted_s, found.measured_s, 1 / np.sqrt(np.diag(found.precision)))


def _by_macs(samples: Layers, samples_s: ndarray, others: Layers) -> Float[ndarray, " h"]:
    """A line through the samples' MACs."""
    macs, wanted = (each.macs.sum(axis=1).astype(float) for each in (samples, others))
    line = fit_correction(macs, np.zeros(len(macs), dtype=int), samples_s)
    return line(wanted, np.zeros(len(wanted), dtype=int))
