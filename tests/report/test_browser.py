"""The page in a real browser: its figures are drawn and nothing complains."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from cosearch.report import RunData, write_page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=8000", "--enable-logging=stderr", "--v=0", "--dump-dom",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here (apt-get install chromium): the page is not drawn")
    return path


def rendered(chromium: str, folder: Path) -> tuple[str, list[str]]:
    """The document after its scripts ran, and what they wrote to the console."""
    page = folder / "report.html"
    write_page(RunData.load(folder), page)
    run = subprocess.run(
        [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return run.stdout, re.findall(r".*CONSOLE.*", run.stderr)


def figures(document: str) -> dict[str, str]:
    """The drawn part of each figure, by its name."""
    parts = re.split(r'<div id="(\w+)" class="plotly-graph-div', document)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_finished_page_is_drawn(chromium: str, tmp_path: Path, sample: ModuleType) -> None:
    hostile = "<a href='https://evil.example'>x</a><script>throw 1</script>"
    folder = sample.write(tmp_path, data_name=hostile, layer_name=hostile)
    document, complaints = rendered(chromium, folder)
    assert complaints == []
    drawn = figures(document)
    assert set(drawn) == {"pareto", "progress", "layers"}
    assert all('class="main-svg"' in figure for figure in drawn.values())
    assert drawn["pareto"].count('class="trace scatter') == 8
    assert drawn["progress"].count("<image") == 2
    assert drawn["layers"].count('class="point"') == len(sample.result()["layers"])
    assert not re.search(r"<a [^>]*evil", document)


def test_unfinished_page_is_drawn(chromium: str, tmp_path: Path, sample: ModuleType) -> None:
    document, complaints = rendered(chromium, sample.write(tmp_path, finished=False))
    assert complaints == []
    drawn = figures(document)
    assert set(drawn) == {"pareto", "progress"}
    assert drawn["progress"].count("<image") == 2
