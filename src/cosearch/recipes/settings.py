"""What a person may set of any run; stored in its manifest, so that a resumed run has the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class Settings:
    """What all recipes share; a recipe's own settings are a subclass beside it."""

    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        self.at_least(0, "seed")
        self.at_least(1, "workers")

    def at_least(self, least: int, *names: str) -> None:
        """Raise `CosearchError` for a setting below `least`; None stands for a default."""
        for name in names:
            value = getattr(self, name)
            if value is not None and value < least:
                raise CosearchError(f"{name} = {value}: at least {least} is needed")

    def validate(self) -> None:
        """Raise `CosearchError` for what the library does not know; nothing is written yet."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild; `CosearchError` where a key is unknown."""
        try:
            return cls(**data)
        except TypeError as error:
            raise CosearchError(f"settings: {error}") from error
