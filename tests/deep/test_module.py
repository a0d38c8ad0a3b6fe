"""Modules equal the graphs they come from."""

from __future__ import annotations

import weakref

import pytest
import torch
from tests.deep.op_cases import CASES, WHOLE, batch, case, drawn
from torch import Tensor, nn

from cosearch.deep.module import ACTIVATIONS, OPS, initialise, to_module
from cosearch.errors import CosearchError
from cosearch.networks import Builder, Network, Node
from cosearch.networks import ops as graph_ops

COSTED = {"elementwise", "move"}  # only in networks read from files
RUN = set(OPS) - COSTED


def test_tables_cover_the_graph():
    assert set(graph_ops.OPS) == set(OPS) | {"input"}
    assert set(ACTIVATIONS) == set(graph_ops.ACTIVATIONS)


def test_cases_cover_the_tables():
    assert {case(name).nodes[-1].op for name in CASES} == RUN
    assert {node.op for make in WHOLE.values() for node in make().nodes} == RUN | {"input"}


@pytest.mark.parametrize("op", sorted(COSTED))
def test_what_the_graph_only_knows_the_cost_of_is_refused(op):
    node = Node("x", op, ("input",), (1, 2, 2), {"operator": "pad"})
    network = Network("n", (Node("input", "input", (), (1, 2, 2)), node))
    with pytest.raises(CosearchError, match=rf"'x' \({op}, pad\) can be costed but not run"):
        to_module(network)


@pytest.mark.parametrize("name", CASES)
def test_operators_run_forward_and_backward(name):
    network = case(name)
    module = drawn(network).train()
    images = batch(network).requires_grad_()
    out = module(images)
    assert out.shape == (2, *network.nodes[-1].shape)
    (out * torch.linspace(-1, 2, out.numel()).view(out.shape)).sum().backward()
    for tensor in (images, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()
        assert tensor.grad.abs().max() > 0
    assert sum(p.numel() for p in module.parameters()) == network.params


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_every_node_has_the_shape_the_graph_says(make):
    network = make()
    module = to_module(network).eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for op, (name, _) in zip(module.ops, module.steps, strict=True):
        op.register_forward_hook(
            lambda _m, _i, out, name=name: shapes.__setitem__(name, tuple(out.shape[1:]))
        )
    module(batch(network))
    assert shapes == {node.name: node.shape for node in network.nodes[1:]}


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_channels_last_changes_nothing_but_the_layout(make):
    network = make()
    module, images = drawn(network), batch(network)
    expected = module(images)
    module.to(memory_format=torch.channels_last)
    first = module.ops[0](images.to(memory_format=torch.channels_last))
    assert first.is_contiguous(memory_format=torch.channels_last)
    out = module(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)


def test_results_nobody_reads_again_are_let_go():
    net = Builder("n", (1, 2, 2))
    x = "input"
    for i in range(6):
        x = net.activation(x, "sigmoid", str(i))
    module = to_module(net.build())
    made: list[weakref.ref[Tensor]] = []
    alive = []
    for op in module.ops:
        op.register_forward_hook(lambda _m, _i, out: made.append(weakref.ref(out)))
        op.register_forward_pre_hook(
            lambda _m, _i: alive.append(sum(r() is not None for r in made))
        )
    with torch.inference_mode():
        module(torch.zeros(1, 1, 2, 2))
    assert max(alive) == 1


def test_compiles():
    network = WHOLE["attention"]()
    module, images = drawn(network), batch(network)
    compiled = torch.compile(module, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(images), module(images), rtol=1e-5, atol=1e-5)
    compiled(images).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


# ---- what padding means, spelled out on a canvas


def on_canvas(x: Tensor, pad: tuple[int, ...], fill: float) -> Tensor:
    """`x` with `fill` around it; pad is (top, left, bottom, right)."""
    top, left, bottom, right = pad
    height, width = x.shape[2:]
    canvas = torch.full((*x.shape[:2], top + height + bottom, left + width + right), float(fill))
    canvas[:, :, top : top + height, left : left + width] = x
    return canvas


def test_uneven_padding_of_a_convolution():
    network = case("conv-uneven")
    module, x = drawn(network), batch(network)
    conv, norm = module.ops[0].conv, module.ops[0].norm
    expected = norm(nn.functional.conv2d(on_canvas(x, (0, 1, 2, 0), 0), conv.weight))
    torch.testing.assert_close(module(x), expected)


def test_uneven_padding_of_pools():
    network = case("max_pool-uneven")
    x = batch(network)
    windows = on_canvas(x, (1, 0, 1, 1), torch.nan).unfold(2, 3, 2).unfold(3, 3, 2).flatten(4)
    torch.testing.assert_close(to_module(network)(x), windows.nan_to_num(-torch.inf).amax(-1))
    average = to_module(case("avg_pool-uneven"))(x)
    torch.testing.assert_close(average, windows.nanmean(-1))


@pytest.mark.parametrize(
    ("name", "pad", "more"),
    [
        ("conv_transpose", (1, 1), (0, 0)),
        ("conv_transpose-longer", (1, 1), (1, 1)),
        ("conv_transpose-uneven", (2, 0), (0, 0)),
        ("conv_transpose-dilated", (1, 1), (0, 0)),
    ],
)
def test_transposed_convolutions_crop_by_their_padding(name, pad, more):
    network = case(name)
    module, x = drawn(network), batch(network)
    conv = module.ops[0].conv
    dilation = network.nodes[-1].attributes.get("dilation", 1)
    full = nn.functional.conv_transpose2d(
        x, conv.weight, conv.bias, 2, output_padding=more, dilation=dilation
    )
    top, left = pad
    _, height, width = network.nodes[-1].shape
    expected = full[:, :, top : top + height, left : left + width]
    torch.testing.assert_close(module(x), expected.relu())


# ---- weights


def test_norms_take_their_epsilon_from_the_graph():
    net = Builder("n", (2, 4, 4), norm_eps=1e-5)
    x = net.batch_norm(net.conv("input", 2, "conv"), "norm")
    x = net.layer_norm(net.reshape(x, (2, 16), "rows"), "layer_norm", eps=1e-4)
    found = [m.eps for m in to_module(net.build()).modules() if hasattr(m, "eps")]
    assert found == [1e-5, 1e-5, 1e-4]
    assert to_module(case("conv")).ops[0].norm.eps == 1e-3


def test_activations_of_other_peoples_files_are_refused_by_name():
    node = Node("x", "activation", ("input",), (1, 2, 2), {"activation": "leakyrelu"})
    network = Network("n", (Node("input", "input", (), (1, 2, 2)), node))
    with pytest.raises(CosearchError, match="unknown activation of 'x' 'leakyrelu'"):
        to_module(network)


def test_parameters_equal_the_graphs_count(tiny):
    for genome in (tiny.space.encode(values) for values in tiny.references.values()):
        network = tiny.network(genome)
        assert sum(p.numel() for p in to_module(network).parameters()) == network.params


def test_weights_depend_on_the_seed_alone(tiny, middle):
    network = tiny.network(middle)
    torch.manual_seed(1)
    first = to_module(network, seed=3).state_dict()
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = to_module(network, seed=3).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[key], second[key]) for key in first)
    other = to_module(network, seed=4).state_dict()
    assert not torch.equal(first["ops.0.conv.weight"], other["ops.0.conv.weight"])


