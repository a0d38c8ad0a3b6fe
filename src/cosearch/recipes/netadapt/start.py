"""The network to begin with, at the size of a person's images, and its weights where it has any."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cosearch.deep.data import ImageData
from cosearch.deep.module import GraphModule, to_module
from cosearch.deep.onnx_weights import read_module
from cosearch.errors import CosearchError
from cosearch.files import read_json
from cosearch.networks import Network
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.zoo import find_network


def first_network(settings: NetadaptSettings, data: ImageData) -> tuple[Network, GraphModule]:
    """Untrained where it is of the zoo. Raises `CosearchError` where it does not fit the images."""
    if settings.network.endswith(".onnx"):
        network, module = read_module(Path(settings.network))
    elif settings.trained_before:
        network, module = _of_run(Path(settings.network))
    else:
        network = fitted(_of_zoo(settings.network, data), data)
        module = to_module(network, seed=settings.seed)
    wanted = (data.shape, (len(data.classes),))
    if (network.input_shape, network.nodes[-1].shape) != wanted:
        raise CosearchError(
            f"{settings.network} takes images {network.input_shape} and gives "
            f"{network.nodes[-1].shape}; {data.name} has {data.shape} and {len(data.classes)} "
            "classes"
        )
    return network, module


def _of_run(folder: Path) -> tuple[Network, GraphModule]:
    """What another run delivered."""
    network = Network.from_dict(read_json(folder / "network.json"))
    module = GraphModule(network)
    weights = folder / "network.pt"
    try:
        module.load_state_dict(torch.load(weights, weights_only=True))
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CosearchError(f"{weights}: not the weights of {network.name} ({error})") from error
    return network, module


def _of_zoo(name: str, data: ImageData) -> Network:
    _, height, width = data.shape
    if height != width:
        raise CosearchError(f"images of {height} x {width}: networks of the zoo take square ones")
    return find_network(name if "@" in name else f"{name}@{height}")


def fitted(network: Network, data: ImageData) -> Network:
    """With the channels of the images, and the classes, of `data`."""
    first, *middle, last = network.nodes
    if last.op not in ("linear", "dense") or len(last.shape) != 1:
        raise CosearchError(
            f"network {network.name} ends in {last.op!r}: one that ends in a classifier is needed"
        )
    changed: Any = (
        replace(first, shape=(data.shape[0], *first.shape[1:])),
        *middle,
        replace(last, shape=(len(data.classes),)),
    )
    return Network(network.name, changed)
