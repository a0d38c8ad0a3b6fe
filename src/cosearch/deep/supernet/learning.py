"""What a supernet learns in a step: one path, or a sandwich of networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from cosearch.deep.supernet.block import Genome
from cosearch.deep.supernet.ends import Sampler, sandwich
from cosearch.deep.supernet.supernet import Supernet
from cosearch.deep.training import History, Images, Moment, TrainSettings, cross_entropy, train
from cosearch.progress import Progress, silent


@dataclass
class Sandwich:
    """Each step averages the gradients of a smallest and some random networks.

    They are taught by the labels; with `settings.distil` a largest network takes part and teaches
    the others (BigNAS, arXiv 2003.11142): better, where there is time for it. Random networks come
    from `sampler` where one is given: such as from within a range of costs.
    """

    model: Supernet
    settings: TrainSettings
    sampler: Sampler | None = None
    name: str = "supernet"

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Forward and backward of one network after the other."""
        settings, family = self.settings, self.model.family
        largest, *genomes = sandwich(family, moment.rng, settings.random_networks, self.sampler)
        share = 1 / (len(genomes) + settings.distil)

        def learn(genome: Genome, targets: Tensor, smoothing: float) -> tuple[Tensor, float]:
            logits = self.model(images, genome)
            loss = cross_entropy(logits, targets, smoothing=smoothing) * share
            moment.backward(loss)
            return logits.detach(), loss.item()

        if not settings.distil:
            return sum(learn(genome, labels, settings.label_smoothing)[1] for genome in genomes)
        logits, first = learn(largest, labels, settings.label_smoothing)
        taught = logits.softmax(1)
        return first + sum(learn(genome, taught, 0.0)[1] for genome in genomes)

    def state_dict(self) -> dict[str, Any]:
        """Nothing beside the model."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to take up."""


def fit_supernet(
    supernet: Supernet,
    data: Images,
    settings: TrainSettings,
    *,
    seed: int,
    checkpoint: Path | None = None,
    progress: Progress = silent,
    sampler: Sampler | None = None,
) -> History:
    """Train the shared weights in place; goes on from `checkpoint` if that file exists."""
    task = Sandwich(supernet, settings, sampler)
    return train(task, data, settings, seed=seed, checkpoint=checkpoint, progress=progress)
