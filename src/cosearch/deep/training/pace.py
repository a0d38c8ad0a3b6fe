"""How often a long epoch says how it goes."""

from __future__ import annotations

import time
from typing import Final

EVERY_S: Final = 5.0


class Pace:
    """Due some seconds after the last report."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Something was reported."""
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether to report again."""
        return time.monotonic() - self._last > EVERY_S
