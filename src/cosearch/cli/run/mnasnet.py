"""`run mnasnet`: the most accurate network within a latency on one device."""

from __future__ import annotations

from typing import Annotated

import typer

from cosearch.cli.run import trained_options as options
from cosearch.cli.run.start import Json, Out, Seed, start


def mnasnet(
    data: Annotated[
        str,
        typer.Option(help="Train every network tried on these images. Default: predict."),
    ] = "",
    accuracy: Annotated[
        str | None,
        typer.Option(
            help="trained, each network, the default with --data; a zero-cost proxy of `cosearch "
            "list proxies`, which ranks them untrained; surrogate, the default without --data."
        ),
    ] = None,
    size: options.Size = None,
    images: options.Images = None,
    space: options.Space = "",
    width: options.Width = 1.0,
    on: Annotated[
        str,
        typer.Option(
            help="A device of `cosearch list devices` or its file, whose model is asked; or a "
            "runtime of `cosearch list runtimes` or a remote device's file: measured."
        ),
    ] = "tpu-v3",
    latency: Annotated[
        str | None,
        typer.Option(
            help="At most this, e.g. '5 ms'; bare = ms. Default: what a quarter of all reach."
        ),
    ] = None,
    energy: options.Energy = None,
    reward: Annotated[
        str,
        typer.Option(
            help="lexicographic keeps the limit; soft is MnasNet's; hard, absolute or zero."
        ),
    ] = "lexicographic",
    exponent: Annotated[float | None, typer.Option(help="Of the reward, e.g. -0.07.")] = None,
    image_size: Annotated[int, typer.Option(help="Pixels a side; changes the latency only.")] = 224,
    optimizer: Annotated[
        str | None,
        typer.Option(help="Default: genetic modelled, p3bo (extra: gp) measured."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            help="Networks to try. Default: 2,000 modelled, 128 measured, 32 trained, 512 scored."
        ),
    ] = None,
    child_epochs: Annotated[int, typer.Option(help="Training: epochs of each.")] = 5,
    epochs: options.Epochs = None,
    batch: Annotated[int, typer.Option(help="Networks proposed at a time.")] = 16,
    precision: Annotated[str | None, typer.Option(help="Measuring: fp32 or int8.")] = None,
    threads: Annotated[
        int, typer.Option(help="Measuring or training: threads within an operator.")
    ] = 1,
    workers: options.Workers = 1,
    margin: Annotated[
        float, typer.Option(help="Measuring: the search keeps the limit less this share.")
    ] = 0.05,
    max_noise: Annotated[
        float, typer.Option(help="Measuring: what is noisier is measured up to three times.")
    ] = 0.1,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The most accurate network of MnasNet's space within a latency on one device.

    With --data, each network tried is trained for some epochs, or scored untrained by a zero-cost
    proxy, and the best is trained in full. Without, accuracies are predicted by a shipped
    surrogate, free: of a short training schedule, so that their ranking is what counts. Latencies
    are modelled, or measured as the search goes; then the network found is measured again in a
    fresh process, and must meet the limit.
    """
    start(
        "mnasnet",
        out,
        "mnasnet",
        as_json,
        **options.on_target(on, latency, energy),
        data=data,
        accuracy=accuracy,
        size=size,
        images=images,
        space=space,
        width=width,
        child_epochs=child_epochs,
        epochs=epochs,
        workers=workers,
        reward=reward,
        exponent=exponent,
        image_size=image_size,
        optimizer=optimizer,
        trials=trials,
        batch=batch,
        precision=precision,
        threads=threads,
        margin=margin,
        max_noise=max_noise,
        seed=seed,
    )
