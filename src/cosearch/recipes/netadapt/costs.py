"""What networks cost on the target, however that is known: of a model, or measured in the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cosearch.calibrate.journal import Journal
from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.calibrate.piecewise import Piecewise
from cosearch.cost import Cost
from cosearch.cost.models import Device
from cosearch.deep.netadapt import Adapted, CostsOf
from cosearch.networks import Network
from cosearch.progress import Progress, renamed
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.place import Place
from cosearch.recipes.trained.target import Target

MEASURED = "measured.jsonl"


class Costs(Protocol):
    """In s, or in J where that is what is limited."""

    def told(self, networks: Sequence[Network]) -> list[float]:
        """Of networks of one graph at several widths: how they differ is what counts."""
        ...

    def whole(self, network: Network) -> float:
        """What one takes, as well as it can be known here."""
        ...


@dataclass(frozen=True)
class Modelled:
    """By the model of a device."""

    device: Device
    metric: str

    def told(self, networks: Sequence[Network]) -> list[float]:
        """The model's figure itself."""
        return [self.whole(network) for network in networks]

    def whole(self, network: Network) -> float:
        """The same."""
        cost: Cost = self.device(network.layers).sum(-1)
        return float(getattr(cost, self.metric))


@dataclass(frozen=True)
class Measured:
    """On a runtime or a remote device: differences by pieces, what is left as a whole."""

    pieces: Piecewise

    def told(self, networks: Sequence[Network]) -> list[float]:
        """Sums of pieces."""
        return self.pieces.sums_s(networks)

    def whole(self, network: Network) -> float:
        """Measured in one."""
        return self.pieces.whole_s(network)


def costs_on(
    target: Target, folder: RunFolder[NetadaptSettings], network: Network, progress: Progress
) -> Costs:
    """Of `network` cut to any widths."""
    if target.device is not None:
        return Modelled(target.device, folder.settings.metric)
    assert target.place is not None
    return Measured(_pieces(target.place, folder, network, progress))


def _pieces(
    place: Place, folder: RunFolder[NetadaptSettings], network: Network, progress: Progress
) -> Piecewise:
    journal = Journal(folder.path / MEASURED, place.on, place.settings)
    measured = MeasuredLatency(journal, progress=renamed(progress, "measure"))
    return Piecewise.of(measured, network)


def beside(costs: Costs, now: Adapted) -> CostsOf:
    """What networks cost that are cut from `now`, whose cost is known best as a whole.

    Calls and copies that pieces pay and the whole does not are as many in all of them.
    """
    above = now.cost - costs.told([now.network])[0]
    return lambda networks: [above + told for told in costs.told(networks)]
