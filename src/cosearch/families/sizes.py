"""Network families for a person's images: any size, any number of classes, narrower.

Below 96 pixels the first strides become 1 (`strides_to_drop`: one at 48 and more, two at 24 and
more, three at 12), so that the last feature map keeps three pixels a side. Families made for CIFAR
keep their strides. At the default width the channels are the published ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cosearch.errors import CosearchError, unknown
from cosearch.families.accel_nasbench import accel_nasbench_family
from cosearch.families.efficientnet_edgetpu import efficientnet_edgetpu_family
from cosearch.families.efficientnet_x import efficientnet_x_family
from cosearch.families.family import NetworkFamily
from cosearch.families.fbnet import fbnet_cifar_family, fbnet_family
from cosearch.families.fitting import strides_to_drop
from cosearch.families.hurricane import HurricaneFamily
from cosearch.families.mnasnet import mnasnet_family
from cosearch.families.mobile import MobileFamily
from cosearch.families.mobiledet import mobiledet_cpu_family, mobiledet_family
from cosearch.families.mobilenet_v3 import mobilenet_v3_large_family, mobilenet_v3_small_family
from cosearch.families.nahas import (
    efficientnet_family,
    efficientnet_lite_family,
    mobilenet_v2_family,
    nahas_evolved_family,
)
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.families.nasbench201 import nasbench201_family
from cosearch.families.once_for_all import once_for_all_family
from cosearch.families.spos import Macro, spos_family
from cosearch.families.tunas import (
    mobilenet_v3_like_family,
    proxylessnas_enlarged_family,
    proxylessnas_family,
)
from cosearch.families.vit import PATCHES, vit_family

Image = tuple[int, ...]  # channels, height, width
Make = Callable[[Image, int, float], NetworkFamily]


def sized(name: str, image: Image, classes: int, width: float = 1.0) -> NetworkFamily:
    """The family `name` for images of (channels, height, width), its channels times `width`.

    Raises `CosearchError` for a family that is unknown or has one size, and for bad numbers.
    """
    if name not in SIZED:
        raise unknown("family that can be sized", name, SIZED)
    if len(image) != 3 or min(image) < 1:
        raise CosearchError(f"images of {image}: (channels, height, width) are needed, each >= 1")
    if classes < 1:
        raise CosearchError(f"{classes} classes: at least 1 is needed")
    if not 0 < width < math.inf:
        raise CosearchError(f"width {width}: a number above 0 is needed")
    return SIZED[name](image, classes, width)


def _strided(make: Callable[..., NetworkFamily], image: Image, classes: int, width: float) -> Any:
    """A family made for 224 pixels."""
    return make(image, classes, width=width, unstrided=strides_to_drop(min(image[1:])))


def _fbnet(image: Image, classes: int, width: float) -> NetworkFamily:
    unstrided = strides_to_drop(min(image[1:]))
    return fbnet_family(image=image, classes=classes, width=width, unstrided=unstrided)


def _hurricane(image: Image, classes: int, width: float) -> NetworkFamily:
    return HurricaneFamily(macro=Macro(image, classes, width, strides_to_drop(min(image[1:]))))


def _mobile(image: Image, classes: int, width: float) -> NetworkFamily:
    return MobileFamily.for_images(image[0], _side(image), classes, width=width)


def _nasbench201(image: Image, classes: int, width: float) -> NetworkFamily:
    return nasbench201_family(_side(image), classes, channels=image[0], width=width)


def _vit(image: Image, classes: int, width: float) -> NetworkFamily:
    """As many tokens as at 224 pixels where such patches divide the image."""
    side = _side(image)
    patches = tuple(patch for patch in PATCHES if side % patch == 0)
    if side < 2 * max(PATCHES) or not patches:
        patches = tuple(
            sorted({p for p in (side // 16, side // 8, side // 4) if p and not side % p})
        )
    return vit_family(classes, image, patches or (side,), width=width)


def _side(image: Image) -> int:
    if image[1] != image[2]:
        raise CosearchError(f"images of {image[1]} x {image[2]} pixels: square ones are needed")
    return image[1]


SIZED: Final[Mapping[str, Make]] = {
    "mobile": _mobile,
    "mnasnet": partial(_strided, mnasnet_family),
    "accel-nasbench": partial(_strided, accel_nasbench_family),
    "fbnet": _fbnet,
    "fbnet-cifar": lambda image, classes, width: fbnet_cifar_family(image, classes, width=width),
    "mobilenet-v2": partial(_strided, mobilenet_v2_family),
    "mobilenet-v3-large": partial(_strided, mobilenet_v3_large_family),
    "mobilenet-v3-small": partial(_strided, mobilenet_v3_small_family),
    "efficientnet": partial(_strided, efficientnet_family),
    "efficientnet-lite": partial(_strided, efficientnet_lite_family),
    "efficientnet-edgetpu": partial(_strided, efficientnet_edgetpu_family),
    "efficientnet-x": partial(_strided, efficientnet_x_family),
    "nahas-evolved": partial(_strided, nahas_evolved_family),
    "proxylessnas": partial(_strided, proxylessnas_family),
    "proxylessnas-enlarged": partial(_strided, proxylessnas_enlarged_family),
    "mobilenet-v3-like": partial(_strided, mobilenet_v3_like_family),
    "once-for-all": partial(_strided, once_for_all_family),
    "mobiledet": partial(_strided, mobiledet_family),
    "mobiledet-cpu": partial(_strided, mobiledet_cpu_family),
    "spos": partial(_strided, spos_family),
    "hurricane": _hurricane,
    "nasbench201": _nasbench201,
    "nas-bench-macro": lambda image, classes, width: nas_bench_macro_family(
        classes, image, width=width
    ),
    "vit": _vit,
}
