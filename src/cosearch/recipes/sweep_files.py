"""The folder of a sweep: result.json, and of its front a table and a figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cosearch.errors import CosearchError
from cosearch.files import write_atomically, write_json


def check_folder(path: Path) -> None:
    """Refuse what cannot be written, before anything is worked out."""
    if path.exists() and not path.is_dir():
        raise CosearchError(f"output {path}: is a file; a new or empty folder is needed")
    if path.exists() and any(path.iterdir()):
        raise CosearchError(f"output {path}: is not empty; a new or empty folder is needed")
    try:
        import plotly  # noqa: F401
    except ModuleNotFoundError as error:
        raise CosearchError("--out needs plotly: pip install 'cosearch[report]'") from error


def write_folder(result: Mapping[str, Any], path: Path) -> None:
    """result.json; with a front, front.csv and front.html."""
    write_json(path / "result.json", result)
    if result["front"] is None:
        return
    text = front_csv(result["front"]["designs"])
    write_atomically(path / "front.csv", lambda beside: beside.write_text(text, encoding="utf-8"))
    from cosearch.report.front_figure import write_front

    write_front(result, path / "front.html")


def front_csv(designs: list[dict[str, Any]]) -> str:
    """One line per design; a column per workload where there are several figures."""
    rows = [_flat(design) for design in designs]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["design"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(design: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in design.items():
        if name == "accelerator":
            flat |= value
        elif isinstance(value, dict):
            flat |= {f"{name} {workload}": number for workload, number in value.items()}
        else:
            flat[name] = value
    return flat
