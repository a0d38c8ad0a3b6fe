"""Tables built by measuring: resumed, refused, corrected."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from cosearch.calibrate.additivity import Additivity, check_additivity, corrected
from cosearch.calibrate.agreement import agreement, kendall, spearman
from cosearch.calibrate.lut import build_table, rows_file
from cosearch.calibrate.space_lookup import SpaceLookup
from cosearch.calibrate.table_latency import TableLatency
from cosearch.cost.lookup import read_table
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.families.distinct import blocks_of
from cosearch.measure import Measurement, NoisyMachineError, Settings
from cosearch.measure.reference import reference_network
from cosearch.measure.statistics import Statistics
from cosearch.networks import Network
from cosearch.problem import Goal, Problem

FAMILY = FAMILIES["nas-bench-macro"].make()
REFERENCE_S = 1e-4
SETTINGS = Settings(threads=1)


class Device:
    """A device that takes a nanosecond a MAC and 10 us a call; it goes away when told to."""

    def __init__(self, *, lives: int = 10**6, version: str = "1", noisy: int = 0) -> None:
        self.lives, self.version, self.noisy = lives, version, noisy
        self.asked: list[str] = []
        self.settings: Settings | None = None

    def __call__(
        self, network: Network, on: str, settings: Settings, *, accept_noise: bool = False
    ) -> Measurement:
        is_reference = network.name == reference_network().name
        if not is_reference:
            self.settings = settings
            self.asked.append(network.name)
            if len(self.asked) > self.lives:
                raise CosearchError("the device does not answer")
            if len(self.asked) <= self.noisy and not accept_noise:
                raise NoisyMachineError(f"{network.name}: too noisy")
        seconds = 1e-5 + network.macs * 1e-9
        return Measurement(
            network.name,
            "0" * 64,
            on,
            {"fake": self.version},
            {"cpu": "abacus", "clock_hz": 1e9 + len(self.asked)},
            {"version": "0", "commit": None},
            f"2026-01-01T00:00:{len(self.asked) % 60:02}+00:00",
            settings,
            Statistics(seconds, seconds, seconds, REFERENCE_S, 0.0, 0.01, 0, 10),
            ((seconds,) * 10,),
            ((REFERENCE_S,),),
            too_noisy=accept_noise and len(self.asked) <= self.noisy,
        )


def build(out: Path, device: Device, **options: object):
    return build_table(FAMILY, "fake", SETTINGS, out, take=device, **options)


def test_every_block_is_measured_once(tmp_path: Path) -> None:
    device = Device()
    table = build(tmp_path / "t.json", device)
    blocks = blocks_of(FAMILY).blocks
    assert Counter(device.asked) == Counter(block.label for block in blocks)
    for block in blocks:
        assert table.rows[block.key].latency_s == 1e-5 + block.network.macs * 1e-9
        assert table.rows[block.key].label == block.label
    assert read_table(tmp_path / "t.json").to_dict() == table.to_dict()


def test_the_manifest_says_what_measured(tmp_path: Path) -> None:
    made = build(tmp_path / "t.json", Device()).manifest
    assert (made["on"], made["runtime"], made["versions"]) == ("fake", "fake", {"fake": "1"})
    assert (made["precision"], made["threads"], made["batch"]) == ("fp32", 1, 1)
    assert made["device"] == {"cpu": "abacus"}
    assert made["clock_hz"] == [1e9 + 1, 1e9 + 17]
    assert made["settings"]["reference_s"] == REFERENCE_S
    assert made["began"] < made["ended"]
    assert made["harness"] == [{"version": "0", "commit": None}]


def test_a_device_that_goes_away_is_waited_for(tmp_path: Path) -> None:
    out, first = tmp_path / "t.json", Device(lives=5)
    with pytest.raises(CosearchError, match=r"5 of 17 are measured and kept in .*t\.rows\.jsonl; "):
        build(out, first)
    assert not out.exists()
    second = Device()
    resumed = build(out, second)
    assert first.asked[:5] + second.asked == [block.label for block in blocks_of(FAMILY).blocks]
    whole = build(tmp_path / "whole.json", Device())
    assert resumed.rows == whole.rows


def test_a_row_torn_by_a_kill_is_measured_again(tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    build(out, Device())
    data = rows_file(out).read_bytes()
    rows_file(out).write_bytes(data[:-100])
    device = Device()
    build(out, device)
    assert len(device.asked) == 1


def test_a_row_that_was_changed_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    build(out, Device())
    lines = rows_file(out).read_text().splitlines()
    row = json.loads(lines[3])
    row["measurement"]["statistics"]["median_s"] /= 2
    lines[3] = json.dumps(row)
    rows_file(out).write_text("\n".join(lines) + "\n")
    with pytest.raises(CosearchError, match=r"t\.rows\.jsonl: sha256 is .* was changed"):
        build(out, Device())


@pytest.mark.parametrize("change", ["version", "settings", "space"])
def test_a_file_of_something_else_is_not_mixed_with_this(tmp_path: Path, change: str) -> None:
    out = tmp_path / "t.json"
    with pytest.raises(CosearchError, match="5 of 17"):
        build(out, Device(lives=5))
    family = FAMILIES["spos"].make() if change == "space" else FAMILY
    settings = Settings(threads=2) if change == "settings" else SETTINGS
    device = Device(version="2" if change == "version" else "1")
    with pytest.raises(CosearchError, match=f"was measured with {change}.*, now it is"):
        build_table(family, "fake", settings, out, take=device)
    assert not device.asked


def test_noisy_blocks_are_tried_again_after_the_others(tmp_path: Path) -> None:
    device = Device(noisy=3)
    table = build(tmp_path / "t.json", device)
    assert len(device.asked) == 17 + 3
    assert device.asked[:3] == device.asked[17:]
    assert table.manifest["too_noisy"] == 0


def test_what_stays_noisy_is_refused_or_marked(tmp_path: Path) -> None:
    with pytest.raises(NoisyMachineError, match=r"0 of 17 are measured .*: too noisy"):
        build(tmp_path / "t.json", Device(noisy=10**6))
    table = build(tmp_path / "t.json", Device(noisy=10**6), accept_noise=True)
    assert table.manifest["too_noisy"] == 17


SLOW_BUILD = """
import sys, time
from pathlib import Path
from tests.calibrate.test_lut import Device, build
class Slow(Device):
    def __call__(self, *arguments, **options):
        time.sleep(0.05)
        return super().__call__(*arguments, **options)
