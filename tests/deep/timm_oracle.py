"""timm's implementations of the reference networks, with weights nobody trained."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

# operators of torchvision's compiled part, which does not load beside a CPU build of torch; its
# Python part, all that timm needs, only asks that they are declared
DECLARATIONS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_library = torch.library.Library("torchvision", "FRAGMENT")


def import_timm() -> ModuleType:
    """timm, whichever build of torch is there."""
    import_torchvision()
    import timm

    return timm


def import_torchvision() -> ModuleType:
    try:
        import torchvision
    except RuntimeError:
        for declaration in DECLARATIONS:
            _library.define(declaration)
        import torchvision
    return torchvision


def from_timm(name: str, **options: object) -> Callable[[int], nn.Module]:
    """A maker of timm's model, for a number of classes."""
    return lambda classes: import_timm().create_model(
        name, pretrained=False, num_classes=classes, **options
    )


def from_torchvision(name: str) -> Callable[[int], nn.Module]:
    """A maker of torchvision's model, where timm has none."""
    return lambda classes: getattr(import_torchvision().models, name)(num_classes=classes)


def edgetpu(classes: int) -> nn.Module:
    """MobileNetEdgeTPU with its first block linear, as in TensorFlow: timm says it is not."""
    model = from_timm("mobilenet_edgetpu_100")(classes)
    model.blocks[0][0].bn1.act = nn.Identity()
    return model


def nasnet(classes: int) -> nn.Module:
    """NASNet-A whose average pools leave padding out, as in TensorFlow: timm's count it."""
    model = from_timm("nasnetalarge")(classes)
    same_pool = import_timm().layers.pool2d_same.AvgPool2dSame
    pools = [(n, part) for n, part in model.named_modules() if isinstance(part, same_pool)]
    for name, part in pools:
        model.set_submodule(name, _PaddingLeftOut(part))
    return model


class _PaddingLeftOut(nn.Module):
    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x) / self.pool(torch.ones_like(x[:1, :1]))


def inception(classes: int) -> nn.Module:
    """torchvision's; timm has none."""
    make = import_torchvision().models.googlenet
    return make(num_classes=classes, aux_logits=False, init_weights=False)


REFERENCES: dict[str, Callable[[int], nn.Module]] = {
    "mobilenet-v1-1.0": from_timm("mobilenetv1_100"),
    "mobilenet-v2-0.35": from_timm("mobilenetv2_035"),
    "mobilenet-v2-0.5": from_timm("mobilenetv2_050"),
    "mobilenet-v2-0.75": from_timm("mobilenetv2_075"),
    "mobilenet-v2-1.0": from_timm("mobilenetv2_100"),
    "mobilenet-v2-1.4": from_timm("mobilenetv2_140"),
    "mobilenet-v3-large": from_timm("mobilenetv3_large_100"),
    "mobilenet-v3-large-0.75": from_timm("mobilenetv3_large_075"),
    "mobilenet-v3-large-minimalistic": from_timm("tf_mobilenetv3_large_minimal_100", pad_type=""),
    "mobilenet-v3-small": from_timm("mobilenetv3_small_100"),
    "mobilenet-v3-small-0.75": from_timm("mobilenetv3_small_075"),
    "mobilenet-v3-small-minimalistic": from_timm("tf_mobilenetv3_small_minimal_100", pad_type=""),
    "mobilenet-edgetpu-1.0": edgetpu,
    "mnasnet-a1": from_timm("semnasnet_100"),
    "mnasnet-a1-0.5": from_timm("semnasnet_050"),
    "mnasnet-a1-0.75": from_timm("semnasnet_075"),
    "mnasnet-a1-1.4": from_timm("semnasnet_140"),
    "mnasnet-b1": from_timm("mnasnet_100"),
    "mnasnet-small": from_timm("mnasnet_small"),
    **{f"efficientnet-b{i}": from_timm(f"efficientnet_b{i}") for i in range(5)},
    **{f"efficientnet-lite{i}": from_timm(f"efficientnet_lite{i}") for i in range(5)},
    "efficientnet-edgetpu-s": from_timm("efficientnet_es"),
    "efficientnet-edgetpu-m": from_timm("efficientnet_em"),
    "nasnet-a-large": nasnet,
    "resnet-18": from_timm("resnet18"),
    "resnet-34": from_timm("resnet34"),
    "resnet-50": from_timm("resnet50"),
    "inception-v1": inception,
    "vgg-16": from_torchvision("vgg16"),
    "squeezenet-1.0": from_torchvision("squeezenet1_0"),
    "squeezenet-1.1": from_torchvision("squeezenet1_1"),
    "densenet-121": from_timm("densenet121"),
    "inception-v4": from_timm("inception_v4"),
    "inception-resnet-v2": from_timm("inception_resnet_v2"),
    "vit-ti": from_timm("vit_tiny_patch16_224"),
    "vit-s": from_timm("vit_small_patch16_224"),
}


def reference(name: str, classes: int, images: Tensor, eps: float) -> nn.Module:
    """The model of the zoo's `name` in eval mode: weights at random, statistics of `images`.

    Its batch norms get `eps`, which frameworks set and papers leave open.
    """
    model = REFERENCES[name](classes)
    generator = torch.Generator().manual_seed(0)
    for part in model.modules():
        _shake(part, eps, generator)
    with torch.inference_mode():
        model.train()(images)  # so that the signal between layers stays about 1
    return model.eval()


@torch.no_grad()
def _shake(part: nn.Module, eps: float, generator: torch.Generator) -> None:
    """Make every tensor matter: as built, biases are 0 and norms do nothing."""
    if isinstance(part, _BatchNorm):
        part.momentum, part.eps = 1.0, eps
    if isinstance(part, _BatchNorm | nn.LayerNorm):
        part.weight.uniform_(0.5, 1.5, generator=generator)
    for name, parameter in part.named_parameters(recurse=False):
        if name != "weight":
            parameter.normal_(0, 0.1, generator=generator)
