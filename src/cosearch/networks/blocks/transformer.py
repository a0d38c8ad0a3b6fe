"""Vision transformer (Dosovitskiy et al. 2021), in primitive operators as timm arranges them.

Tokens are (tokens, channels); attention works on (heads, tokens, channels per head).
"""

from __future__ import annotations

from cosearch.networks.builder import Builder


def patch_embedding(net: Builder, source: str, channels: int, name: str, *, patch: int) -> str:
    """Cut the image into square patches, one token each: a convolution that strides its kernel."""
    x = net.conv(
        source, channels, f"{name}.conv", kernel=patch, stride=patch, pad=(0, 0), norm=False
    )
    _, height, width = net.shape(x)
    x = net.reshape(x, (channels, height * width), f"{name}.flatten")
    return net.transpose(x, (1, 0), f"{name}.tokens")


def encoder_block(
    net: Builder, source: str, name: str, *, heads: int, hidden: int, eps: float = 1e-6
) -> str:
    """Attention, then an MLP of `hidden` units, each after a layer norm and beside a shortcut."""
    x = net.layer_norm(source, f"{name}.norm0", eps=eps)
    x = self_attention(net, x, f"{name}.attention", heads=heads)
    source = net.add(source, x, name=f"{name}.add0")
    x = net.layer_norm(source, f"{name}.norm1", eps=eps)
    x = net.dense(x, hidden, f"{name}.mlp0", activation="gelu")
    x = net.dense(x, net.shape(source)[1], f"{name}.mlp1")
    return net.add(source, x, name=f"{name}.add1")


def self_attention(net: Builder, source: str, name: str, *, heads: int) -> str:
    """Multi-head attention; one dense layer makes queries, keys and values."""
    tokens, channels = net.shape(source)
    each = channels // heads
    x = net.dense(source, 3 * channels, f"{name}.qkv")
    x = net.reshape(x, (tokens, 3, heads, each), f"{name}.split")
    x = net.transpose(x, (1, 2, 0, 3), f"{name}.heads")
    query, key, value = (
        net.reshape(
            net.slice(x, i, i + 1, f"{name}.{part}.slice"), (heads, tokens, each), f"{name}.{part}"
        )
        for i, part in enumerate(("query", "key", "value"))
    )
    query = net.scale(query, each**-0.5, f"{name}.scale")
    key = net.transpose(key, (0, 2, 1), f"{name}.key.transpose")
    weights = net.softmax(net.matmul(query, key, f"{name}.scores"), f"{name}.softmax")
    x = net.matmul(weights, value, f"{name}.mix")
    x = net.transpose(x, (1, 0, 2), f"{name}.tokens")
    x = net.reshape(x, (tokens, channels), f"{name}.join")
    return net.dense(x, channels, f"{name}.project")
