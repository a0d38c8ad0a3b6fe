"""The Coral Edge TPU, whole networks: names, fit, figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from validation.edge_tpu_fit import fit, profile
from validation.edge_tpu_rows import Row, named, read_rows

from cosearch.errors import CosearchError
from validation import edge_tpu

ON_CHIP = ("mobilenet-v1-1.0", "mobilenet-v2-1.0", "inception-v1", "efficientnet-edgetpu-s")


def test_every_network_left_out_of_the_fit() -> None:
    figures = edge_tpu.validate(edge_tpu.MEASURED)
    assert figures["networks"] == 21
    assert figures["unknown networks"] == 0
    for host in ("usb", "dev-board"):
        assert figures[f"{host}: Spearman"] >= 0.95
        assert figures[f"{host}: median error"] <= 0.20


def test_rows_of_the_same_network_are_one() -> None:
    rows = [Row("n", "usb", 0.002), Row("n", "usb", 0.008), Row("n", "dev-board", 1.0)]
    assert edge_tpu.means(rows) == {
        ("n", "usb"): pytest.approx(0.004),
        ("n", "dev-board"): pytest.approx(1.0),
    }


def test_the_fit_recovers_constants_of_the_grid() -> None:
    truth = fit({("mobilenet-v2-1.0", "usb"): 2e-3, ("vgg-16", "usb"): 0.3})
    names = (*ON_CHIP, "inception-v3", "vgg-16")
    made = {(n, h): truth.latency_s(profile(n), "usb") for n in names for h in ("usb", "dev-board")}
    found = fit(made)
    again = {key: found.latency_s(profile(key[0]), key[1]) for key in made}
    np.testing.assert_allclose(list(again.values()), list(made.values()), rtol=0.02)


def test_weights_stream_above_eight_megabytes() -> None:
    """The cliff: what is below stays on chip, what is above crosses the link every time."""
    for name in ON_CHIP:
        assert profile(name).link_bytes.sum() < 0.05 * profile(name).weight_bytes
    for name in ("inception-v2", "inception-v3", "inception-v4"):
        network = profile(name)
        beyond = network.weight_bytes - 8 * 2**20
        assert beyond < network.link_bytes.sum() < beyond + 5e6


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("mobilenet_v1_0.75_192_quant_edgetpu.tflite", "mobilenet-v1-0.75@192"),
        ("mobilenet_v2_1.0_224_inat_bird_quant_edgetpu.tflite", "mobilenet-v2-1.0"),
        ("tf2_mobilenet_v3_edgetpu_1.0_224_ptq_edgetpu.tflite", "mobilenet-edgetpu-1.0"),
        ("ssd_mobilenet_v2_coco_quant_postprocess_edgetpu.tflite", "ssd-mobilenet-v2"),
        ("efficientnet-edgetpu-S_quant_edgetpu.tflite", "efficientnet-edgetpu-s"),
        ("EfficientNet-EdgeTpu-M*", "efficientnet-edgetpu-m"),
        ("ResNet-152 V2 (299x299)", "resnet-v2-152@299"),
        ("Unet Mv2 (128x128)", "unet-mobilenet-v2"),
        ("resnet-50@224", "resnet-50"),
    ],
)
def test_names(theirs: str, ours: str) -> None:
    assert named(theirs) == ours


def test_names_nobody_knows() -> None:
    with pytest.raises(CosearchError, match="EfficientDet"):
        named("EfficientDet-Lite0")


def test_files_of_the_same_form(tmp_path: Path, reference_data: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_text(
        "network,host,latency_ms,source\n"
        "mobilenet_v1_0.5_160_quant.tflite,usb,1.2,x\n"
        "efficientnet-lite0,Dev Board,4,x\n"
        "EfficientDet-Lite0,usb,37.4,x\n"
        "mobilenet-v1-1.0,raspberry pi,9,x\n"
    )
    figures = edge_tpu.validate(path)
    assert (figures["networks"], figures["unknown networks"]) == (2, 1)
    reference = reference_data / "accelerator_benchmarks" / "coral_edgetpu_reference"
    if not reference.is_dir():
        pytest.skip("no reference files of Coral")
    assert {row.host for row in read_rows(reference)} == {"usb", "dev-board"}


def test_data_without_a_row(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CosearchError, match="no row of a known network"):
        edge_tpu.validate(path)
