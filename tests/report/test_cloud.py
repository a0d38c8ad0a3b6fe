"""The picture of a family: every point inside the frame, every reference named once."""

import re

import pytest

from cosearch.families import FAMILIES
from cosearch.report.cloud_data import family_cloud
from cosearch.report.cloud_svg import cloud_svg


@pytest.mark.parametrize("name", ["mobile", "nahas-chip", "spos", "nas-bench-macro"])
def test_family_is_drawn(name: str) -> None:
    cloud = family_cloud(FAMILIES[name].make(), members=50)
    assert (cloud.members > 0).all()
    svg = cloud_svg(cloud)
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert len(dots) == 50 + len(cloud.references)
    assert all(0 < float(x) < 640 and 0 < float(y) < 320 for x, y in dots)
    for reference in cloud.references:
        assert svg.count(f">{reference}<") == 1
    ticks = re.findall(r'font-size="10" *>([\d.e+]+)<|font-size="10">([\d.e+]+)<', svg)
    assert len(ticks) >= 6
