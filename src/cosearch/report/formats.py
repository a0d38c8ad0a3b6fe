"""Numbers and markup as text. Whatever comes from outside passes through `tag` or `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from cosearch import units

MISSING = "–"


def tag(name: str, content: str = "", **attributes: Any) -> str:
    """An element; `content` is markup, attribute values are escaped; ``_`` in names is ``-``."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{pairs}>{content}</{name}>"


def text(content: object, x: float, y: float, **attributes: Any) -> str:
    """SVG text, escaped."""
    return tag("text", escape(str(content)), x=x, y=y, **attributes)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], **attributes: Any) -> str:
    """An HTML table of plain text; the first column holds the row headers."""
    head = tag("tr", "".join(tag("th", escape(cell), scope="col") for cell in header))
    body = "".join(
        tag(
            "tr",
            tag("th", escape(first), scope="row") + "".join(tag("td", escape(c)) for c in rest),
        )
        for first, *rest in rows
    )
    return tag(
        "div", tag("table", tag("thead", head) + tag("tbody", body), **attributes), class_="scroll"
    )


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as a percentage."""
    return MISSING if value is None else f"{100 * value:.{digits}f}%"


def quantity(value: float | None, kind: str, scale: float = 1.0) -> str:
    """A number of `scale` SI units, in the unit that suits its size."""
    if value is None:
        return MISSING
    return units.show(value * scale, kind) if value else f"0 {_ZERO[kind]}"


def area(value: float | None) -> str:
    """Square millimetres."""
    return MISSING if value is None else f"{value:.3g} mm²"


def memory(kib: float | None) -> str:
    """KiB as KiB or MiB."""
    return MISSING if kib is None else units.show(kib * units.KIB, "memory", 4)


def count(value: float | None) -> str:
    """Counts as 1,234 or, from a million, 1.23 M."""
    if value is None:
        return MISSING
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if float(f"{value:.3g}") >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:,.0f}"


def plain(value: object) -> str:
    """Any small value as text."""
    if value is None:
        return MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)


def shape(sizes: Iterable[int]) -> str:
    """(16, 8, 8) as 16×8×8."""
    return "×".join(map(str, sizes))


_ZERO = {"time": "s", "energy": "J"}


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
