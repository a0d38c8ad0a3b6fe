"""The page as text: whole, self-contained, escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from cosearch.errors import CosearchError
from cosearch.report import RunData, write_page
from cosearch.report.headline import headline_cards
from cosearch.report.tables import command, comparison, reproducibility

HOSTILE = (
    "x</script><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\"'&amp;"
)


class Elements(HTMLParser):
    """All tags with their attributes, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._raw = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._raw else data


def page_of(folder: Path) -> Elements:
    path = folder / "report.html"
    write_page(RunData.load(folder), path)
    return Elements(path.read_text(encoding="utf-8"))


def headings(page: Elements) -> int:
    return sum(tag == "h2" for tag, _ in page.tags)


def test_finished_page(tmp_path: Path, sample: ModuleType) -> None:
    page = page_of(sample.write(tmp_path))
    assert headings(page) == 8
    for words in ("97.5%", "limit 10 µs, 84% used", "nahas-baseline", "cosearch run nahas"):
        assert words in page.words


def test_nothing_is_loaded_from_anywhere(tmp_path: Path, sample: ModuleType) -> None:
    page = page_of(sample.write(tmp_path))
    links = [v or "" for _, a in page.tags for k, v in a.items() if k in ("src", "href", "data")]
    assert links == ["data:,"]
    style = (Path(__file__).parents[2] / "src/cosearch/report/style.css").read_text()
    assert not re.search(r"url\(|@import", style)
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_foreign_names_are_text(tmp_path: Path, sample: ModuleType) -> None:
    plain = page_of(sample.write(tmp_path / "plain"))
    hostile = page_of(sample.write(tmp_path / "hostile", data_name=HOSTILE, layer_name=HOSTILE))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert hostile.words.count(HOSTILE) >= 4


def test_unfinished_page(tmp_path: Path, sample: ModuleType) -> None:
    page = page_of(sample.write(tmp_path, finished=False))
    assert headings(page) == 2
    assert "not finished" in page.words
    assert "999" in page.words


def test_result_of_few_keys(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"seed": 3}')
    assert headings(page_of(tmp_path)) == 1


@pytest.mark.parametrize("key", ["network", "layers", "accelerator", "limits", "measured"])
def test_malformed_results_are_one_line(tmp_path: Path, sample: ModuleType, key: str) -> None:
    run = RunData({**sample.result(), key: [{"no": "sense"}]}, {})
    with pytest.raises(CosearchError, match=r"cannot be drawn from result\.json") as caught:
        write_page(run, tmp_path / "report.html")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_unwritable_path(tmp_path: Path, sample: ModuleType) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CosearchError, match="cannot write"):
        write_page(RunData(sample.result(), {}), tmp_path / "file" / "report.html")


def test_headline(sample: ModuleType) -> None:
    cards = {card.label: card for card in headline_cards(RunData(sample.result(), {}))}
    assert cards["Test accuracy, int8"].note == "351 of 360 images; fp32: 97.8%"
    assert cards["Latency"].used == pytest.approx(0.84)
    assert cards["Energy per inference"].used is None


def test_comparison_has_signs(sample: ModuleType) -> None:
    rows = {row[0]: row[1:] for row in comparison(sample.result())}
    assert rows["validation accuracy in the search"] == ("98.89%", "98.33%", "+0.56 points")
    assert rows["chip area"] == ("24.3 mm²", "30.1 mm²", "−19%")
    assert rows["processing elements"] == ("4 × 2", "4 × 4", "")


def test_command_is_quoted_for_a_shell(sample: ModuleType) -> None:
    result = sample.result("folder:/my pictures")
    assert command(result) == (
        "cosearch run nahas --data 'folder:/my pictures' --trials 1000 --seed 0 "
        "--latency '1e-05 s' --area '30.1 mm2'"
    )
    assert command({}) == "cosearch run nahas"
    assert ("limits", "latency 10 µs, area 30.1 mm²") in reproducibility(result)
