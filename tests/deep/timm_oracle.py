"""timm's implementations of the reference networks, with weights nobody trained."""

from __future__ import annotations

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
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for declaration in DECLARATIONS:
            _library.define(declaration)
    import timm

    return timm


def reference(name: str, images: Tensor, **options: object) -> nn.Module:
    """A timm model in eval mode, with weights at random and batch statistics of `images`."""
    model = import_timm().create_model(name, pretrained=False, **options)
    generator = torch.Generator().manual_seed(0)
    for part in model.modules():
        _shake(part, generator)
    with torch.inference_mode():
        model.train()(images)  # so that the signal between layers stays about 1
    return model.eval()


@torch.no_grad()
def _shake(part: nn.Module, generator: torch.Generator) -> None:
    """Make every tensor matter: as built, biases are 0 and norms do nothing."""
    if isinstance(part, _BatchNorm):
        part.momentum = 1.0
    if isinstance(part, _BatchNorm | nn.LayerNorm):
        part.weight.uniform_(0.5, 1.5, generator=generator)
    for name, parameter in part.named_parameters(recurse=False):
        if name != "weight":
            parameter.normal_(0, 0.1, generator=generator)
