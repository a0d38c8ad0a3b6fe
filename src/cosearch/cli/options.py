"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[
    str, typer.Argument(help="An ONNX or TFLite file, or a network of `cosearch list networks`.")
]
Workload = Annotated[
    list[str],
    typer.Option(help="A network of `cosearch list networks`, or an ONNX or TFLite file."),
]
Shape = Annotated[
    list[str] | None,
    typer.Option("--shape", help="Fix an ONNX input's open sizes: NAME=1x3x224x224."),
]
AllowUnknown = Annotated[
    bool, typer.Option("--allow-unknown", help="Count unknown operators as data movement.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
