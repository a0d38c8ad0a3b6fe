"""A device as the command line names it: by name or file, with some settings changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cosearch.errors import CosearchError

if TYPE_CHECKING:
    from cosearch.cost.models import Device


def chosen_device(name: str, settings: Sequence[str]) -> Device:
    """The device `name`, each of `settings` (KEY=VALUE) put in its file's place of that key."""
    from cosearch.cost.models import Device, find_device
    from cosearch.hardware.device_file import parse_as

    device = find_device(name)
    if not settings:
        return device
    changes = dict(_setting(text) for text in settings)
    data = device.file.model_dump() | changes
    as_published = f"{data['name']} with {', '.join(settings)}"
    return Device(parse_as(type(device.file), data | {"name": as_published}, name))


def _setting(text: str) -> tuple[str, Any]:
    """KEY=VALUE; a value that is no JSON is a word."""
    key, separator, value = text.partition("=")
    if not key or not separator or key in ("kind", "name", "source"):
        raise CosearchError(f"--set {text}: needs the form KEY=VALUE, a number's key and value")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value
