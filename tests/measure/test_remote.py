"""A remote device: here a folder, to which files are copied and where a new process runs them."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.measure import NoisyMachineError, Settings, measure
from cosearch.measure.reference import reference_network
from cosearch.networks.onnx_out import write_onnx

ONCE = Settings(warm_up=1, rounds=2, max_rounds=2, repeats=3, round_s=0.0)


@pytest.fixture
def board(tmp_path):
    """Its file, with any entries changed."""
    there = tmp_path / "board"
    there.mkdir()

    def write(**changes: object) -> str:
        script = ("{harness}", "{model}", "{reference}", "{settings}", "{result}")
        data = {
            "name": "board",
            "push": ["cp", "{file}", f"{there}/{{name}}"],
            "run": [sys.executable, *(f"{there}/{place}" for place in script)],
            "pull": ["cp", f"{there}/{{name}}", "{file}"],
            **changes,
        }
        path = tmp_path / "board.json"
        path.write_text(json.dumps(data))
        return str(path)

    write.there = there  # type: ignore[attr-defined]
    return write


def test_the_file_is_run_by_a_process_there(board, tiny) -> None:
    found = measure(tiny, board(), ONCE, accept_noise=True)
    assert found.runtime == "board"
    assert found.device["name"] == "board"
    assert found.device["cpu"]
    assert set(found.versions) == {"onnxruntime", "python"}
    assert [len(samples) for samples in found.rounds_s] == [3, 3]
    assert [len(samples) for samples in found.reference_rounds_s] == [4, 4]
    pushed = {path.name: path.read_bytes() for path in board.there.iterdir()}
    write_onnx(reference_network(), board.there / "wanted.onnx")
    assert pushed["cosearch_reference.onnx"] == (board.there / "wanted.onnx").read_bytes()
    assert pushed["cosearch_model.onnx"] != pushed["cosearch_reference.onnx"]
    answered = json.loads(pushed["cosearch_result.json"])
    np.testing.assert_array_equal(answered["rounds_s"], found.rounds_s)


def test_tflite_and_int8(board, tiny) -> None:
    settings = Settings("int8", batch=2, warm_up=0, rounds=1, max_rounds=1, repeats=2, round_s=0)
    found = measure(tiny, board(format="tflite"), settings, accept_noise=True)
    assert "ai_edge_litert" in found.versions
    assert (board.there / "cosearch_model.tflite").stat().st_size > 1000


def test_a_file_goes_there_as_it_is(board, tiny, tmp_path) -> None:
    path = tmp_path / "tiny.onnx"
    write_onnx(tiny, path)
    assert measure(path, board(), ONCE, accept_noise=True).model == "tiny.onnx"
    assert (board.there / "cosearch_model.onnx").read_bytes() == path.read_bytes()
    with pytest.raises(CosearchError, match=r"device board takes \.tflite"):
        measure(path, board(format="tflite"), ONCE)
    with pytest.raises(CosearchError, match=r"gone\.onnx: no such file"):
        measure(tmp_path / "gone.onnx", board(), ONCE)


def test_more_rounds_are_fetched_while_it_is_noisy(board, tiny) -> None:
    noisy = {"rounds_s": [[0.1], [0.3]], "reference_rounds_s": [[0.01], [0.01]]}
    (board.there / "noisy.json").write_text(json.dumps(noisy))
    run = ["cp", f"{board.there}/noisy.json", f"{board.there}/{{result}}", "{model}"]
    run = ["sh", "-c", f"echo {{model}} >> {board.there}/log; {' '.join(run[:3])}"]
    settings = Settings(rounds=2, max_rounds=6)
    with pytest.raises(NoisyMachineError, match=r"tiny on board: .* after 6 rounds"):
        measure(tiny, board(run=run), settings)
    assert (board.there / "log").read_text().count("cosearch_model.onnx") == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"push": ["sh", "-c", "echo no devices/emulators found >&2; exit 3", "{file}"]},
            r"device board: `sh -c .*exit 3.*` ended with exit code 3 and said: no devices",
        ),
        (
            {"run": ["sh", "-c", "kill -9 $$", "{model}"]},
            r"`sh .*cosearch_model\.onnx` ended with exit code -9 and said: nothing",
        ),
        ({"run": ["sleep", "60", "{model}"], "timeout_s": 0.5}, r"`sleep 60 .* exit code 1"),
        (
            {"run": ["sh", "-c", "sleep 60", "{model}"], "timeout_s": 0.5},
            r"`sh -c 'sleep 60' .*` did not end within 0\.5 s",
        ),
        ({"push": ["no-such-program", "{file}"]}, r"`no-such-program .* cannot be run: No such"),
        ({"pull": ["true", "{file}"]}, "device board: no result came back"),
        ({"pull": ["sh", "-c", "echo '{{}}' > $0", "{file}"]}, "no result: rounds_s: Field req"),
        (
            {"pull": ["sh", "-c", "echo half > $0", "{file}"]},
            "answered what is no result: Expecting",
        ),
    ],
)
def test_a_device_that_goes_away(board, tiny, changes, message, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with pytest.raises(CosearchError, match=message):
        measure(tiny, board(**changes), ONCE)
    assert not list((tmp_path / "temporary").iterdir())


def test_an_old_result_is_not_taken_for_a_new_one(board, tiny) -> None:
    """The second pull brings nothing: what the first one brought must not be counted again."""
    count = f"echo x >> {board.there}/count; test $(wc -l < {board.there}/count) = 1"
    copy = f"{count} && cp {board.there}/noisy.json $0; true"
    noisy = {"rounds_s": [[0.1], [0.3]], "reference_rounds_s": [[0.01], [0.01]]}
    (board.there / "noisy.json").write_text(json.dumps(noisy))
    path = board(run=["true", "{model}"], pull=["sh", "-c", copy, "{file}"])
    with pytest.raises(CosearchError, match="no result came back"):
        measure(tiny, path, Settings(rounds=2, max_rounds=6))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"rounds_s": [[0.1, -0.1]], "reference_rounds_s": [[0.1]]}, r"rounds_s\.0\.1: .* than 0"),
        ({"rounds_s": [], "reference_rounds_s": []}, r"rounds_s: .*at least 1"),
        ({"rounds_s": [[0.1]], "reference_rounds_s": [[1.0], [1.0]]}, "1 rounds .* 2 of the ref"),
        ({"rounds_s": [[0.1]], "reference_rounds_s": [[1.0]], "x": 1}, "x: Extra inputs"),
    ],
)
def test_answers_that_make_no_sense(board, tiny, answer, message) -> None:
    (board.there / "answer.json").write_text(json.dumps(answer))
    path = board(run=["true", "{model}"], pull=["cp", f"{board.there}/answer.json", "{file}"])
    with pytest.raises(CosearchError, match=rf"device board answered what is no result: {message}"):
        measure(tiny, path, Settings(rounds=1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"push": ["cp", "{fil}"]}, r"board\.json: push: unknown place \{fil\}: allowed are file"),
        ({"push": ["cp"]}, r"push: \{file\} must appear in it"),
        ({"run": []}, "run: "),
        ({"pull": "cp"}, "pull: "),
        ({"format": "coreml"}, "format: "),
        ({"timeout_s": 0}, "timeout_s: "),
        ({"colour": "red"}, "colour: "),
        ({"run": ["{model"]}, "run: "),
    ],
)
def test_bad_device_files_are_refused(board, tiny, changes, message) -> None:
    with pytest.raises(CosearchError, match=message):
        measure(tiny, board(**changes), ONCE)


def test_no_such_device_file(tiny, tmp_path) -> None:
    with pytest.raises(CosearchError, match=r"cannot read .*gone\.json"):
        measure(tiny, str(tmp_path / "gone.json"), ONCE)


def test_the_harness_needs_nothing_of_ours() -> None:
    from cosearch.measure.remote import target

    text = Path(target.__file__).with_name("harness.py").read_text()
    imported = [line for line in text.splitlines() if line.lstrip().startswith(("import", "from"))]
    assert imported
    assert not any("cosearch" in line for line in imported)
