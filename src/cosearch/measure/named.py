"""A model as a person names it: a file, a network of the zoo, or a family's reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cosearch.errors import CosearchError, unknown
from cosearch.measure.runtime import Model
from cosearch.networks import Network
from cosearch.networks.resize import resized
from cosearch.zoo import find_network
from cosearch.zoo.read import is_file


def find_model(name: str, shape: tuple[int, ...] = ()) -> Model:
    """FILE.onnx, FILE.tflite, NAME, NAME@PIXELS, or FAMILY:REFERENCE. Raises `CosearchError`.

    A network is given `shape`, if any, as its input; a file stays as it is.
    """
    if is_file(name):
        return Path(name)
    family, colon, reference = name.partition(":")
    network = _reference(family, reference) if colon else _published(name)
    return _on(network, shape) if shape else network


def _on(network: Network, shape: tuple[int, ...]) -> Network:
    made = resized(network, shape)
    base, size = network.name.partition("@")[0], "x".join(map(str, shape))
    return made if made == network else replace(made, name=f"{base}@{size}")


def _published(name: str) -> Network:
    try:
        return find_network(name)
    except CosearchError as error:
        raise CosearchError(f"no file {name}, and {error}; see cosearch list networks") from error


def _reference(family_name: str, reference: str) -> Network:
    from cosearch.families import FAMILIES, NetworkFamily

    if family_name not in FAMILIES:
        raise unknown("family", family_name, FAMILIES)
    family = FAMILIES[family_name].make()
    if not isinstance(family, NetworkFamily):
        raise CosearchError(f"family {family_name}: holds accelerators, not networks")
    if reference not in family.references:
        raise unknown(f"reference of {family_name}", reference, family.references)
    network = family.network(family.space.encode(family.references[reference]))
    return replace(network, name=f"{family_name}:{reference}")