@pytest.mark.parametrize("groups", [1, 16])
def test_convolutions_start_with_he_fan_out(groups):
    net = Builder("n", (64, 8, 8))
    net.conv("input", 64, "conv", kernel=3, groups=groups)
    weight = to_module(net.build()).ops[0].conv.weight
    assert float(weight.detach().std()) == pytest.approx((2 / (9 * 64 / groups)) ** 0.5, rel=0.05)


def test_images_average_to_what_plain_torch_says():
    node = Node(
        "pool", "avg_pool", ("input",), (1, 2, 2), {"kernel": (3, 3), "stride": 2, "pad": (1, 1)}
    )
    network = Network("n", (Node("input", "input", (), (1, 4, 4)), node))
    out = to_module(network)(torch.ones(1, 1, 4, 4))
    assert torch.equal(out, torch.ones(1, 1, 2, 2))  # padding is not averaged in


def test_transformers_start_with_a_truncated_normal():
    net = Builder("n", (16, 64))
    net.dense(net.position(net.class_token("input", "class"), "position"), 64, "dense")
    weights = dict(to_module(net.build()).named_parameters())
    assert weights.pop("ops.2.linear.bias").abs().max() == 0
    for weight in weights.values():
        assert float(weight.detach().abs().max()) <= 0.04
        assert float(weight.detach().std()) == pytest.approx(0.0176, rel=0.3)  # its tails cut off


def test_initialise_starts_afresh():
    module = drawn(case("conv"))
    initialise(module, torch.Generator().manual_seed(0))
    fresh = to_module(case("conv")).state_dict()
    assert all(torch.equal(tensor, fresh[name]) for name, tensor in module.state_dict().items())
