"""Networks judged with shared weights, in this process."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.accuracy import CALIBRATION_IMAGES, calibrate, evaluate
from cosearch.deep.data import ImageData
from cosearch.deep.datasets.images import DATA_SEED, to_pixels
from cosearch.deep.supernet import Supernet
from cosearch.deep.threads import threads
from cosearch.progress import Progress


def judge(
    supernet: Supernet, genomes: Int[ndarray, "n d"], data: ImageData, progress: Progress
) -> list[float]:
    """Validation accuracy of each, its batch norm calibrated anew on training images."""
    order = np.random.default_rng(DATA_SEED).permutation(len(data.train))[:CALIBRATION_IMAGES]
    (images,) = data.train.read([torch.from_numpy(np.sort(order))], (0, 0))
    found: list[float] = []
    with threads(1):
        for genome in genomes:
            progress("candidates", len(found), len(genomes))
            module = supernet.subnet(genome)
            calibrate(module, to_pixels(images))
            found.append(evaluate(module, data.validation))
    progress("candidates", len(genomes), len(genomes))
    return found
