"""`run fbnet`: differentiable search."""

from __future__ import annotations

from typing import Annotated

import typer

from cosearch.cli.run.start import Json, Out, Seed, start
from cosearch.cli.run.trained_options import (
    Data,
    Energy,
    Epochs,
    Images,
    Latency,
    MaxNoise,
    On,
    Precision,
    Size,
    Space,
    SupernetEpochs,
    Threads,
    Width,
    Workers,
    on_target,
)


def fbnet(
    data: Data = "digits",
    on: On = "small-edge",
    latency: Latency = None,
    energy: Energy = None,
    precision: Precision = None,
    max_noise: MaxNoise = 0.25,
    space: Space = "fbnet-cifar",
    width: Width = 1.0,
    size: Size = None,
    images: Images = None,
    loss: Annotated[
        str,
        typer.Option(
            help="multiplied is FBNet's; multiplied-as-coded another that bears its name; "
            "proxyless; added."
        ),
    ] = "multiplied",
    alpha: Annotated[
        float | None, typer.Option(help="Scale of the loss; default as published.")
    ] = None,
    beta: Annotated[
        float | None, typer.Option(help="Exponent of the latency; default as published.")
    ] = None,
    paths: Annotated[
        int | None, typer.Option(help="Operators of a layer mixed at a time; default all.")
    ] = None,
    theta_lr: Annotated[
        float | None, typer.Option(help="Learning rate of the shares; default by epochs.")
    ] = None,
    warm_epochs: Annotated[
        int | None, typer.Option(help="Epochs of weights alone; default a ninth.")
    ] = None,
    samples: Annotated[
        int, typer.Option(help="Networks drawn at the end and judged beside the most probable.")
    ] = 8,
    supernet_epochs: SupernetEpochs = None,
    epochs: Epochs = None,
    seed: Seed = 0,
    workers: Workers = 1,
    threads: Threads = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """A network for one device by FBNet's differentiable search, within a hard limit."""
    start(
        "fbnet",
        out,
        "fbnet",
        as_json,
        **on_target(on, latency, energy),
        precision=precision,
        max_noise=max_noise,
        data=data,
        space=space,
        width=width,
        size=size,
        images=images,
        loss=loss,
        alpha=alpha,
        beta=beta,
        paths=paths,
        theta_lr=theta_lr,
        warm_epochs=warm_epochs,
        samples=samples,
        supernet_epochs=supernet_epochs,
        epochs=epochs,
        seed=seed,
        workers=workers,
        threads=threads,
    )
