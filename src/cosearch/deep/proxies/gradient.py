"""Proxies from the gradient of a batch's loss: grad_norm, snip, grasp, fisher."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cosearch.deep.module import GraphModule
from cosearch.deep.proxies.proxy import gradients, learn, own_copy, swap, weighted


def grad_norm(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """Sum of the norms of the weights' gradients (Abdelfattah et al. 2021, arXiv 2101.08134)."""
    own = own_copy(module)
    learn(own, images, labels)
    return sum(float(gradient.norm()) for _, gradient in gradients(own))


def snip(module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator) -> float:
    """Sum of |w dL/dw|: what taking each weight away would change (Lee et al. 2019, 1810.02340)."""
    own = own_copy(module)
    learn(own, images, labels)
    return sum(float((weight * gradient).abs().sum()) for weight, gradient in gradients(own))


def grasp(module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator) -> float:
    """Sum of -w H g: how weights keep the gradient flowing (Wang et al. 2020, 2002.07376).

    H is the loss's Hessian, g its gradient; the sign is that of the proxy's published code.
    """
    own = own_copy(module)
    swap(own, (nn.Hardsigmoid,), _HardSigmoid)
    swap(own, (nn.Hardswish,), _HardSwish)
    weights = [part.weight for part in weighted(own)]
    loss = F.cross_entropy(own(images), labels)
    found = torch.autograd.grad(loss, weights, create_graph=True, allow_unused=True)
    pairs = [(w, g) for w, g in zip(weights, found, strict=True) if g is not None]
    product = sum(((g.detach() * g).sum() for _, g in pairs), torch.zeros(()))
    if not product.requires_grad:
        return 0.0  # no weight reaches the output
    second = torch.autograd.grad(product, [w for w, _ in pairs], allow_unused=True)
    return -sum(
        float((w.detach() * h).sum())
        for (w, _), h in zip(pairs, second, strict=True)
        if h is not None
    )


class _HardSigmoid(nn.Module):
    """torch's own cannot be differentiated twice."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu6(x + 3) / 6


class _HardSwish(nn.Module):
    """The same."""

    def forward(self, x: Tensor) -> Tensor:
        return x * F.relu6(x + 3) / 6


def fisher(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """Sum over channels of half the mean square of sum(a dL/da) over an image's positions.

    `a` is what a weighted layer puts out (Turner et al. 2020, arXiv 1906.04113).
    """
    own = own_copy(module)
    outputs: list[Tensor] = []

    def keep(part: object, given: object, output: Tensor) -> None:
        output.retain_grad()
        outputs.append(output)

    for part in weighted(own):
        part.register_forward_hook(keep)
    learn(own, images, labels)
    return sum(
        _saliency(output.detach(), output.grad) for output in outputs if output.grad is not None
    )


def _saliency(output: Tensor, gradient: Tensor) -> float:
    taylor = output * gradient
    if taylor.ndim > 2:
        taylor = taylor.flatten(2).sum(2)
    return float(taylor.square().mean(0).sum() / 2)
