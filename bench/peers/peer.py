"""What one tool took for which layers, and the layers themselves."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Layer = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """Where the peers are. `None`: not here, and the peer is skipped."""

    build: Path
    python: Path  # of the environment with zigzag-dse and scalesim
    maestro: Path | None = None  # a checkout
    timeloop: Path | None = None  # the binary timeloop-mapper


@dataclass(frozen=True)
class Result:
    """Seconds a layer, by layer name; or why there are none."""

    peer: str
    does: str  # for one layer
    version: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    cycles: dict[str, float] = field(default_factory=dict)
    skipped: str = ""


class PeerMissingError(Exception):
    """The peer is not on this machine; the message says what would bring it."""


def run_side(setting: Setting, script: str, layers: Sequence[Layer], folder: Path) -> Any:
    """Run `side/script` with the peers' interpreter; its last line is JSON."""
    if not setting.python.exists():
        raise PeerMissingError(f"no interpreter at {setting.python}; `make bench-peers` makes it")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [str(setting.python), str(Path(__file__).parent / "side" / script)],
        input=json.dumps({"layers": list(layers), "folder": str(folder)}),
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    if done.returncode:
        raise PeerMissingError(f"{script} failed: {last_line(done.stderr)}")
    return json.loads(last_line(done.stdout))


def last_line(text: str) -> str:
    """The last line that is not empty, or ''."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def git_version(checkout: Path) -> str:
    """The tag or commit of a checkout; 'unknown' where git does not know it."""
    command = ["git", "-C", str(checkout), "describe", "--tags", "--always"]
    told = subprocess.run(command, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"
