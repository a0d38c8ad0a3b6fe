"""NetAdapt (Yang et al. 2018, arXiv 1804.03230), as MobileNetV3 uses it (Howard et al. 2019).

Each step, every group of channels proposes a cut that saves enough, each proposal is trained a
little, and the best is kept: by the accuracy it loses for what it saves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt.channels import channels_of
from cosearch.deep.netadapt.proposals import CostsOf, Cut, cuts
from cosearch.deep.netadapt.prune import prune, pruned_module
from cosearch.errors import CosearchError, LimitError, unknown
from cosearch.networks import Network
from cosearch.progress import Progress, silent

RULES: Final = ("ratio", "accuracy")  # MobileNetV3's, and NetAdapt's own
NORMS: Final = (1, 2)


@dataclass(frozen=True)
class AdaptSettings:
    """How large a step is, and what may be cut."""

    step: float = 0.03  # share of the first network's cost; MobileNetV3 took 0.01
    multiple: int = 8  # widths after a cut
    norm: int = 2  # of filters: the smallest go
    rule: str = "ratio"

    def __post_init__(self) -> None:
        if not 0 < self.step < 1:
            raise CosearchError(f"step {self.step}: above 0 and below 1 is needed")
        if self.multiple < 1:
            raise CosearchError(f"multiple {self.multiple}: at least 1 is needed")
        if self.norm not in NORMS:
            raise CosearchError(f"norm {self.norm}: 1 or 2 is needed")
        if self.rule not in RULES:
            raise unknown("rule", self.rule, RULES)


@dataclass(frozen=True)
class Adapted:
    """A network on the way, its module, and what both are worth. `cut` led here."""

    network: Network
    module: GraphModule
    accuracy: float
    cost: float
    cut: Cut | None = None

    def described(self) -> dict[str, Any]:
        """Plain data, of the cut and its figures."""
        found = {"accuracy": self.accuracy, "cost": self.cost}
        if self.cut is None:
            return found
        return {"group": self.cut.group, "from": self.cut.before, "to": self.cut.after, **found}


Tune = Callable[[GraphModule, int], None]  # the module, and which proposal it is
Judge = Callable[[GraphModule], float]


def adapt_once(
    now: Adapted,
    costs_of: CostsOf,
    at_most: float,
    settings: AdaptSettings,
    *,
    tune: Tune,
    judge: Judge,
    progress: Progress = silent,
) -> tuple[Adapted, list[dict[str, Any]]]:
    """The best of all proposals that cost `at_most`, and what all were worth.

    Where none reaches that alone, those that save anything take part. Raises `LimitError` where
    nothing is left to cut.
    """
    channels = channels_of(now.network)
    proposed = cuts(
        now.module, channels, costs_of, at_most, multiple=settings.multiple, norm=settings.norm
    )
    if not proposed:
        raise LimitError(f"nothing of {now.network.name} is left to cut; it costs {now.cost:.4g}")
    enough = [cut for cut in proposed if cut.cost <= at_most] or proposed
    tried = []
    for place, cut in enumerate(enough):
        module = pruned_module(now.module, channels, cut.gone)
        tune(module, place)
        accuracy = judge(module)
        tried.append(Adapted(prune(channels, cut.gone), module, accuracy, cut.cost, cut))
        progress("proposals", place + 1, len(enough), f"{cut.group}: {accuracy:.2%}")
    return best(now, tried, settings.rule), [each.described() for each in tried]


def best(now: Adapted, tried: Sequence[Adapted], rule: str) -> Adapted:
    """By accuracy alone, or by what is lost of it for every second saved."""
    if rule == "accuracy":
        return max(tried, key=lambda each: each.accuracy)
    return max(tried, key=lambda each: _gain(now, each))


def _gain(now: Adapted, then: Adapted) -> float:
    """Change of accuracy over cost saved; where costs stand still or rise, the change alone."""
    saved = now.cost - then.cost
    return (then.accuracy - now.accuracy) / saved if saved > 0 else -float("inf")
