"""Options and settings of the verbs that measure many networks of a space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cosearch.measure import Settings

Space = Annotated[str, typer.Option(help="A network space of `cosearch list spaces`.")]
On = Annotated[str, typer.Option("--on", help="A runtime, or a remote device: DEVICE.json.")]
Precision = Annotated[str, typer.Option(help="fp32 or int8.")]
Threads = Annotated[int, typer.Option(help="Threads of the runtime.")]
Visits = Annotated[
    int, typer.Option(help="To each network, the others between: shows the machine's pace.")
]
MaxNoise = Annotated[float, typer.Option(help="Relative noise above which a figure is refused.")]
AcceptNoise = Annotated[
    bool, typer.Option("--accept-noise", help="Keep noisier figures, and mark them.")
]


def settings(precision: str, threads: int, max_noise: float, visits: int) -> Settings:
    """How each network is measured; raises `CosearchError` for less than one visit."""
    from cosearch.errors import CosearchError
    from cosearch.measure import Settings

    if visits < 1:
        raise CosearchError(f"--visits {visits}: at least 1 is needed")
    return Settings(precision=precision, threads=threads, max_noise=max_noise)


def where(manifest: Mapping[str, Any]) -> str:
    """Runtime, precision, threads and processor of a table or a calibration."""
    return (
        f"{manifest['runtime']}, {manifest['precision']}, {manifest['threads']} thread(s), "
        f"{manifest['device'].get('cpu', manifest['on'])}"
    )
