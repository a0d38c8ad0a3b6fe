"""ResNet V2 (He et al. 2016b): norm and ReLU before each convolution, as in Keras applications.

There, as in slim, a stage strides in its last block and not in its first, and convolutions without
a norm after them have biases.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry

_DEPTHS: Final = {
    "resnet-v2-50": (3, 4, 6, 3),
    "resnet-v2-101": (3, 4, 23, 3),
    "resnet-v2-152": (3, 8, 36, 3),
}
_WIDTHS: Final = (64, 128, 256, 512)


def resnet_v2(name: str, *, resolution: int = 224) -> Network:
    """A row of the table; the last stage does not stride."""
    net = Builder(name, (3, resolution, resolution), norm_eps=1.001e-5)
    x = net.conv("input", 64, "stem", kernel=7, stride=2, norm=False)
    x = net.pool("max", x, "stem.pool", kernel=3, stride=2)
    for i, (width, depth) in enumerate(zip(_WIDTHS, _DEPTHS[name], strict=True)):
        for j in range(depth):
            stride = 2 if i < 3 and j == depth - 1 else 1
            x = _block(net, x, width, f"stage{i}.block{j}", stride)
    x = net.batch_norm(x, "norm", "relu")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


def _block(net: Builder, source: str, width: int, name: str, stride: int) -> str:
    ready = net.batch_norm(source, f"{name}.norm", "relu")
    x = net.conv(ready, width, f"{name}.conv0", activation="relu")
    x = net.conv(x, width, f"{name}.conv1", kernel=3, stride=stride, activation="relu")
    x = net.conv(x, 4 * width, f"{name}.conv2", norm=False)
    if net.shape(source)[0] != 4 * width:
        source = net.conv(ready, 4 * width, f"{name}.shortcut", stride=stride, norm=False)
    elif stride > 1:
        source = net.pool("max", source, f"{name}.shortcut", kernel=1, stride=stride)
    return net.add(source, x, name=f"{name}.add")


_SOURCE: Final = "He et al. 2016, arXiv 1603.05027; keras-team/keras, applications/resnet_v2.py"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "resnet-v2", 224, _SOURCE, partial(resnet_v2, name)) for name in _DEPTHS
)
