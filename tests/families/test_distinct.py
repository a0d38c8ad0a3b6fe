"""The distinct blocks of a space: all there, each once, and each genome's found."""

from __future__ import annotations

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.families.distinct import FREE, Blocks, block_key, blocks_of
from cosearch.families.fbnet import BLOCKS, fbnet_family
from cosearch.networks import Builder, fuse
from cosearch.space import Knob, Space

QUICK = ("fbnet", "hurricane", "mobile", "nas-bench-macro", "nasbench201", "once-for-all", "spos")


@pytest.fixture(scope="module")
def fbnet() -> Blocks:
    return blocks_of(fbnet_family())


@pytest.mark.parametrize("name", QUICK)
def test_blocks_of_a_genome_do_the_work_of_its_network(name: str) -> None:
    family = FAMILIES[name].make()
    found = blocks_of(family)
    genomes = family.space.sample(np.random.default_rng(0), 20)
    for genome, numbers in zip(genomes, found.numbers(genomes), strict=True):
        blocks = [found.blocks[i].network for i in numbers if i != FREE]
        rows = np.concatenate([block.layers.table(np.int64) for block in blocks])
        whole = fuse(family.network(genome)).layers.table(np.int64)
        if name == "nasbench201":  # its edges share what the whole network computes once
            assert sum(block.macs for block in blocks) == family.network(genome).macs
        else:
            np.testing.assert_array_equal(rows, whole)


def test_each_block_is_there_once(fbnet: Blocks) -> None:
    keys = [block.key for block in fbnet.blocks]
    assert len(set(keys)) == len(keys)
    # of 22 layers x 9 operators; equal where shapes are, and 14 layers may be skipped
    assert len(keys) == 104
    assert all(block.network.rows for block in fbnet.blocks)
    assert "stage1.block0 operator=k3e6 on 16x112x112" in {b.label for b in fbnet.blocks}


def test_skipped_layers_are_free(fbnet: Blocks) -> None:
    space = fbnet.chain.space
    genome = space.encode({"stage1.block1.operator": "-", "stage1.block0.operator": "-"})
    numbers = dict(
        zip([s.name for s in fbnet.chain.slots], fbnet.numbers(genome[None])[0], strict=True)
    )
    assert numbers["stage1.block1"] == FREE
    assert numbers["stage1.block0"] != FREE  # it strides, so it is a convolution
    assert len(BLOCKS) == 9


def test_keys_are_of_what_is_computed() -> None:
    def block(name: str, activation: str = "relu", stride: int = 1):
        net = Builder(name, (4, 8, 8))
        net.conv("input", 8, f"{name}.conv", kernel=3, activation=activation, stride=stride)
        return net.build()

    assert block_key(block("a")) == block_key(block("b"))
    assert block_key(block("a")) != block_key(block("a", "hswish"))
    assert block_key(block("a")) != block_key(block("a", stride=2))


def test_the_fingerprint_changes_with_the_images() -> None:
    small, large = (blocks_of(fbnet_family(image=(3, size, size))) for size in (64, 96))
    assert small.chain.space.fingerprint == large.chain.space.fingerprint
    assert small.fingerprint != large.fingerprint
    assert small.fingerprint == blocks_of(fbnet_family(image=(3, 64, 64))).fingerprint


def grow_toy(net: Builder, live: Live, name: str, wide: bool, kernel: int) -> Live:
    return (net.conv(live[0], 8 if wide else 4, name, kernel=kernel),)


def test_gated_knobs_do_not_count() -> None:
    space = Space([Knob("wide", (False, True)), Knob("kernel", (1, 3), {"wide": (True,)})])
    chain = Chain("toy", space, (Slot("a", ("wide", "kernel"), grow_toy),), ((4, 8, 8),))
    found = blocks_of(ChainFamily(chain, {}, "here"))
    quiet, loud, other = found.numbers(np.array([[0, 0], [0, 1], [1, 1]])).tolist()
    assert quiet == loud != other


def test_a_space_that_is_no_chain_is_refused() -> None:
    with pytest.raises(CosearchError, match="space 'nasnet' is no chain of blocks"):
        blocks_of(FAMILIES["nasnet"].make())
