"""The network drawn: a box per operator, coloured by kind, with shapes and shortcuts."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Final

from cosearch.networks import Network, Node
from cosearch.report.formats import count, shape, tag, text
from cosearch.report.network_layout import BOX, GAP, PAD, Box, Frame, Layout, place

KINDS: Final = {
    "io": ("input", "#8b93a1"),
    "conv": ("convolution k×k", "#4f6bed"),
    "pointwise": ("convolution 1×1", "#4f9bed"),
    "depthwise": ("depthwise convolution", "#12a594"),
    "linear": ("fully connected", "#7c5cd6"),
    "pool": ("pooling", "#d97706"),
    "elementwise": ("addition, elementwise", "#d6336c"),
}
_EDGE: Final = 10  # from the picture's sides to the links that change rows
_LANES: Final = 3


def network_svg(network: Network) -> str:
    """Inline SVG of the whole network."""
    layout = place(network)
    costs = Counter[str]()
    for node, row in network.rows:
        costs[node.name] += int(row.macs)
    parts = [_frame(frame) for frame in layout.frames]
    parts += _links(layout)
    parts += [_box(box, costs[box.node.name]) for box in layout.boxes]
    return tag(
        "svg",
        _ARROW + "".join(parts),
        viewBox=f"0 0 {layout.width} {layout.height:g}",
        class_="network",
        role="img",
        aria_label="the network, operator by operator",
    )


def legend(network: Network) -> list[tuple[str, str]]:
    """(meaning, colour) of the kinds this network uses."""
    used = {kind(node) for node in network.nodes}
    return [names for key, names in KINDS.items() if key in used]


def kind(node: Node) -> str:
    """Key of `KINDS` for an operator."""
    if node.op == "conv":
        if node.groups > 1 and node.groups == node.shape[0]:
            return "depthwise"
        return "pointwise" if tuple(node.kernel) == (1, 1) else "conv"
    if node.op in ("input", "linear"):
        return "io" if node.op == "input" else "linear"
    return "pool" if node.op.endswith("pool") else "elementwise"


def caption(node: Node) -> str:
    """What stands in a box: the operator and its kernel and stride."""
    name = "depthwise" if kind(node) == "depthwise" else node.op.replace("_", " ")
    if name in ("depthwise", "conv"):
        name = f"{'dw' if name == 'depthwise' else name} {shape(node.kernel)}"
    elif name.endswith("pool"):
        name = f"{name.split()[0]} {shape(node.kernel)}"
    return f"{name} /{node.stride}" if node.attributes.get("stride", 1) > 1 else name


def _box(box: Box, macs: int) -> str:
    width, height = BOX
    colour = KINDS[kind(box.node)][1]
    return tag(
        "g",
        tag("title", escape(_tooltip(box.node, macs)))
        + tag("rect", x=box.x, y=box.y, width=width, height=height, rx=5, class_="paper")
        + tag(
            "rect", x=box.x, y=box.y, width=width, height=height, rx=5, class_="op",
            fill=colour, stroke=colour,
        )
        + text(caption(box.node), box.x + width / 2, box.y + 18, class_="op-name")
        + text(shape(box.node.shape), box.x + width / 2, box.y + 33, class_="op-shape"),
    )  # fmt: skip


def _tooltip(node: Node, macs: int) -> str:
    attributes = [f"{key} {_value(value)}" for key, value in node.attributes.items()]
    lines = [f"{node.name}: {node.op}", f"output {shape(node.shape)}", *attributes]
    return "\n".join([*lines, f"{count(macs)} MACs"] if macs else lines)


def _value(value: object) -> str:
    return shape(value) if isinstance(value, list | tuple) else str(value)


def _frame(frame: Frame) -> str:
    first, last = frame.boxes[0], frame.boxes[-1]
    x, y = first.x - PAD, first.y - PAD
    width = last.x + BOX[0] + PAD - x
    return tag(
        "rect", x=x, y=y, width=width, height=BOX[1] + 2 * PAD + 13, rx=8, class_="block"
    ) + text(frame.label, x + width / 2, first.y + BOX[1] + 14, class_="block-name")


def _links(layout: Layout) -> list[str]:
    """Links to the next box as lines; all others as shortcuts in the room above a row."""
    index = {box.node.name: i for i, box in enumerate(layout.boxes)}
    taken: dict[int, list[tuple[float, float, int]]] = {}
    parts = []
    for i, box in enumerate(layout.boxes):
        for name in box.node.inputs:
            source = layout.boxes[index[name]]
            if index[name] == i - 1:
                parts.append(_path(_straight(source, box, layout.width - _EDGE), "link"))
                continue
            after = layout.boxes[index[name] + 1]
            parts.append(_shortcut(source, after, box, layout.width - _EDGE - 6.0, taken))
    return parts


def _straight(source: Box, target: Box, right: float) -> list[tuple[float, float]]:
    start, end = (source.x + BOX[0], source.middle), (target.x, target.middle)
    if source.row == target.row:
        return [start, end]
    gutter = target.y - 36.0
    left = _EDGE
    return [start, (right, start[1]), (right, gutter), (left, gutter), (left, end[1]), end]


def _shortcut(
    source: Box,
    after: Box,
    target: Box,
    edge: float,
    taken: dict[int, list[tuple[float, float, int]]],
) -> str:
    """Leaves where the source's link enters the box after it, and comes down on the target."""
    direct = source.node.name in after.node.inputs
    x = after.x - 12.0 if direct else source.x + BOX[0] + GAP / 2
    begin = after if direct else source
    stub = [] if direct else [(source.x + BOX[0], source.middle)]
    end = target.x + BOX[0] / 2
    if begin.row == target.row:
        high = target.y - 14.0 - 7 * _lane(taken.setdefault(target.row, []), x, end)
        points = [*stub, (x, begin.middle), (x, high), (end, high), (end, target.y)]
        return _path(points, "shortcut")
    above = begin.y - 14.0 - 7 * _lane(taken.setdefault(begin.row, []), x, edge)
    high = target.y - 14.0 - 7 * _lane(taken.setdefault(target.row, []), end, edge)
    points = [(x, begin.middle), (x, above), (edge, above), (edge, high), (end, high)]
    return _path([*stub, *points, (end, target.y)], "shortcut")


def _lane(taken: list[tuple[float, float, int]], start: float, end: float) -> int:
    """The lowest lane free between two x."""
    busy = {lane for low, high, lane in taken if low < end and start < high}
    lane = next((i for i in range(_LANES) if i not in busy), _LANES - 1)
    taken.append((start, end, lane))
    return lane


def _path(points: list[tuple[float, float]], style: str) -> str:
    """Polyline with an arrow head."""
    line = "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
    return tag("path", d=line, class_=style, marker_end=f"url(#{style}-arrow)")


_ARROW: Final = tag(
    "defs",
    "".join(
        tag(
            "marker",
            tag("path", d="M0 0 L6 3 L0 6 Z", class_=f"{style}-head"),
            id=f"{style}-arrow", markerWidth=6, markerHeight=6, refX=6, refY=3, orient="auto",
            markerUnits="userSpaceOnUse",
        )
        for style in ("link", "shortcut")
    ),
)  # fmt: skip
