"""`CalibratedSpace`: the latency of genomes and networks by a calibration, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.calibrate.space_fingerprint import space_fingerprint
from cosearch.cost.learned.calibrated import CalibratedModel
from cosearch.cost.learned.calibration import Calibration
from cosearch.cost.models import CalibratedDevice, Device, calibrated_device
from cosearch.networks import Network

Predicted = tuple[Float[ndarray, " n"], Float[ndarray, " n"]]


@dataclass(frozen=True)
class CalibratedSpace:
    """A space beside what a calibration says of its networks."""

    family: Any
    model: CalibratedModel

    @classmethod
    def of(cls, calibration: Calibration, family: Any) -> Self:
        """Refuses a calibration of another space, or of one that decodes otherwise."""
        device = calibrated_device(calibration)
        check_space(device, family)
        return cls(family, device.model)

    def predict(self, genomes: Int[ndarray, "n d"]) -> Predicted:
        """(seconds of one batch, standard deviation of their logarithm). No network is built."""
        return self.model.predict(self.family.decode(genomes))

    def latency_s(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Seconds of one batch."""
        return self.predict(genomes)[0]

    def predict_networks(self, networks: Sequence[Network]) -> Predicted:
        """As `predict`; the less a network is like those of the space, the wider the spread."""
        found = np.array([self.model.predict(network.layers) for network in networks])
        return found[:, 0], found[:, 1]


def check_space(device: Device, family: Any) -> None:
    """Refuse a device that was calibrated for another space; others take any network."""
    if isinstance(device, CalibratedDevice):
        device.calibration.check_space(family.name, space_fingerprint(family))
