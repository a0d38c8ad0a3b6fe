"""A knob: one decision among ordered, finite choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cosearch.errors import CosearchError

Choice = int | float | str | bool


@dataclass(frozen=True)
class Knob:
    """One decision. A genome stores the index of the choice, not the choice.

    `when` gates the knob: it counts only while every named knob has one of the given values.
    """

    name: str
    choices: tuple[Choice, ...]
    when: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.choices:
            raise CosearchError(f"knob {self.name!r} has no choices: at least one is needed")
        if len(set(self.choices)) != len(self.choices):
            raise CosearchError(f"knob {self.name!r} repeats a choice: {self.choices}")

    def index(self, value: Choice) -> int:
        """Index of `value`; raises `CosearchError` naming the allowed choices."""
        if value not in self.choices:
            raise CosearchError(f"knob {self.name!r} = {value!r}: allowed are {self.choices}")
        return self.choices.index(value)
