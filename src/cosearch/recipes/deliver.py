"""From a found network to files: train it alone, export, quantise, check, measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cosearch.accuracy import Accuracy
from cosearch.deep.accuracy import evaluate
from cosearch.deep.answers import agreement, onnx_accuracy
from cosearch.deep.data import ImageData
from cosearch.deep.export import TOLERANCE, check_parity, to_onnx
from cosearch.deep.module import to_module
from cosearch.deep.supernet import Supernet, SupernetAccuracy, fit_supernet
from cosearch.deep.training import TrainSettings, fit
from cosearch.families import MobileFamily
from cosearch.files import write_atomically
from cosearch.measure import Settings, measure
from cosearch.networks import Network
from cosearch.networks.onnx_out.quantise import CALIBRATION_IMAGES, quantise
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder


@dataclass(frozen=True)
class Delivered:
    """What was made of the winner."""

    network: Network
    test_accuracy_fp32: float
    test_accuracy_int8: float
    export: dict[str, Any]
    measured: dict[str, Any]


def train_supernet(
    folder: RunFolder[Any],
    family: MobileFamily,
    data: ImageData,
    settings: TrainSettings,
    progress: Progress,
) -> Accuracy:
    """Train the shared weights, or find them trained; returns the accuracy they give."""
    weights = folder.path / "supernet.pt"

    def train() -> None:
        supernet = Supernet(family, seed=folder.settings.seed)
        fit_supernet(
            supernet,
            data.train,
            settings,
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / "supernet.pt",
            progress=progress,
        )
        write_atomically(weights, lambda path: torch.save(supernet.state_dict(), path))

    folder.step("supernet", train)
    return SupernetAccuracy.of(family, weights, data)


def deliver(
    folder: RunFolder[Any],
    network: Network,
    data: ImageData,
    settings: TrainSettings,
    progress: Progress,
) -> Delivered:
    """Train on training and validation images, then export, quantise, score and measure."""
    weights = folder.path / "network.pt"
    fp32, int8 = folder.path / "network.onnx", folder.path / "network.int8.onnx"
    module = to_module(network, seed=folder.settings.seed)

    def train() -> None:
        fit(
            module,
            data.train.join(data.validation),
            settings,
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / "network.pt",
            progress=progress,
        )
        write_atomically(weights, lambda path: torch.save(module.state_dict(), path))

    folder.step("training", train)
    module.load_state_dict(torch.load(weights, weights_only=True))
    module.eval()
    progress("export", 0, 3)
    exported = folder.step("export", lambda: _export(module, data, fp32, int8))
    progress("export", 1, 3)
    scores = folder.step("test", lambda: _score(module, data, int8))
    progress("export", 2, 3)
    measured = folder.step("measure", lambda: _measure(fp32, int8))
    progress("export", 3, 3)
    return Delivered(network, **scores, export=exported, measured=measured)


def _export(module: torch.nn.Module, data: ImageData, fp32: Path, int8: Path) -> dict[str, Any]:
    to_onnx(module, data.shape, fp32)
    difference = check_parity(module, fp32, data.test.pixels.numpy())
    quantise(fp32, int8, data.train.pixels[:CALIBRATION_IMAGES].numpy())
    return {
        # two significant digits: the last bits of a sum are the machine's own
        "max_abs_difference_fp32": float(f"{difference:.1e}"),
        "tolerance_fp32": TOLERANCE,
        "agreement_int8": agreement(module, int8, data.test),
    }


def _score(module: torch.nn.Module, data: ImageData, int8: Path) -> dict[str, float]:
    return {
        "test_accuracy_fp32": evaluate(module, data.test),
        "test_accuracy_int8": onnx_accuracy(int8, data.test),
    }


def _measure(fp32: Path, int8: Path) -> dict[str, Any]:
    """At batch 1, one thread. A noisy machine shows in the interval; it costs no finished run."""
    found = {
        precision: measure(path, settings=Settings(precision, repeats=50), accept_noise=True)
        for precision, path in (("fp32", fp32), ("int8", int8))
    }
    first = found["fp32"]
    out: dict[str, Any] = {
        "runtime": f"onnxruntime {first.versions['onnxruntime']}",
        "cpu": first.device["cpu"],
        "threads": first.settings.threads,
    }
    for name, taken in found.items():
        out[f"{name}_ms"] = {
            "median": taken.median_s * 1e3,
            "low": taken.low_s * 1e3,
            "high": taken.high_s * 1e3,
        }
    return out
