"""The delivered network trained on under fake quantisation, as a second int8 file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch

from cosearch.deep.answers import onnx_accuracy
from cosearch.deep.data import ImageData
from cosearch.deep.module import GraphModule
from cosearch.deep.qat import Quantised, tune, write_int8
from cosearch.deep.training import TrainSettings
from cosearch.networks import Network
from cosearch.networks.onnx_out.quantise import CALIBRATION_IMAGES
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder

FILE: Final = "network.int8-tuned.onnx"


def tuned_in_int8(
    folder: RunFolder[Any],
    network: Network,
    data: ImageData,
    plan: TrainSettings,
    progress: Progress,
) -> dict[str, Any]:
    """Write the file; its epochs and test accuracy, nothing if none was asked for."""
    epochs = folder.settings.int8_epochs
    if not epochs:
        return {}
    images = data.train.pixels[:CALIBRATION_IMAGES]

    def work() -> dict[str, Any]:
        module = GraphModule(network)
        module.load_state_dict(torch.load(folder.path / "network.pt", weights_only=True))
        quantised = Quantised(module.eval(), network)
        quantised.watch(images)
        tune(
            quantised,
            data.train.join(data.validation),
            replace(plan, epochs=epochs, lr=folder.settings.tune_lr / 2),
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / "int8.pt",
            progress=progress,
        )
        write_int8(quantised, folder.path / FILE, images)
        return {"epochs": epochs, "test_accuracy": onnx_accuracy(folder.path / FILE, data.test)}

    return {"int8_tuned": folder.step("int8-tuning", work)}
