"""Options that all recipes share which train networks on a person's images for one device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cosearch.cli.run.start import quantity

Data = Annotated[str, typer.Option(help="See `cosearch list datasets`; or folder:PATH.")]
Size = Annotated[int | None, typer.Option(help="Scale images to so many pixels a side.")]
Images = Annotated[int | None, typer.Option(help="Train on so many of the images only.")]
Space = Annotated[str, typer.Option(help="Networks to search: see `cosearch list spaces`.")]
Width = Annotated[float, typer.Option(help="Channels, as a multiple of the published ones.")]
On = Annotated[
    str,
    typer.Option(
        help="A device of `cosearch list devices`, its file, a calibration or a lookup table; or a "
        "runtime of `cosearch list runtimes` or a remote device's file: measured."
    ),
]
Latency = Annotated[
    str | None,
    typer.Option(help="At most this, e.g. '5 ms'; bare = ms. Default: a quarter of all reach it."),
]
Energy = Annotated[
    str | None, typer.Option(help="At most this per inference, e.g. '0.2 mJ'; bare = mJ.")
]
Precision = Annotated[str | None, typer.Option(help="Measuring: fp32 or int8.")]
MaxNoise = Annotated[
    float, typer.Option(help="Measuring: what is noisier is measured up to three times.")
]
SupernetEpochs = Annotated[
    int | None, typer.Option(help="Epochs of the supernet; default by number of images.")
]
Epochs = Annotated[
    int | None, typer.Option(help="Epochs of the winner alone; default by number of images.")
]
ScoredIn = Annotated[
    str, typer.Option(help="Precision in which shared weights score a network: fp32 or int8.")
]
Workers = Annotated[int, typer.Option(help="Processes; the result is the same.")]
Threads = Annotated[int, typer.Option(help="CPU threads for training; more pay from 32 pixels on.")]


def on_target(on: str, latency: str | None, energy: str | None) -> dict[str, Any]:
    """Device and limits as settings have them: files by their whole path, SI units."""
    return {
        "on": str(Path(on).resolve()) if on.endswith(".json") else on,
        "latency_s": quantity(latency, "time", "ms"),
        "energy_j": quantity(energy, "energy", "mJ"),
    }
