"""Families: spaces with decoders and reference points. `FAMILIES` names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cosearch.families.accel_nasbench import accel_nasbench_family
from cosearch.families.apollo_chip import ApolloChipFamily
from cosearch.families.efficientnet_edgetpu import efficientnet_edgetpu_family
from cosearch.families.efficientnet_x import efficientnet_x_family
from cosearch.families.family import ChipFamily, Family, NarrowableFamily, NetworkFamily
from cosearch.families.fbnet import fbnet_cifar_family, fbnet_family
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
from cosearch.families.nahas_chip import NahasChipFamily
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.families.nasbench201 import nasbench201_family
from cosearch.families.nasnet import NasnetFamily
from cosearch.families.once_for_all import once_for_all_family
from cosearch.families.sizes import SIZED, sized
from cosearch.families.spos import spos_family
from cosearch.families.tunas import (
    mobilenet_v3_like_family,
    proxylessnas_enlarged_family,
    proxylessnas_family,
)
from cosearch.families.vit import vit_family


@dataclass(frozen=True)
class Entry:
    """A family by name; `make` builds it at its default size."""

    summary: str
    make: Callable[[], Family[Any]]


FAMILIES: Final[Mapping[str, Entry]] = {
    "mobile": Entry(
        "networks: stages of inverted and fused inverted bottlenecks; kernel, expansion, "
        "width, depth",
        lambda: MobileFamily.for_images(1, 8, 10),
    ),
    "nahas-chip": Entry(
        "accelerators: the 50,000 designs of NAHAS (arXiv 2102.08619)", NahasChipFamily
    ),
    "apollo-chip": Entry(
        "accelerators: the 452,760,000 designs of Apollo (arXiv 2102.01723)", ApolloChipFamily
    ),
    "mnasnet": Entry(
        "networks: MnasNet's factorised space; per stage operator, kernel, squeeze, shortcut, "
        "filters, layers",
        mnasnet_family,
    ),
    "accel-nasbench": Entry(
        "networks: Accel-NASBench's space about EfficientNet-B0's stages, 1.0e11",
        accel_nasbench_family,
    ),
    "fbnet": Entry("networks: FBNet's nine blocks in 22 layers, 9^22", fbnet_family),
    "fbnet-cifar": Entry("networks: FBNet's space for images of 32 pixels", fbnet_cifar_family),
    "mobilenet-v2": Entry(
        "networks: NAHAS's space about MobileNetV2, 8.46e12", mobilenet_v2_family
    ),
    "mobilenet-v3-large": Entry(
        "networks: about MobileNetV3-Large; kernel, expansion, squeeze, widths",
        mobilenet_v3_large_family,
    ),
    "mobilenet-v3-small": Entry(
        "networks: about MobileNetV3-Small; kernel, expansion, squeeze, widths",
        mobilenet_v3_small_family,
    ),
    "efficientnet": Entry(
        "networks: NAHAS's space about EfficientNet-B0, 1.41e12", efficientnet_family
    ),
    "efficientnet-lite": Entry(
        "networks: the same without squeeze and swish, for the edge",
        efficientnet_lite_family,
    ),
    "efficientnet-edgetpu": Entry(
        "networks: about EfficientNet-EdgeTPU-S; fused or depthwise, per stage",
        efficientnet_edgetpu_family,
    ),
    "efficientnet-x": Entry(
        "networks: EfficientNet-X's space for TPUs and GPUs; space-to-depth, fused blocks, "
        "activations",
        efficientnet_x_family,
    ),
    "nahas-evolved": Entry(
        "networks: NAHAS's evolved space; fused or depthwise, groups, filters",
        nahas_evolved_family,
    ),
    "proxylessnas": Entry("networks: ProxylessNAS's space, 2.16e21", proxylessnas_family),
    "proxylessnas-enlarged": Entry(
        "networks: TuNAS's enlarged space, 1.4e28", proxylessnas_enlarged_family
    ),
    "mobilenet-v3-like": Entry(
        "networks: TuNAS's space like MobileNetV3, 8.5e42", mobilenet_v3_like_family
    ),
    "once-for-all": Entry(
        "networks: Once-for-All's sub-networks of MobileNetV3, 2.2e19", once_for_all_family
    ),
    "mobiledet": Entry(
        "networks: MobileDet backbones for DSPs and the Edge TPU; inverted, fused, Tucker",
        mobiledet_family,
    ),
    "mobiledet-cpu": Entry("networks: MobileDet backbones for CPUs", mobiledet_cpu_family),
    "spos": Entry("networks: ShuffleNetV2 units of Single Path One-Shot, 4^20", spos_family),
    "hurricane": Entry(
        "networks: the 32 operators of HURRICANE on 20 layers, 32^20", HurricaneFamily
    ),
    "nasbench201": Entry("networks: the 15,625 cells of NAS-Bench-201", nasbench201_family),
    "nas-bench-macro": Entry(
        "networks: the 6,561 networks of NAS-Bench-Macro", nas_bench_macro_family
    ),
    "nasnet": Entry(
        "networks: a normal and a reduction cell of NASNet, 5 blocks each", NasnetFamily
    ),
    "vit": Entry(
        "networks: vision transformers; patch, width, depth, heads, MLP ratio", vit_family
    ),
}

__all__ = [
    "FAMILIES",
    "SIZED",
    "ApolloChipFamily",
    "ChipFamily",
    "Entry",
    "Family",
    "HurricaneFamily",
    "MobileFamily",
    "NahasChipFamily",
    "NarrowableFamily",
    "NasnetFamily",
    "NetworkFamily",
    "accel_nasbench_family",
    "efficientnet_edgetpu_family",
    "efficientnet_family",
    "efficientnet_x_family",
    "fbnet_cifar_family",
    "fbnet_family",
    "mnasnet_family",
    "mobiledet_cpu_family",
    "mobiledet_family",
    "mobilenet_v2_family",
    "mobilenet_v3_family",
    "mobilenet_v3_large_family",
    "mobilenet_v3_like_family",
    "mobilenet_v3_small_family",
    "nahas_evolved_family",
    "nas_bench_macro_family",
    "nasbench201_family",
    "once_for_all_family",
    "proxylessnas_enlarged_family",
    "proxylessnas_family",
    "sized",
    "spos_family",
    "vit_family",
]
