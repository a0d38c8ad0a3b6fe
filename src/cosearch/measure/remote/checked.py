"""JSON into a pydantic model, or one line that says what is wrong with it."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cosearch.errors import CosearchError

M = TypeVar("M", bound=BaseModel)


def checked(kind: type[M], data: Any, where: str) -> M:
    """`CosearchError` begins with `where` and names the field."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        place = (where, ".".join(map(str, problem["loc"])))
        message = problem["msg"].removeprefix("Value error, ")
        raise CosearchError(": ".join([*filter(None, place), message])) from error
