"""Run one command of a device; say which one failed, and how."""

from __future__ import annotations

import shlex
import subprocess
from typing import Final

from cosearch.errors import CosearchError

_LONG: Final = 300


def run_command(device: str, command: list[str], places: dict[str, str], timeout_s: float) -> None:
    """`command` with its places filled; `CosearchError` if it fails, hangs, or does not exist."""
    words = [word.format_map(places) for word in command]
    shown = shlex.join(words)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise CosearchError(
            f"device {device}: `{shown}` did not end within {timeout_s:g} s"
        ) from error
    except OSError as error:
        why = error.strerror
        raise CosearchError(f"device {device}: `{shown}` cannot be run: {why}") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise CosearchError(
            f"device {device}: `{shown}` ended with exit code {done.returncode} and said: "
            f"{said[:_LONG]}"
        )
