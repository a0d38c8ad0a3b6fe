"""ZigZag, layer by layer: agreement held with a margin, strange rows passed over by name."""

import csv
import json
from pathlib import Path

import pytest
from validation.zigzag import explained, validate
from validation.zigzag_layers import layers_of, read
from validation.zigzag_predict import devices, predict

from cosearch.errors import CosearchError

PAGES = Path(__file__).parents[2] / "docs" / "validation"
ARCHITECTURES = ("edge_tpu_like", "tpu_like", "ascend_like", "tesla_npu_like")


@pytest.fixture(scope="module")
def table(reference_data: Path) -> list[dict[str, str]]:
    with (reference_data / "simulators/zigzag/layers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def written(rows: list[dict[str, str]], folder: Path) -> Path:
    path = folder / "layers.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_agreement_on_every_architecture(reference_data: Path) -> None:
    figures = validate(reference_data / "simulators/zigzag/layers.csv")
    assert (figures["rows"], figures["passed over"], figures["strides known"]) == (84, 0, 84)
    for name in ARCHITECTURES:
        assert float(figures[f"{name} cycles, their mapping within 2x"]) == 1
        assert float(figures[f"{name} cycles, their mapping geometric mean factor"]) < 1.2
        assert float(figures[f"{name} cycles Spearman"]) > 0.7
        assert 0.6 < float(figures[f"{name} cycles median ratio"]) < 1.1
        assert float(figures[f"{name} energy, their prices geometric mean factor"]) < 1.5


def test_every_layer_off_by_two_is_explained(reference_data: Path) -> None:
    rows, _ = read(reference_data / "simulators/zigzag/layers.csv", list(devices()))
    for name in ARCHITECTURES:
        said = predict([row for row in rows if row.architecture == name], name)
        for line, why in explained(said):
            assert "unexplained" not in why, line


@pytest.mark.parametrize(
    "kind", ["cycles", "cycles, their mapping", "energy", "energy, their prices"]
)
def test_the_page_quotes_the_committed_figures(kind: str) -> None:
    figures = json.loads((PAGES / "figures" / "zigzag.json").read_text())["figures"]
    page = (PAGES / "zigzag.md").read_text()
    for name in (*ARCHITECTURES, "all"):
        rank, ratio, factor, close, far = (
            float(figures[f"{name} {kind} {what}"])
            for what in (
                "Spearman",
                "median ratio",
                "geometric mean factor",
                "within 1.25x",
                "within 2x",
            )
        )
        cells = f"{rank:.2f} | {ratio:.2f} | {factor:.2f} | {close:.0%} | {far:.0%}"
        assert f"| {name} | {cells} |".replace("%", " %") in page


def test_rows_we_cannot_predict_are_counted_and_named(
    table: list[dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(row for row in table if "edge_tpu" in row["run"])
    rows = [
        first,
        {**first, "type": "Add"},
        {**first, "run": "resnet18_aimc_latency"},
        {**first, "onloading": "-4"},
        {**first, "loop_dimensions": '{"K": 4, "Q": 3}'},
    ]
    figures = validate(written(rows, tmp_path))
    assert (figures["rows"], figures["passed over"]) == (1, 4)
    assert figures["edge_tpu_like cycles Spearman"] == "too few rows"
    said = capsys.readouterr().out
    for part in ("type Add", "run resnet18_aimc_latency", "negative", "loop dimension Q"):
        assert part in said


def test_other_networks_and_architectures_have_predictions(
    table: list[dict[str, str]], tmp_path: Path
) -> None:
    depthwise = '{"B": 1, "K": 1, "G": 384, "OX": 14, "OY": 14, "C": 1, "FX": 3, "FY": 3}'
    mixed = '{"D1": {"K": 1}, "D2": {"C": 1, "FX": 3}}'
    changed = {"loop_dimensions": depthwise, "spatial_mapping_user": mixed}
    rows = [
        {**table[0], **changed, "run": f"mobilenetv2_{name}_latency_lpf6"} for name in devices()
    ]
    path = written(rows, tmp_path)
    assert validate(path)["rows"] == len(devices())
    found, _ = read(path, list(devices()))
    assert {row.architecture for row in found} == set(devices())
    assert found[0].fixed_cycles == 384 * 14 * 14 * 3
    layers, _ = layers_of(found)
    assert (layers.macs == 384 * 14 * 14 * 9).all()


def test_input_is_what_the_layer_reads(table: list[dict[str, str]], tmp_path: Path) -> None:
    """A strided pointwise convolution reads a quarter of its input's pixels."""
    rows = [row for row in table if "downsample" in row["layer"]][:1]
    found, _ = read(written(rows, tmp_path), list(devices()))
    layers, known = layers_of(found)
    assert known == 1
    assert layers.inputs[0, 0] == 64 * 28 * 28


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    path.write_text("run,layer\na,b\n")
    with pytest.raises(CosearchError, match="lacks"):
        read(path, list(devices()))
