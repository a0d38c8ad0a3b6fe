"""`run spos`: uniform paths, then evolution."""

from __future__ import annotations

from typing import Annotated

import typer

from cosearch.cli.run import trained_options as options
from cosearch.cli.run.start import Json, Out, Seed, start

Paths = Annotated[
    str | None,
    typer.Option(
        help="Train on paths of these shares of the latency limit, e.g. 0.9:1.1. Default: any."
    ),
]
Trials = Annotated[int, typer.Option(help="Networks scored with shared weights.")]
Optimizer = Annotated[str, typer.Option(help="See `cosearch list optimizers`.")]


def spos(
    data: options.Data = "digits",
    size: options.Size = None,
    images: options.Images = None,
    space: options.Space = "spos",
    width: options.Width = 1.0,
    on: options.On = "small-edge",
    latency: options.Latency = None,
    energy: options.Energy = None,
    precision: options.Precision = None,
    max_noise: options.MaxNoise = 0.25,
    paths: Paths = None,
    trials: Trials = 400,
    scored_in: options.ScoredIn = "fp32",
    optimizer: Optimizer = "genetic",
    supernet_epochs: options.SupernetEpochs = None,
    epochs: options.Epochs = None,
    seed: Seed = 0,
    workers: options.Workers = 1,
    threads: options.Threads = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The most accurate network of a space within a limit, by a supernet of single paths."""
    start(
        "spos",
        out,
        "spos",
        as_json,
        **options.on_target(on, latency, energy),
        precision=precision,
        max_noise=max_noise,
        data=data,
        size=size,
        images=images,
        space=space,
        width=width,
        paths=paths,
        trials=trials,
        scored_in=scored_in,
        optimizer=optimizer,
        supernet_epochs=supernet_epochs,
        epochs=epochs,
        seed=seed,
        workers=workers,
        threads=threads,
    )
