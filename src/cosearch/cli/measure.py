"""`measure`: how long a network takes on a real device."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cosearch.measure import Measurement, Settings
    from cosearch.progress import Progress


def measure(
    model: Annotated[
        str | None,
        typer.Argument(
            help="An ONNX or TFLite file, a network of `cosearch list networks`, "
            "or a space's reference, SPACE:NAME."
        ),
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            help="A runtime of `cosearch list runtimes`, or a remote device, FILE.json; "
            "may be repeated."
        ),
    ] = None,
    precision: Annotated[
        list[str] | None, typer.Option(help="fp32 or int8; may be repeated. [default: fp32]")
    ] = None,
    batch: Annotated[int, typer.Option(help="Images a run.")] = 1,
    shape: Annotated[
        str,
        typer.Option(
            help="Input without the batch, e.g. 3,192,256: of a network by name; of a file, in its "
            "own order, where it leaves sizes open."
        ),
    ] = "",
    threads: Annotated[int, typer.Option(help="Threads within an operator.")] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda, where the runtime has it.")] = "cpu",
    cores: Annotated[
        str, typer.Option(help="Pin to these, e.g. 0 or 0,1; none: the system places the threads.")
    ] = "",
    warm_up: Annotated[int, typer.Option(help="Runs before the first that counts.")] = 5,
    rounds: Annotated[int, typer.Option(help="At least; up to three times as many if noisy.")] = 5,
    repeats: Annotated[int, typer.Option(help="Runs a round, at least.")] = 20,
    round_time: Annotated[
        str, typer.Option(help="Time a round, at least, e.g. '50 ms'; bare = ms.")
    ] = "20 ms",
    max_noise: Annotated[
        float, typer.Option(help="Refuse a figure whose 95 % interval is +- more than this.")
    ] = 0.1,
    accept_noise: Annotated[
        bool, typer.Option("--accept-noise", help="Keep what would be refused, marked.")
    ] = False,
    reference: Annotated[
        str | None,
        typer.Option(help="Scale to a machine whose reference workload takes this; bare = ms."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the records, samples included.")] = None,
    verify: Annotated[
        Path | None, typer.Option(help="Check the hashes of a file of records instead.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the records instead of a table.")
    ] = False,
) -> None:
    """Median latency with its 95 % interval, a reference workload timed beside it.

    A figure is refused where the machine was too noisy. Records are hashed, samples included.
    """
    from cosearch.cli.measure_table import print_table
    from cosearch.errors import CosearchError
    from cosearch.measure import Settings
    from cosearch.units import parse

    if verify is not None:
        _verify(verify, as_json)
        return
    if model is None or not on:
        raise CosearchError("measure needs a model, and --on a runtime: see cosearch list runtimes")
    common = Settings(
        batch=batch,
        threads=threads,
        device=device,
        cores=_cores(cores),
        shape=_shape(shape),
        warm_up=warm_up,
        rounds=rounds,
        max_rounds=3 * rounds,
        repeats=repeats,
        round_s=parse(round_time, "time", "ms"),
        max_noise=max_noise,
        reference_s=None if reference is None else parse(reference, "time", "ms"),
    )
    found = _measured(model, on, precision or ["fp32"], common, accept_noise)
    records = [each.to_dict() for each in found]
    data = records[0] if len(records) == 1 else records
    if out is not None:
        from cosearch.files import write_json

        write_json(out, data)
    if as_json:
        typer.echo(json.dumps(data, indent=2))
    else:
        print_table(found)


def _measured(
    model: str, on: list[str], precisions: list[str], common: Settings, accept_noise: bool
) -> list[Measurement]:
    """One of each runtime and precision; all are checked before the first is measured."""
    from dataclasses import replace

    from cosearch.cli.bars import bars
    from cosearch.measure import measure
    from cosearch.measure.named import find_model
    from cosearch.measure.target import find_target

    subject = find_model(model, common.shape)
    if not isinstance(subject, Path):
        common = replace(common, shape=())  # it has that shape now
    plan = [(o, replace(common, precision=p)) for o, p in product(on, precisions)]
    for where, settings in plan:
        find_target(where).check(subject, settings)
    with bars() as progress:
        found = []
        for where, settings in plan:
            show = _renamed(progress, f"{Path(where).stem} {settings.precision}")
            found.append(
                measure(subject, where, settings, accept_noise=accept_noise, progress=show)
            )
    return found


def _renamed(progress: Progress, name: str) -> Progress:
    """A bar of its own for every measurement."""

    def renamed(phase: str, done: int, total: int, note: str = "") -> None:
        progress(name, done, total, note)

    return renamed


def _cores(text: str) -> tuple[int, ...]:
    return _numbers("cores", text, "0 or 0,1")


def _shape(text: str) -> tuple[int, ...]:
    return _numbers("shape", text.replace("x", ","), "3,192,256")


def _numbers(name: str, text: str, form: str) -> tuple[int, ...]:
    from cosearch.errors import CosearchError

    parts = [part.strip() for part in text.split(",")] if text else []
    if not all(part.isdecimal() and len(part) < 7 for part in parts):
        raise CosearchError(f"{name} {text!r}: needs the form {form}")
    return tuple(int(part) for part in parts)


def _verify(path: Path, as_json: bool) -> None:
    from cosearch.cli.measure_table import print_table
    from cosearch.files import read_json
    from cosearch.measure import Measurement

    data = read_json(path)
    found = [Measurement.from_dict(each, str(path)) for each in _records(data)]
    if as_json:
        typer.echo(json.dumps([{"model": each.model, "sha256": each.sha256} for each in found]))
        return
    print_table(found)
    for each in found:
        typer.echo(f"{each.sha256}  {each.model}: as it was measured, {each.time}")


def _records(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]
