"""How to train."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Final

from cosearch.errors import CosearchError, unknown

OPTIMIZERS: Final = ("sgd", "rmsprop", "adamw")
SCHEDULES: Final = ("cosine", "linear", "exponential", "constant")
PRECISIONS: Final = ("fp32", "bf16", "fp16")
BALANCES: Final = ("none", "sampling", "weights")
DEVICES: Final = ("cpu", "cuda", "auto")


@dataclass(frozen=True)
class TrainSettings:
    """SGD with Nesterov momentum; learning rate warmed up, then down a cosine to 0.

    Everything else is off until it is asked for. `batch` is that of a step, however many
    processes share it and however small the parts it is worked through in.
    """

    epochs: int
    batch: int = 64
    lr: float = 0.1  # peak, per step of one batch
    warmup: float = 0.1  # share of all steps
    momentum: float = 0.9
    weight_decay: float = 1e-4  # of the weights of convolutions and linear layers alone
    label_smoothing: float = 0.1
    clip: float = 5.0  # largest norm of a step's gradient; 0: any
    shift: int = 1  # pixels
    mirror: bool = False
    random_networks: int = 1  # of a supernet's step, beside the smallest
    distil: bool = False  # a supernet's step begins with the largest, which teaches the others
    threads: int = 2
    optimizer: str = "sgd"
    schedule: str = "cosine"
    decay: float = 0.97  # of the exponential schedule (MnasNet), every `decay_epochs`
    decay_epochs: float = 2.4
    average: float = 0.0  # decay of the moving average of the weights; 0: no average
    mixup: float = 0.0  # Beta(a, a) of the shares two images get; 0: images are not mixed
    cutmix: float = 0.0  # Beta(a, a) of the area one image keeps; with mixup, one of the two
    randaugment: int = 0  # changes an image
    magnitude: float = 9.0  # of them, 0 to 10
    teacher_share: float = 0.5  # of the loss, where there is a teacher
    temperature: float = 1.0  # of what the teacher says
    micro_batch: int | None = None  # images worked through at a time; gradients add up
    balance: str = "none"  # of unequal classes: sampling or loss weights make up for it
    patience: int | None = None  # epochs without better validation after which to stop
    checkpoint_steps: int | None = None  # checkpoints within an epoch, too
    precision: str = "fp32"
    channels_last: bool = True  # the faster one on CPUs, in every space tried
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise CosearchError(f"training {name} {getattr(self, name)}: true or false")
        for name, (low, high) in _RANGES.items():
            self._check(name, low, high)
        for name, allowed in _NAMES.items():
            if getattr(self, name) not in allowed:
                raise unknown(f"training {name}", getattr(self, name), allowed)
        for name in ("lr", "decay", "decay_epochs", "temperature"):
            if getattr(self, name) == 0:
                raise CosearchError(f"training {name} 0: must be above 0")

    def _check(self, name: str, low: float, high: float) -> None:
        value: Any = getattr(self, name)
        if value is None and name in _OPTIONAL:
            return
        whole = isinstance(value, int) or name not in _WHOLE
        if not isinstance(value, int | float) or not low <= value <= high or not whole:
            most = "at least" if high == math.inf else f"{low:g} to"
            limit = low if high == math.inf else high
            kind = ", a whole number," if name in _WHOLE else ""
            raise CosearchError(f"training {name} {value}: {most} {limit:g}{kind} is needed")


_ANY: Final = 1e12  # finite: an infinite learning rate is no learning rate
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "epochs": (1, math.inf),
    "batch": (1, math.inf),
    "threads": (1, math.inf),
    "lr": (0, _ANY),
    "warmup": (0, 0.99),
    "momentum": (0, 0.9999),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.99),
    "clip": (0, _ANY),
    "shift": (0, 1024),
    "random_networks": (0, math.inf),
    "decay": (0, 1),
    "decay_epochs": (0, _ANY),
    "average": (0, 0.999999),
    "mixup": (0, 100),
    "cutmix": (0, 100),
    "randaugment": (0, 14),
    "magnitude": (0, 10),
    "teacher_share": (0, 1),
    "temperature": (0, 100),
    "micro_batch": (1, math.inf),
    "patience": (1, math.inf),
    "checkpoint_steps": (1, math.inf),
}
_NAMES: Final = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "precision": PRECISIONS,
    "balance": BALANCES,
    "device": DEVICES,
}
_SWITCHES: Final = ("mirror", "distil", "channels_last")
_WHOLE: Final = {field.name for field in fields(TrainSettings) if "int" in str(field.type)}
_OPTIONAL: Final = {field.name for field in fields(TrainSettings) if field.default is None}
