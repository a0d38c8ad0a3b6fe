"""Vision transformers at 224 pixels in the sizes of DeiT and timm."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.transformer import encoder_block, patch_embedding
from cosearch.zoo.entry import Entry

RESOLUTION: Final = 224
NORM_EPS: Final = 1e-6
SIZES: Final = {"vit-ti": (192, 3), "vit-s": (384, 6), "vit-b": (768, 12)}  # width, heads


def vit(
    name: str, width: int, heads: int, *, depth: int = 12, patch: int = 16, mlp_ratio: float = 4
) -> Network:
    """A class token, learned positions, pre-norm blocks; the classifier reads the class token."""
    net = Builder(name, (3, RESOLUTION, RESOLUTION))
    x = embed(net, "input", width, patch)
    for i in range(depth):
        x = encoder_block(
            net, x, f"block{i}", heads=heads, hidden=int(width * mlp_ratio), eps=NORM_EPS
        )
    classify(net, x)
    return net.build()


def embed(net: Builder, source: str, width: int, patch: int) -> str:
    """Patches to tokens, the class token before them, positions added."""
    x = patch_embedding(net, source, width, "patches", patch=patch)
    return net.position(net.class_token(x, "class_token"), "positions")


def classify(net: Builder, source: str, *, classes: int = 1000) -> str:
    """Layer norm, then the classifier on the class token."""
    x = net.layer_norm(source, "norm", eps=NORM_EPS)
    return net.linear(net.slice(x, 0, 1, "class"), classes, "classifier")


_SOURCE: Final = "Dosovitskiy et al. 2021, arXiv 2010.11929; Touvron et al. 2021; timm, patch 16"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "vit", RESOLUTION, _SOURCE, partial(vit, name, *size))
    for name, size in SIZES.items()
)
