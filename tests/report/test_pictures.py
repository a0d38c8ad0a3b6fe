"""The network and the chip as SVG."""

from __future__ import annotations

from types import ModuleType
from xml.etree import ElementTree

import pytest

from cosearch.networks import Builder, Network
from cosearch.report.chip_svg import chip_svg
from cosearch.report.network_layout import BOX, place
from cosearch.report.network_svg import caption, kind, legend, network_svg


def branches(length: int) -> Network:
    """Two branches of different length, joined, and a shortcut over the whole network."""
    net = Builder("branches", (8, 16, 16))
    x = first = net.conv("input", 8, "<first>&")
    for i in range(length):
        x = net.conv(x, 8, f"left.{i}", kernel=3)
    y = net.conv(first, 8, "right")
    net.add(net.add(x, y, name="join"), first, name="end")
    return net.build()


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_one_box_per_operator(sample: ModuleType) -> None:
    network = sample.network()
    picture = parse(network_svg(network))
    titles = [element.text or "" for element in picture.iter("title")]
    assert [text.split(":")[0] for text in titles] == [node.name for node in network.nodes]
    assert any("depthwise" in name for name, _ in legend(network))


def test_kinds_and_captions(sample: ModuleType) -> None:
    nodes = sample.network().by_name
    node = nodes["stage1.block0.depthwise"]
    assert (kind(node), caption(node)) == ("depthwise", "dw 5×5 /2")
    assert kind(nodes["stage1.block0.expand"]) == "pointwise"
    assert kind(nodes["stem"]) == "conv"
    assert kind(nodes["pool"]) == "pool"
    assert kind(nodes["classifier"]) == "linear"
    assert kind(nodes["stage0.block0.add"]) == "elementwise"


@pytest.mark.parametrize("length", [1, 5, 30])
def test_every_input_is_a_link(length: int) -> None:
    network = branches(length)
    picture = parse(network_svg(network))
    drawn = [path.get("class") for path in picture.iter("path")]
    links = drawn.count("link") + drawn.count("shortcut")
    assert links == sum(len(node.inputs) for node in network.nodes)


@pytest.mark.parametrize("length", [1, 5, 30])
def test_boxes_do_not_overlap_and_stay_inside(length: int) -> None:
    layout = place(branches(length))
    for i, box in enumerate(layout.boxes):
        assert 0 <= box.x <= layout.width - BOX[0]
        assert 0 <= box.y <= layout.height - BOX[1]
        for other in layout.boxes[:i]:
            assert other.row < box.row or other.x + BOX[0] < box.x


def test_blocks_are_framed_and_not_broken(sample: ModuleType) -> None:
    layout = place(sample.network())
    assert len(layout.frames) == 6
    for frame in layout.frames:
        assert len({box.row for box in frame.boxes}) == 1


CHIP = {
    "pes_x": 4, "pes_y": 2, "cores": 2, "lanes": 16, "simd_width": 4, "core_memory_kib": 32,
    "pe_memory_kib": 2048, "dram_gb_per_s": 20,
}  # fmt: skip


@pytest.mark.parametrize(("pes", "drawn"), [((1, 1), 1), ((8, 8), 64), ((300, 2), 32)])
def test_processing_elements(pes: tuple[int, int], drawn: int) -> None:
    chip = {**CHIP, "pes_x": pes[0], "pes_y": pes[1], "cores": 900, "lanes": 4096}
    picture = parse(chip_svg(chip, {}, None))
    classes = [str(rect.get("class")) for rect in picture.iter("rect")]
    assert sum(name.split()[0] == "pe" for name in classes) == drawn
    assert classes.count("pe chosen") == 1
    words = " ".join(text.text or "" for text in picture.iter("text"))
    assert f"{pes[0]} × {pes[1]} processing elements" in words
    assert "900 cores (8 drawn) × 4096 lanes" in words


def test_a_chip_says_its_numbers() -> None:
    picture = parse(chip_svg(CHIP, {"PE memories": 5.0, "MAC array": 1.0}, 24.3))
    words = [text.text for text in picture.iter("text")]
    for text in ("20 GB/s", "2 MiB", "2 × 32 KiB", "24.3 mm²", "4-wide dot products"):
        assert text in words