build(Path(sys.argv[1]), Slow())
"""


def test_a_killed_build_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    command = [sys.executable, "-c", SLOW_BUILD, str(out)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        while not rows_file(out).exists() or rows_file(out).read_bytes().count(b"\n") < 4:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert not out.exists()
    kept = rows_file(out).read_bytes().count(b"\n") - 1
    device = Device()
    build(out, device)
    assert 3 <= kept < 17
    assert len(device.asked) == 17 - kept


# ---- what the table answers


def test_genomes_are_answered_by_their_blocks(tmp_path: Path) -> None:
    lookup = SpaceLookup.of(build(tmp_path / "t.json", Device()), FAMILY)
    genomes = FAMILY.space.sample(np.random.default_rng(0), 30)
    busy = (blocks_of(FAMILY).numbers(genomes) >= 0).sum(axis=1)
    expected = FAMILY.decode(genomes).macs.sum(axis=1) * 1e-9 + busy * 1e-5
    np.testing.assert_allclose(lookup.latency_s(genomes), expected)
    np.testing.assert_array_equal(lookup.busy(genomes), busy)


def test_another_space_is_refused(tmp_path: Path) -> None:
    table = build(tmp_path / "t.json", Device())
    with pytest.raises(CosearchError, match=r"of nas-bench-macro, fingerprint \w{16}; .* spos, f"):
        SpaceLookup.of(table, FAMILIES["spos"].make())


# ---- whole networks


def check(table, path: Path, device: Device, count: int = 12) -> Additivity:
    genomes = FAMILY.space.sample(np.random.default_rng(1), count)
    return check_additivity(table, FAMILY, genomes, path, take=device)


def test_whole_networks_pay_the_call_once(tmp_path: Path) -> None:
    """The fake device is exactly affine in the sum and the number of blocks."""
    table = build(tmp_path / "t.json", Device())
    device = Device()
    found = check(table, tmp_path / "whole.jsonl", device)
    assert device.settings is not None
    assert device.settings.reference_s == REFERENCE_S  # scaled as the table is
    assert found.raw.bias > 0
    assert found.corrected.mape < 1e-6
    assert found.correction.constant_s == pytest.approx(1e-5)
    assert found.correction.per_block_s == pytest.approx(-1e-5)
    lookup = SpaceLookup.of(corrected(table, found.correction), FAMILY)
    genomes = FAMILY.space.sample(np.random.default_rng(9), 5)
    latency_s = lookup.latency_s(genomes)
    np.testing.assert_allclose(latency_s, FAMILY.decode(genomes).macs.sum(1) * 1e-9 + 1e-5)


def test_whole_networks_are_kept_and_not_measured_twice(tmp_path: Path) -> None:
    table = build(tmp_path / "t.json", Device())
    first, second = Device(), Device()
    a, b = (check(table, tmp_path / "whole.jsonl", device) for device in (first, second))
    assert first.asked
    assert not second.asked
    np.testing.assert_array_equal(a.measured_s, b.measured_s)


def test_a_table_of_another_device_is_refused(tmp_path: Path) -> None:
    table = build(tmp_path / "t.json", Device())
    with pytest.raises(CosearchError, match=r"measured with versions .*'1'.*, this is .*'2'"):
        check(table, tmp_path / "whole.jsonl", Device(version="2"))


def test_corrections_are_judged_on_networks_they_have_not_seen() -> None:
    rng = np.random.default_rng(0)
    sums, noise = rng.uniform(1, 3, 12), rng.normal(1, 0.1, 12)
    found = Additivity(sums, rng.integers(3, 9, 12), sums * noise)
    fitted = found.correction(found.sums_s, found.blocks)
    assert found.corrected.mape > agreement(fitted, found.measured_s).mape


def test_rank_correlations_equal_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, 40), rng.integers(0, 6, 40)
    b[:20] = a[:20]
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b)[0])
    assert kendall(a, b) == pytest.approx(stats.kendalltau(a, b)[0])
    assert np.isnan(kendall(a, np.zeros(40)))


# ---- for real


def test_a_table_measured_on_onnx_runtime(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    settings = Settings(precision="int8", rounds=1, max_rounds=1, repeats=3, round_s=0)
    table = build_table(FAMILY, "onnxruntime", settings, tmp_path / "t.json", accept_noise=True)
    assert len(table.rows) == 17
    assert all(0 < row.latency_s < 0.1 for row in table.rows.values())
    assert table.manifest["versions"]["onnxruntime"]


def test_a_search_can_ask_a_table(tmp_path: Path) -> None:
    table = build(tmp_path / "t.json", Device())
    genomes = FAMILY.space.sample(np.random.default_rng(3), 50)
    problem = Problem(
        FAMILY, None, TableLatency.of(table, FAMILY), None, goals=(Goal("latency_s"),)
    )
    found = problem.evaluate(genomes)
    np.testing.assert_array_equal(
        found["latency_s"], SpaceLookup.of(table, FAMILY).latency_s(genomes)
    )
    assert np.isinf(found["energy_j"]).all()  # nobody measured it
    with pytest.raises(CosearchError, match="needs genomes"):
        TableLatency.of(table, FAMILY)(FAMILY.decode(genomes), None)
