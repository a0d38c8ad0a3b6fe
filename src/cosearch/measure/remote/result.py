"""What comes back from a remote device: JSON, checked by pydantic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cosearch.errors import CosearchError
from cosearch.measure.remote.checked import checked

Seconds = Annotated[float, Field(gt=0)]
Round = Annotated[list[Seconds], Field(min_length=1)]
Rounds = Annotated[list[Round], Field(min_length=1)]


class RemoteResult(BaseModel):
    """Seconds, a list per round, of the model and of the reference beside it; and what ran them."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    rounds_s: Rounds
    reference_rounds_s: Rounds
    versions: dict[str, str] = {}
    device: dict[str, Any] = {}

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.rounds_s) != len(self.reference_rounds_s):
            raise ValueError(
                f"{len(self.rounds_s)} rounds of the model, "
                f"{len(self.reference_rounds_s)} of the reference: need as many"
            )
        return self

    @classmethod
    def read(cls, path: Path, device: str) -> Self:
        """`CosearchError` names the device and what is wrong with its answer."""
        where = f"device {device} answered what is no result"
        try:
            data = json.loads(path.read_bytes())
        except ValueError as error:
            raise CosearchError(f"{where}: {error}") from error
        return checked(cls, data, where)
