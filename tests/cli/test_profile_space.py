"""`cosearch profile --space`: a space on a device, before anything is trained."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cosearch.cli import app
from cosearch.errors import CosearchError

SPACE = ("profile", "--space", "nas-bench-macro", "--on", "small-edge")


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_table_for_people() -> None:
    text = run(*SPACE, "--latency", "0.1 ms")
    assert "the limits can be met, by 13" in text
    assert all(name in text for name in ("latency", "energy", "area", "macs", "params"))


def test_json_for_programs() -> None:
    found = json.loads(run(*SPACE, "--latency", "1 us", "--json"))
    assert found["space_size"] == 6561
    assert not found["reachable"]
    assert found["least_violation"] > 1
    rows = {row["metric"]: row for row in found["metrics"]}
    assert rows["macs"]["exact"]
    assert rows["latency_s"]["limit"] == 1e-6


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--on", "small-edge"], "only one of them"),
        (["resnet-50", "--space", "fbnet", "--on", "small-edge"], "only one of them"),
        (["resnet-50", "--on", "small-edge", "--latency", "1 ms"], "go with --space"),
        (["--space", "nasnet", "--on", "small-edge"], "no chain of blocks"),
        (["--space", "fbnett", "--on", "small-edge"], "did you mean 'fbnet'"),
    ],
)
def test_bad_questions(words: list[str], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        CliRunner().invoke(app, ["profile", *words], catch_exceptions=False)
