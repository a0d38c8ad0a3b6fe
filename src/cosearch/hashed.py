"""Plain data with a hash over all of it: a change after it was written is seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from cosearch.errors import CosearchError

HASH: Final = "sha256"


def hashed(form: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` as JSON would give them back, with the name of their format and their hash."""
    # through JSON, so that what is hashed is what is read back
    plain: dict[str, Any] = json.loads(json.dumps({"format": form, **fields}))
    return {**plain, HASH: _hash(plain)}


def unhashed(data: Any, form: str, what: str) -> dict[str, Any]:
    """The fields again; `CosearchError` for another format and for data changed since.

    `what` names the thing and where it is from.
    """
    found = data.get("format") if isinstance(data, dict) else None
    if found != form:
        raise CosearchError(f"{what}: format {found!r}, needed is {form!r}")
    plain = {key: value for key, value in data.items() if key != HASH}
    if _hash(plain) != data.get(HASH):
        raise CosearchError(
            f"{what}: {HASH} is {_hash(plain)}, it says {data.get(HASH)}: "
            "it was changed after it was made"
        )
    return {key: value for key, value in plain.items() if key != "format"}


def is_format(data: Any, form: str) -> bool:
    """Whether JSON says that it is of this format."""
    return isinstance(data, dict) and data.get("format") == form


def _hash(plain: Mapping[str, Any]) -> str:
    """Of JSON with sorted keys and no blanks."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
