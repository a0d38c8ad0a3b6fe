"""`run netadapt`: a network narrowed until it keeps a limit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosearch.cli.run.start import Json, Out, Seed, start
from cosearch.cli.run.trained_options import (
    Data,
    Energy,
    Epochs,
    Images,
    MaxNoise,
    On,
    Precision,
    Size,
    Threads,
    on_target,
)


def netadapt(
    network: Annotated[
        str,
        typer.Argument(
            help="A network of `cosearch list networks`, an ONNX file with its weights, or the "
            "folder of another run."
        ),
    ] = "mobilenet-v2-0.35",
    data: Data = "digits",
    size: Size = None,
    images: Images = None,
    on: On = "small-edge",
    latency: Annotated[
        str | None,
        typer.Option(help="At most this, e.g. '5 ms'; bare = ms. Default: see --share."),
    ] = None,
    energy: Energy = None,
    precision: Precision = None,
    max_noise: MaxNoise = 0.25,
    share: Annotated[
        float, typer.Option(help="Without a limit: of the latency that cuts can save, to be saved.")
    ] = 0.5,
    step: Annotated[
        float, typer.Option(help="What every cut saves, as a share of the first network's cost.")
    ] = 0.03,
    multiple: Annotated[int, typer.Option(help="Widths after a cut are multiples of this.")] = 8,
    norm: Annotated[int, typer.Option(help="Filters of least L1 or L2 norm go: 1 or 2.")] = 2,
    rule: Annotated[
        str,
        typer.Option(help="ratio: accuracy lost per cost saved; accuracy: of the proposal alone."),
    ] = "ratio",
    tune_steps: Annotated[
        int, typer.Option(help="Training steps of every proposal before it is judged.")
    ] = 30,
    tune_lr: Annotated[
        float, typer.Option(help="Learning rate of these, and of the long training at the end.")
    ] = 0.02,
    first_epochs: Annotated[
        int | None, typer.Option(help="Epochs of a network of the zoo before it is cut.")
    ] = None,
    epochs: Epochs = None,
    int8_epochs: Annotated[
        int, typer.Option(help="Epochs under fake quantisation, for a second int8 file.")
    ] = 0,
    seed: Seed = 0,
    threads: Threads = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """A trained network cut, channel by channel, until it keeps a limit on one device.

    Every step, each group of channels that come and go together proposes a cut; each proposal is
    trained a little, and the best is kept. Weights go along; at the end they are trained long.
    """
    start(
        "netadapt",
        out,
        "netadapt",
        as_json,
        **on_target(on, latency, energy),
        network=str(Path(network).resolve()) if Path(network).exists() else network,
        precision=precision,
        max_noise=max_noise,
        data=data,
        size=size,
        images=images,
        share=share,
        step=step,
        multiple=multiple,
        norm=norm,
        rule=rule,
        tune_steps=tune_steps,
        tune_lr=tune_lr,
        first_epochs=first_epochs,
        epochs=epochs,
        int8_epochs=int8_epochs,
        seed=seed,
        threads=threads,
    )
