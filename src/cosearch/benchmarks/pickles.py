"""Plain data out of others' pickles, without running what a pickle may ask for."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cosearch.errors import CosearchError


def read_plain(
    path: Path, allowed: Mapping[tuple[str, str], Callable[..., Any]] | None = None
) -> Any:
    """What a pickle holds, also inside a file of torch.save.

    Lists, dictionaries, numbers and text need no leave; what else it names must be in `allowed`.
    """
    try:
        raw = _of_torch(path) if zipfile.is_zipfile(path) else path.read_bytes()
        return _Plain(raw, allowed or {}).load()
    except (OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError,
            pickle.UnpicklingError, zipfile.BadZipFile) as error:  # fmt: skip
        raise CosearchError(f"{path}: not the plain data expected ({error})") from error


def _of_torch(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        return archive.read(name)


class _Plain(pickle.Unpickler):
    def __init__(self, raw: bytes, allowed: Mapping[tuple[str, str], Callable[..., Any]]) -> None:
        super().__init__(io.BytesIO(raw))
        self.allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        """Only what the caller named."""
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return self.allowed[module, name]
