"""A runtime of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cosearch.measure.device import describe_device
from cosearch.measure.pinning import pinned
from cosearch.measure.reference import reference_session
from cosearch.measure.runtime import Model, Runtime
from cosearch.measure.settings import Settings
from cosearch.measure.target import Clock, Take, Taken
from cosearch.measure.timing import time_round


@dataclass(frozen=True)
class LocalTarget:
    """In this process."""

    runtime: Runtime

    @property
    def name(self) -> str:
        """The runtime's."""
        return self.runtime.name

    def check(self, model: Model, settings: Settings) -> None:
        """That the runtime is installed, and takes this model and these settings."""
        self.runtime.check(model, settings)
        self.runtime.backend()

    @contextmanager
    def open(self, model: Model, settings: Settings, clock: Clock) -> Iterator[Take]:
        """Load model and reference and warm both up."""
        with pinned(settings.cores):
            session = self.runtime.backend().prepare(model, settings)
            reference = reference_session(self.runtime, settings)
            for _ in range(settings.warm_up):
                session.run()
                reference.run()

            def take() -> Taken:
                samples, beside = time_round(session, reference, settings, clock)
                return Taken([samples], [beside])

            yield take

    def describe(self) -> tuple[Mapping[str, str], Mapping[str, Any]]:
        """The runtime's versions, and this machine."""
        return self.runtime.backend().versions(), describe_device()
