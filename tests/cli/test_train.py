"""`cosearch train`: settings by name, figures for people and machines, errors in a line."""

from __future__ import annotations

import json

import pytest

from cosearch.cli.train import settings_of
from cosearch.deep.data import load
from cosearch.errors import CosearchError
from cosearch.families.mobile import MobileFamily
from cosearch.files import read_json, write_json
from cosearch.progress import silent
from cosearch.recipes.alone import read_network, train_alone


@pytest.fixture
def network(tmp_path):
    family = MobileFamily.for_images(1, 8, 10)
    found = family.network(family.space.encode(family.references["smallest"]))
    write_json(tmp_path / "network.json", found.to_dict())
    return read_network(str(tmp_path / "network.json"))


def test_settings_by_name():
    asked = settings_of(3, ["lr=0.5", "optimizer=rmsprop", "mirror=true", "micro_batch=16"])
    assert (asked.epochs, asked.lr, asked.optimizer) == (3, 0.5, "rmsprop")
    assert (asked.mirror, asked.micro_batch) == (True, 16)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("lr", "--set lr: needs the form NAME=VALUE"),
        ("rate=3", "unknown training setting 'rate'"),
        ("lr=fast", "training lr fast"),
        ("optimizer=adm", "unknown training optimizer 'adm'"),
        ("epochs=3", "unknown training setting 'epochs'"),
    ],
)
def test_settings_that_are_none(option, message):
    with pytest.raises(CosearchError, match=message):
        settings_of(1, [option])


def test_it_writes_and_goes_on(network, tmp_path):
    settings = settings_of(2, ["threads=1", "average=0.9"])
    arguments = {"seed": 0, "folder": tmp_path / "out", "log": False, "progress": silent}
    found = train_alone(network, load("digits"), settings, **arguments)
    assert found["weights"] == "their moving average"
    assert read_json(tmp_path / "out" / "history.json") == json.loads(json.dumps(found))
    assert {"network.json", "network.pt"} < {p.name for p in (tmp_path / "out").iterdir()}
    assert train_alone(network, load("digits"), settings, **arguments) == found


def test_a_network_for_other_images_is_refused(network, tmp_path):
    arguments = {"seed": 0, "folder": tmp_path / "out", "log": False, "progress": silent}
    with pytest.raises(CosearchError, match=r"takes images of \(1, 8, 8\), those of digits have"):
        train_alone(network, load("digits", size=16), settings_of(1, []), **arguments)
    family = MobileFamily.for_images(1, 8, 7)
    other = family.network(family.space.encode(family.references["smallest"]))
    with pytest.raises(CosearchError, match="knows 7 classes, digits has 10"):
        train_alone(other, load("digits"), settings_of(1, []), **arguments)
    assert not (tmp_path / "out").exists()
