"""The validation page, made from the figures that the scripts of `validation/` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_HEAD = """# Held against the world

Each row is a script anyone can run on the same data or on other rows of the same form:
`python -m validation.NAME --data PATH`. Figures are of the last committed run; its date and machine
are in `docs/validation/figures/NAME.json`. Nothing is fitted on what is reported.

| what | against | figure | to reach | ours | |
|---|---|---|---|---|---|
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to those read from `docs/`."""
    folder = Path(config.docs_dir) / "validation"
    targets = json.loads((folder / "targets.json").read_text())
    rows = [line for target in targets for line in _lines(target, folder)]
    files.append(
        File.generated(config, "validation/index.md", content=_HEAD + "\n".join(rows) + "\n")
    )
    return files


def _lines(target: dict[str, Any], folder: Path) -> list[str]:
    figures = json.loads((folder / "figures" / f"{target['page']}.json").read_text())["figures"]
    link = f"[{target['title']}]({target['page']}.md)"
    return [_line(link, target["against"], row, figures[row["figure"]]) for row in target["rows"]]


def _line(link: str, against: str, row: dict[str, Any], ours: float) -> str:
    bound, sign = ("most", "≤") if "most" in row else ("least", "≥")
    wanted, name = row.get(bound), row["figure"].replace("|", "\\|")
    if wanted is None:
        return f"| {link} | {against} | {name} | reported | {ours:.4g} | |"
    met = ours <= wanted if bound == "most" else ours >= wanted
    return (
        f"| {link} | {against} | {name} | {sign} {wanted:g} | {ours:.4g} "
        f"| {'met' if met else 'missed'} |"
    )
