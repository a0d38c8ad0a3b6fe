"""The gallery pages, made from the families and the zoo when the docs are built."""

from __future__ import annotations

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from cosearch.families import FAMILIES
from cosearch.report.cloud_data import family_cloud
from cosearch.report.cloud_svg import cloud_svg
from cosearch.zoo import ZOO


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those read from `docs/`."""
    files.append(File.generated(config, "reference/families.md", content=_families()))
    files.append(File.generated(config, "reference/networks.md", content=_networks()))
    return files


def _families() -> str:
    parts = [
        "# The families\n\nA family is a space with a decoder and named points. Each picture shows "
        "1,000 random members (seed 0) and the named points; it is drawn from the decoder when "
        "these pages are built.\n"
    ]
    for name, entry in FAMILIES.items():
        parts.append(_family(name, entry.summary, entry.make()))
    return "\n".join(parts)


def _family(name: str, summary: str, family: Any) -> str:
    space = family.space
    lines = [
        f"## {name}\n",
        f"{summary[0].upper()}{summary[1:]}.\n",
        f"{len(space)} knobs, {_size(space.size)} designs. Source: {family.source}.",
        "",
        cloud_svg(family_cloud(family)),
        "",
        "Named points: " + ", ".join(f"`{reference}`" for reference in family.references) + ".\n",
    ]
    return "\n".join(lines)


def _size(size: int) -> str:
    return f"{size:,}" if size < 10**9 else f"about {size:.3g} ({size:,})"


def _networks() -> str:
    head = (
        "# The networks\n\nCounted by `cosearch zoo`: parameters with the scale and shift of batch "
        "norm, multiply-accumulates of one image.\n\n"
        "| network | parameters | MACs | pixels | source |\n|---|---:|---:|---:|---|\n"
    )
    rows = []
    for entry in ZOO.values():
        network = entry.build()
        rows.append(
            f"| {entry.name} | {network.params:,} | {network.macs:,} | {entry.resolution} "
            f"| {entry.source} |"
        )
    return head + "\n".join(rows) + "\n"
