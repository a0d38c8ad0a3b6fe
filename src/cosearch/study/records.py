"""Append-only records: one JSON object a line, on the disk before anyone is told."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cosearch.errors import CosearchError


class Records:
    """A file of lines. A line half-written by a killed process is dropped when reading."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> list[dict[str, Any]]:
        """All whole records; cuts a torn tail off the file so that appending can go on.

        Raises `CosearchError` for damage anywhere but at the end.
        """
        data, whole = self._bytes()
        if len(whole) < len(data):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
        return self._parsed(whole)

    def read(self) -> list[dict[str, Any]]:
        """As `load`, but leaves the file alone: another process may be writing it."""
        return self._parsed(self._bytes()[1])

    def _bytes(self) -> tuple[bytes, bytes]:
        """What is there, and the whole lines of it."""
        data = self.path.read_bytes() if self.path.exists() else b""
        return data, data[: data.rfind(b"\n") + 1]

    def _parsed(self, lines: bytes) -> list[dict[str, Any]]:
        return [self._parse(number, line) for number, line in enumerate(lines.splitlines(), 1)]

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows and wait until the disk has them."""
        text = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:
                data = memoryview(text.encode())
                while data:
                    data = data[file.write(data) :]
                os.fsync(file.fileno())
        except OSError as error:
            raise CosearchError(f"cannot write {self.path}: {error.strerror}") from error

    def _parse(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CosearchError(f"{self.path}, line {number}: not a record: {error}") from error
        if not isinstance(row, dict):
            raise CosearchError(f"{self.path}, line {number}: not a record")
        return row
