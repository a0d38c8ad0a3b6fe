"""No resource ever slows a layer down, over the whole of Apollo's space at once."""

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.sweep.tables import tables
from cosearch.families.apollo_chip import ApolloChipFamily
from cosearch.networks import Builder, Layers

FAMILY = ApolloChipFamily()
ON_CHIP = FAMILY.space.cardinalities[: -FAMILY.off_chip_knobs]
OFF_CHIP = FAMILY.space.cardinalities[-FAMILY.off_chip_knobs :]


def awkward(rng: np.random.Generator) -> Layers:
    """A network of sizes that divide nothing: full, depthwise, grouped, dilated, strided."""
    c, k = (int(n) for n in rng.integers(3, 80, 2))
    net = Builder("awkward", (c, 23, 19))
    x = net.conv("input", k, "full", kernel=int(rng.choice([1, 3, 5])))
    x = net.conv(x, k, "depthwise", kernel=3, groups=k, stride=int(rng.choice([1, 2])))
    x = net.conv(x, 4 * k, "grouped", kernel=3, groups=k)
    net.conv(x, c, "dilated", kernel=3, dilation=2)
    return net.build().layers


@pytest.mark.parametrize("seed", [0, 1])
def test_more_is_never_slower(seed: int) -> None:
    made = tables(awkward(np.random.default_rng(seed)), FAMILY, EdgeModel(), workers=2)
    time = made.on_s[made.row].reshape(*ON_CHIP, -1)
    for axis, knob in enumerate(FAMILY.space.knobs[: len(ON_CHIP)]):
        rise = np.diff(time, axis=axis) > 0
        assert not rise.any(), f"{knob.name}: {rise.sum()} layers slower with more of it"
    stream = made.off_s.reshape(*made.off_s.shape[:2], *OFF_CHIP)
    for axis in range(-len(OFF_CHIP), 0):
        assert (np.diff(stream, axis=axis) <= stream.max() * 1e-12).all()
    assert (np.diff(stream, axis=0) <= stream.max() * 1e-12).all()  # the total PE memory


def test_no_area_falls() -> None:
    made = tables(awkward(np.random.default_rng(0))[:1], FAMILY, EdgeModel(), workers=2)
    on, off = made.on_area_mm2.reshape(ON_CHIP), made.off_area_mm2.reshape(OFF_CHIP)
    for area in (on, off):
        for axis in range(area.ndim):
            assert (np.diff(area, axis=axis) >= -1e-12).all()
