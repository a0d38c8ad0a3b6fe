"""People's units at the edge."""

import pytest

from cosearch.errors import CosearchError
from cosearch.units import parse, show


@pytest.mark.parametrize(
    ("text", "quantity", "value"),
    [
        ("0.3 ms", "time", 3e-4),
        ("2us", "time", 2e-6),
        ("5", "time", 5e-3),
        ("1e-2 mJ", "energy", 1e-5),
        ("30 mm2", "area", 30.0),
    ],
)
def test_parse(text: str, quantity: str, value: float) -> None:
    default = {"time": "ms", "energy": "mJ", "area": "mm2"}[quantity]
    assert parse(text, quantity, default) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["", "fast", "-1 ms", "0", "1 kg", "inf ms", "nan", "1e999 s", "--1"]
)
def test_refuse(text: str) -> None:
    with pytest.raises(CosearchError, match="expected a positive number"):
        parse(text, "time", "ms")


@pytest.mark.parametrize(
    ("value", "quantity", "printed"),
    [
        (9.996e-7, "energy", "1 µJ"),
        (9.994e-7, "energy", "999 nJ"),
        (12_345.6, "time", "12,346 s"),
        (999.6, "time", "1,000 s"),
        (1023 * 1024, "memory", "1,023 KiB"),
        (-0.9996, "time", "-1 s"),
    ],
)
def test_no_number_is_printed_as_a_power_of_ten(value: float, quantity: str, printed: str) -> None:
    assert show(value, quantity) == printed


def test_show() -> None:
    assert show(0.00035, "time") == "350 µs"
    assert show(1.5, "time") == "1.5 s"
    assert show(42.29, "area", 4) == "42.29 mm²"
    assert show(float("inf"), "time") == "cannot run"
