"""`Piecewise`: what networks that differ in widths take on a device, told by their pieces.

Few pieces change from one width to the next, so few are measured; and a change of one piece shows,
which would drown in the noise of a whole network. As NetAdapt's tables by layer (arXiv 1804.03230),
filled as they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.calibrate.pieces import pieces, places
from cosearch.measure.model_hash import model_hash
from cosearch.networks import Network


@dataclass(frozen=True)
class Piecewise:
    """Networks of one graph, at any widths, on one device.

    Every piece and every whole network is measured once, and kept in the journal of `measured`.
    """

    measured: MeasuredLatency
    at: tuple[str, ...]  # where pieces end
    known: dict[str, float] = field(default_factory=dict)  # seconds by hash

    @classmethod
    def of(cls, measured: MeasuredLatency, network: Network) -> Piecewise:
        """Cut where `network` is narrow."""
        return cls(measured, places(network))

    def sums_s(self, networks: Sequence[Network]) -> list[float]:
        """Seconds of all pieces of each. Each pays for a call of its own: compare, do not trust."""
        parts = [pieces(network, self.at) for network in networks]
        self._know([piece for row in parts for piece in row])
        return [sum(self.known[model_hash(piece)] for piece in row) for row in parts]

    def whole_s(self, network: Network) -> float:
        """Seconds of all of it, in one."""
        self._know([network])
        return self.known[model_hash(network)]

    def _know(self, networks: Sequence[Network]) -> None:
        """Measure what is not known yet; what was before a run was killed is in the journal."""
        missing = {model_hash(network): network for network in networks}
        asked = [network for key, network in missing.items() if key not in self.known]
        if not asked:
            return
        seconds = self.measured.latency_s(asked).tolist()
        self.known.update(zip(map(model_hash, asked), seconds, strict=True))
