"""`train`: one network by itself, on one machine or, under torchrun, on many."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli.run.start import Seed

if TYPE_CHECKING:
    from cosearch.deep.training import TrainSettings


def train(
    network: Annotated[
        str, typer.Argument(help="A run's network.json, or a network of `cosearch list networks`.")
    ],
    data: Annotated[
        str,
        typer.Option(
            help="See `cosearch list datasets`; or stream:PATH, with train and val in it, "
            "read from disk as training goes."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write, or to go on with.")],
    epochs: Annotated[int, typer.Option(help="Passes over the images.")],
    size: Annotated[int | None, typer.Option(help="Pixels a side.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE of the training settings; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that decode streamed images.")] = 0,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Logs in OUT/tensorboard.")
    ] = False,
    seed: Seed = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the history instead of a line.")
    ] = False,
) -> None:
    """Train a network, judge it every epoch; the same command again goes on where it was.

    Settings are those of the page "Train a network": --set lr=0.5 --set optimizer=rmsprop.
    """
    from contextlib import nullcontext

    from cosearch.cli.bars import bars
    from cosearch.deep.data import load_or_stream
    from cosearch.progress import silent
    from cosearch.recipes.alone import first_process, read_network, train_alone

    asked = settings_of(epochs, option or [])
    subject = read_network(network)
    images = load_or_stream(data, size=size, workers=workers)
    with bars() if first_process() else nullcontext(silent) as progress:
        found = train_alone(
            subject, images, asked, seed=seed, folder=out, log=tensorboard, progress=progress
        )
    if first_process():
        typer.echo(json.dumps(found, indent=2) if as_json else _line(found, out))


def settings_of(epochs: int, options: list[str]) -> TrainSettings:
    """The settings, each value as its field wants it; raises `CosearchError` for any that is not.

    Values are JSON, and a word needs no quotes.
    """
    from cosearch.deep.training import TrainSettings
    from cosearch.errors import CosearchError, unknown

    known = [field.name for field in fields(TrainSettings) if field.name != "epochs"]
    given: dict[str, Any] = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            raise CosearchError(f"--set {text}: needs the form NAME=VALUE")
        if name not in known:
            raise unknown("training setting", name, known)
        given[name] = _value(value)
    return TrainSettings(epochs=epochs, **given)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _line(found: dict[str, Any], out: Path) -> str:
    last = found["epochs"][(found["best"] or len(found["epochs"])) - 1]
    return (
        f"{found['network']} on {found['data']}: validation {last['accuracy']:.2%} with "
        f"{found['weights']} weights; everything is in {out}"
    )
