"""What a policy drew and became: for plots, and for whoever asks why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass
class PolicyHistory:
    """By step of the policy what it drew; by epoch its entropies and the step it had reached."""

    rewards: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)  # of a batch, with the weights of then
    ratios: list[list[float]] = field(default_factory=list)  # of limited metrics to their limits
    entropies: list[list[float]] = field(default_factory=list)  # by epoch and knob, in nats
    steps: list[int] = field(default_factory=list)  # behind us at each epoch's end

    def add(self, reward: float, accuracy: float, ratios: Any) -> None:
        """After a step."""
        self.rewards.append(reward)
        self.accuracies.append(accuracy)
        self.ratios.append([float(ratio) for ratio in ratios])

    def close_epoch(self, entropies: Any) -> None:
        """At the end of an epoch."""
        self.entropies.append([float(entropy) for entropy in entropies])
        self.steps.append(len(self.rewards))

    def by_epoch(self, name: str) -> list[Any]:
        """Mean of `rewards`, `accuracies` or `ratios` over each epoch; None where nothing was."""
        values, starts = getattr(self, name), [0, *self.steps]
        parts = [values[a:b] for a, b in zip(starts, self.steps, strict=False)]
        return [np.mean(part, axis=0).tolist() if part else None for part in parts]

    def state_dict(self) -> dict[str, Any]:
        """`load_state_dict` reverses it."""
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what another held."""
        for name, value in state.items():
            setattr(self, name, [*value])
