"""The Python in the pages runs, in the order in which it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/concepts/proxies.md",
    "docs/concepts/supernets.md",
    "docs/how-to/apollo.md",
    "docs/how-to/bottleneck.md",
    "docs/how-to/choose-optimizer.md",
    "docs/how-to/int8.md",
    "docs/how-to/mnasnet.md",
    "docs/how-to/measure.md",
    "docs/how-to/netadapt.md",
    "docs/how-to/optuna.md",
    "docs/how-to/own-device.md",
    "docs/how-to/own-space.md",
    "docs/how-to/profile.md",
    "docs/how-to/sweep.md",
    "docs/how-to/train.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_code_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.S | re.M)
    assert blocks
    monkeypatch.chdir(tmp_path)  # for what it writes
    exec(compile("\n".join(blocks), page, "exec"), {"__name__": "page"})
