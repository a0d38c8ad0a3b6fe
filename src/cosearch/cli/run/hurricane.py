"""`run hurricane`: a space made for the target, searched in two stages."""

from __future__ import annotations

from typing import Annotated

import typer

from cosearch.cli.run import trained_options as options
from cosearch.cli.run.spos import Optimizer, Paths, Trials
from cosearch.cli.run.start import Json, Out, Seed, start


def hurricane(
    data: options.Data = "digits",
    size: options.Size = None,
    images: options.Images = None,
    width: options.Width = 1.0,
    on: options.On = "small-edge",
    latency: options.Latency = None,
    energy: options.Energy = None,
    alpha: Annotated[
        float | None,
        typer.Option(help="Weight of capacity in a score. Default: the largest to suit the limit."),
    ] = None,
    best: Annotated[int, typer.Option(help="Operators a layer keeps by score.")] = 4,
    exploring: Annotated[int, typer.Option(help="More operators in the last layers.")] = 1,
    exploring_layers: Annotated[int, typer.Option(help="How many layers these are.")] = 4,
    stages: Annotated[int, typer.Option(help="2, or 1 to compare with.")] = 2,
    early: Annotated[int, typer.Option(help="Layers left to the second stage.")] = 8,
    first_share: Annotated[
        float, typer.Option(help="Of --supernet-epochs, what the first stage trains for.")
    ] = 0.3,
    second_share: Annotated[float, typer.Option(help="The same of the second stage.")] = 0.06,
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
    """A network within a limit, from a space made of the operators that the target likes."""
    start(
        "hurricane",
        out,
        "hurricane",
        as_json,
        **options.on_target(on, latency, energy),
        data=data,
        size=size,
        images=images,
        width=width,
        alpha=alpha,
        best=best,
        exploring=exploring,
        exploring_layers=exploring_layers,
        stages=stages,
        early=early,
        first_share=first_share,
        second_share=second_share,
        precision=precision,
        max_noise=max_noise,
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
