"""Searches whose every trial is trained: within the limit, each once, resumed exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.recipes.runs import run, steady

from cosearch.errors import CosearchError
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.settings import Settings

MNASNET = MnasnetSettings(
    data="digits",
    images=120,
    width=0.2,
    on="small-edge",
    trials=4,
    batch=2,
    child_epochs=1,
    epochs=1,
    optimizer="ppo",
)
NAHAS = NahasSettings(accuracy="trained", trials=4, child_epochs=1, epochs=1)


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "settings"), [("mnasnet", MNASNET), ("nahas", NAHAS)])
def test_stopped_anywhere_it_goes_on_to_the_same_result(
    tmp_path: Path, recipe: str, settings: Settings
) -> None:
    """Interrupted in the search and while the winner is trained; the children are the same."""
    whole = run(recipe, tmp_path / "whole", settings)
    assert whole["latency_ms"] <= whole["limits"]["latency_ms"]
    reports = 0

    def interrupting(*words: Any) -> None:
        nonlocal reports
        reports += 1
        if reports in (9, 24):
            raise KeyboardInterrupt

    while True:
        try:
            killed = run(recipe, tmp_path / "killed", settings, interrupting)
            break
        except KeyboardInterrupt:
            continue
    assert steady(whole) == steady(killed)
    children = [sorted(p.name for p in (tmp_path / n / "children").iterdir()) for n in KILLED]
    assert children[0] == children[1]
    assert all(name.endswith(".json") for name in children[0])


KILLED = ("whole", "killed")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 32}, "size 32: is for training; name --data"),
        ({"energy_j": 1e-3}, "energy_j 0.001: is for training"),
        ({"width": 0.5}, "width 0.5: is for training"),
        ({"data": "digits", "on": "onnxruntime", "energy_j": 1e-3}, "give a latency"),
        ({"data": "digits", "latency_s": -1.0}, "latency_s"),
    ],
)
def test_what_does_not_go_together(change: dict[str, Any], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        MnasnetSettings(**change).validate()


def test_a_trained_trial_is_dear() -> None:
    assert MnasnetSettings(data="digits").trials_asked == 32
    assert MnasnetSettings().trials_asked == 2000
    assert NahasSettings(accuracy="trained").trials_asked == 32
    assert NahasSettings().trials_asked == 1000
    assert not NahasSettings(accuracy="trained").tabular
