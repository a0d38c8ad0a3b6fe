"""Drafts that belong to a layer next to them: scales and shifts, padding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from cosearch.networks.onnx_in.draft import Draft, Drafts, Value

AFFINE: Final = ("scale", "bias")  # per channel, so part of the weights before them
NORMS: Final = ("batch_norm", "layer_norm")  # end in a scale and a shift of their own
NAMED_NORMS: Final = ("groupnormalization", "instancenormalization", "layer_norm")
PRODUCTS: Final = ("conv", "conv_transpose", "dense", "linear")
VIEWS: Final = ("flatten", "reshape")
LOWEST: Final = -1e30  # padding of largest-of-window pools: at most this


def reads(drafts: Drafts, results: list[Value]) -> list[Value]:
    """Every reading of a draft, once per reader."""
    return [value for draft in drafts.values() for value in draft.inputs] + results


def live(drafts: Drafts, results: list[Value]) -> Drafts:
    """Only the inputs of the network and what reaches a result."""
    needed = {value.base for value in results}
    for draft in reversed(drafts.values()):
        if draft.name in needed:
            needed |= {value.base for value in draft.inputs}
    return {name: d for name, d in drafts.items() if name in needed or d.op == "input"}


def fold_affine(drafts: Drafts, results: list[Value]) -> tuple[Drafts, list[Value]]:
    """Merge a per-channel scale or shift into the layer before it, if nobody else reads that."""
    readers = Counter(value.base for value in reads(drafts, results))
    moved: dict[str, str] = {}  # merged draft -> the one that took it in
    kept: Drafts = {}
    for draft in drafts.values():
        inputs = tuple(replace(v, base=moved.get(v.base, v.base)) for v in draft.inputs)
        draft = replace(draft, inputs=inputs)
        host = _host(kept, readers, draft)
        if host is None:
            kept[draft.name] = draft
            continue
        layer, last = host
        kept[layer.name] = _take_in(layer, draft)
        moved[draft.name] = last.name
        readers[last.name] = readers[draft.name]
    return kept, [replace(v, base=moved.get(v.base, v.base)) for v in results]


def _host(kept: Drafts, readers: Counter[str], draft: Draft) -> tuple[Draft, Draft] | None:
    """The layer that can take `draft` in, and the view of it (or itself) that `draft` reads."""
    if draft.op != "batch_norm" and draft.attributes.get("activation") not in AFFINE:
        return None
    last = _sole(kept, readers, draft)
    if last is None:
        return None
    layer: Draft | None = last
    while layer is not None and layer.op in VIEWS:
        layer = _sole(kept, readers, layer)
    if layer is None or not _takes(layer, draft, direct=layer is last):
        return None
    return layer, last


def _takes(layer: Draft, draft: Draft, *, direct: bool) -> bool:
    """Whether the channels that `draft` scales are those that `layer` makes."""
    if draft.op != "batch_norm":
        named = layer.attributes.get("operator") in NAMED_NORMS
        return (direct and layer.op in PRODUCTS) or layer.op in NORMS or named
    last = draft.attributes.get("axis", 0) == len(draft.shape) - 1
    if layer.op.startswith("conv"):
        return direct and "axis" not in draft.attributes
    return layer.op in ("dense", "linear") and last and layer.shape[-1] == draft.shape[-1]


def _sole(kept: Drafts, readers: Counter[str], draft: Draft) -> Draft | None:
    """What `draft` reads, unchanged, if nobody else reads it."""
    (source,) = draft.inputs
    alone = readers[source.base] == 1 and source.function.is_identity
    return kept[source.base] if alone else None


def _take_in(layer: Draft, part: Draft) -> Draft:
    if layer.op not in PRODUCTS:
        return layer
    norm = part.op == "batch_norm" or part.attributes.get("activation") == "scale"
    key = "norm" if norm and layer.op.startswith("conv") else "bias"
    eps = {"eps": part.attributes["eps"]} if key == "norm" and "eps" in part.attributes else {}
    return replace(layer, attributes={**layer.attributes, key: True, **eps})


def fold_pads(drafts: Drafts) -> Drafts:
    """Let convolutions and pools do the padding of an image before them."""
    done: Drafts = {}
    for draft in drafts.values():
        pad = done.get(draft.inputs[0].base) if draft.inputs else None
        if pad is None or not draft.inputs[0].function.is_identity or not _pads(pad, draft):
            done[draft.name] = draft
            continue
        edges, own = pad.attributes["pad"], draft.attributes["pad"]
        both = tuple(a + b for a, b in zip(edges, (own * 2)[:4], strict=True))
        total = both[:2] if both[:2] == both[2:] else both
        done[draft.name] = replace(
            draft, inputs=pad.inputs, attributes={**draft.attributes, "pad": total}
        )
    return done


def _pads(pad: Draft, reader: Draft) -> bool:
    """Whether `reader` would pad with the same value."""
    value = pad.attributes.get("value")
    if value is None:
        return False
    if reader.op == "max_pool":
        return bool(value <= LOWEST)
    return reader.op == "conv" and value == 0
