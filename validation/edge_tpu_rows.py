"""Measured latencies of whole networks on the Coral Edge TPU, and which network each row means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosearch.errors import CosearchError
from cosearch.networks import Network
from cosearch.networks.onnx_in import read_onnx
from cosearch.networks.tflite_in import read_tflite
from cosearch.zoo import ZOO, find_network
from validation.common import data_folder

HOSTS: Final = {
    # what a row or a file's name may call the host
    "usb": re.compile(r"usb|desktop|x86"),
    "dev-board": re.compile(r"dev|aarch64|embedded"),
}
_FORMATS: Final = ("quant", "ptq", "qat", "postprocess")
# Names as Coral writes them, lower case with dashes -> ours.
_CORAL: Final = (
    (r"ssd-mobilenet-v(\d)(-coco.*|-300.*|)", r"ssd-mobilenet-v\1"),
    (r"mobilenet-v(\d)-ssd.*", r"ssd-mobilenet-v\1"),
    (r"(?:tf2-)?mobilenet-v([12])-([\d.]+)-(\d+)(?:-inat.*)?", r"mobilenet-v\1-\2@\3"),
    (r"mobilenet-v([12])(?:-224(?:x224)?)?", r"mobilenet-v\1-1.0@224"),
    (r"(?:tf2-)?mobilenet-v3-edgetpu-1.0-224", "mobilenet-edgetpu-1.0"),
    (r"mobilenet-edgetpu-([\d.]+)-224", r"mobilenet-edgetpu-\1"),
    (r"inception-v(\d)-(\d+)(?:x\d+)?", r"inception-v\1@\2"),
    (r"inception-resnet-v2.*", "inception-resnet-v2"),
    (r"efficientnet-edgetpu-([sml])(?:-\d+)?", r"efficientnet-edgetpu-\1"),
    (r"(?:tfhub-)?(?:tf2-)?resnet-50(?:-v1)?(?:-224)?(?:-imagenet)?", "resnet-50"),
    (r"resnet-50-v1-(\d+).*", r"resnet-50@\1"),
    (r"resnet-(\d+)-v2-(\d+).*", r"resnet-v2-\1@\2"),
    (r"vgg-?(16|19).*", r"vgg-\1"),
    (r"squeezenet.*", "squeezenet-1.0"),
    (r"densenet.*", "densenet-121"),
    (r".*unet-mv2-128.*", "unet-mobilenet-v2"),
)


@dataclass(frozen=True)
class Row:
    """One measurement; `network` as the file names it."""

    network: str
    host: str
    latency_s: float


def read_rows(path: Path) -> list[Row]:
    """A csv as edge_tpu_measured.csv, a reference file of google-coral/edgetpu, or a folder."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [row for file in files for row in _rows(file)]


def _rows(file: Path) -> Iterator[Row]:
    """Rows of inference alone, on a known host; columns by any of their names."""
    with file.open(newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        for line in csv.DictReader(stream, delimiter="," if "," in first else " "):
            named = {key.lower(): value for key, value in line.items() if key and value}
            network = _first(named, ("network", "model"))
            latency = _first(named, ("latency_ms", "inference_time"))
            host = _host(_first(named, ("host", "device")) or file.name)
            whole = "image" in named  # some files time the image's preparation too
            if network and latency and host and not whole and float(latency) > 0:
                yield Row(network, host, float(latency) / 1e3)


def _first(named: dict[str, str], keys: tuple[str, ...]) -> str:
    return next((named[key] for key in keys if key in named), "")


def _host(text: str) -> str:
    return next((name for name, pattern in HOSTS.items() if pattern.search(text.lower())), "")


def named(text: str) -> str:
    """Our name of a network: as it stands, or from Coral's; `CosearchError` if there is none."""
    base, _, pixels = text.partition("@")
    if base in ZOO:
        return base if pixels == str(ZOO[base].resolution) else text
    words = re.sub(r"[^a-z0-9.]+", " ", text.lower().removesuffix(".tflite")).split()
    kept = [word for word in words if word not in _FORMATS]
    plain = "-".join(kept[:-1] if kept[-1:] == ["edgetpu"] else kept)
    for pattern, ours in _CORAL:
        found = re.fullmatch(pattern, plain)
        if found:
            return named(found.expand(ours))
    raise CosearchError(
        f"network {text!r}: neither a file, a network of the zoo nor one of Coral's"
    )


def network_of(text: str, folder: Path) -> Network:
    """A file beside the data or in the reference data's `tflite`, or a network by name."""
    for place in (folder, data_folder() / "tflite", Path()):
        path = place / text
        if path.suffix == ".tflite" and path.is_file():
            return read_tflite(path)
        if path.suffix == ".onnx" and path.is_file():
            return read_onnx(path)
    return find_network(named(text))
