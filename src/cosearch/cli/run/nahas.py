"""`run nahas`: network and accelerator together."""

from __future__ import annotations

from typing import Annotated

import typer

from cosearch.cli.run.start import Json, Out, Seed, quantity, start


def nahas(
    accuracy: Annotated[
        str,
        typer.Option(
            help="supernet, trained on --data; trained, each network by itself; a zero-cost proxy "
            "of `cosearch list proxies`, untrained; or a table: nas-bench-macro, nasbench201."
        ),
    ] = "supernet",
    data: Annotated[
        str, typer.Option(help="digits, cifar10, fashion-mnist or folder:PATH.")
    ] = "digits",
    size: Annotated[int | None, typer.Option(help="Resize images to this many pixels.")] = None,
    latency: Annotated[
        str | None, typer.Option(help="At most this, e.g. '0.3 ms' or '2us'; bare = ms.")
    ] = None,
    area: Annotated[str | None, typer.Option(help="At most this, e.g. '30 mm2'.")] = None,
    energy: Annotated[
        str | None, typer.Option(help="At most this per inference, e.g. '0.2 mJ'; bare = mJ.")
    ] = None,
    chip: Annotated[
        str, typer.Option(help="Fixed accelerator to compare with: a name or FILE.json.")
    ] = "nahas-baseline",
    chips: Annotated[
        str, typer.Option(help="Accelerators to search: nahas; with a table apollo too.")
    ] = "nahas",
    certify: Annotated[
        bool, typer.Option(help="With a table, find the optimum of all designs too.")
    ] = True,
    trials: Annotated[
        int | None,
        typer.Option(help="Designs to try in each search. Default: 1,000; 32 if each is trained."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            help="search: trials by an optimizer; one-shot: a policy over network and accelerator, "
            "taught beside the shared weights."
        ),
    ] = "search",
    space: Annotated[
        str, typer.Option(help="one-shot: networks to search, see `cosearch list spaces`.")
    ] = "mobile",
    width: Annotated[
        float, typer.Option(help="one-shot: channels, as a multiple of the space's.")
    ] = 1.0,
    reward: Annotated[
        str, typer.Option(help="one-shot: absolute is TuNAS's; soft, hard, zero.")
    ] = "absolute",
    exponent: Annotated[
        float | None, typer.Option(help="one-shot: of the reward, e.g. -0.1.")
    ] = None,
    cost_model: Annotated[
        str, typer.Option(help="one-shot: modelled; or mlp, learnt from samples of the model.")
    ] = "modelled",
    optimizer: Annotated[str, typer.Option(help="See `cosearch list optimizers`.")] = "genetic",
    supernet_epochs: Annotated[
        int | None, typer.Option(help="Epochs of the supernet; default by number of images.")
    ] = None,
    child_epochs: Annotated[
        int, typer.Option(help="Epochs of each network, with --accuracy trained.")
    ] = 5,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs of the winner alone; default likewise.")
    ] = None,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes; the result is the same.")] = 1,
    threads: Annotated[
        int, typer.Option(help="CPU threads for training; more pay from 32 pixels on.")
    ] = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Network and accelerator together, on your data or by a table, under your limits.

    Limits not given are derived from the fixed accelerator and printed.
    """
    start(
        "nahas",
        out,
        "nahas",
        as_json,
        accuracy=accuracy,
        chips=chips,
        certify=certify,
        data=data,
        size=size,
        chip=chip,
        latency_s=quantity(latency, "time", "ms"),
        area_mm2=quantity(area, "area", "mm2"),
        energy_j=quantity(energy, "energy", "mJ"),
        trials=trials,
        supernet_epochs=supernet_epochs,
        child_epochs=child_epochs,
        epochs=epochs,
        optimizer=optimizer,
        method=method,
        space=space,
        width=width,
        reward=reward,
        exponent=exponent,
        cost_model=cost_model,
        seed=seed,
        workers=workers,
        threads=threads,
    )
