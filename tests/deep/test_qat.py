"""Fake quantisation: what integers answer; tuned under it, a network is better in int8."""

from __future__ import annotations

import pickle

import numpy as np
import onnx
import pytest
import torch
from tests.deep.small_networks import grouped, joined, residual, shuffled
from torch.nn.utils import parametrize

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.answers import onnx_accuracy
from cosearch.deep.export import to_onnx
from cosearch.deep.fold import fold
from cosearch.deep.module import to_module
from cosearch.deep.qat import Int8Accuracy, Precision, Quantised, tune, write_int8
from cosearch.deep.qat.fake import FakeActivation, FakeBias, FakeWeight
from cosearch.deep.qat.quantised import places
from cosearch.deep.runtime import run
from cosearch.deep.supernet import Supernet, SupernetAccuracy
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import CosearchError
from cosearch.networks import Builder
from cosearch.networks.onnx_out.quantise import quantise
from cosearch.zoo import find_network


def drawn(network):
    """A module whose norms are not the identity."""
    module, generator = to_module(network).eval(), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if tensor.ndim == 1:
                some = torch.rand(tensor.shape, generator=generator)
                positive = name.endswith(("var", "norm.weight"))
                tensor.copy_(some + 0.5 if positive else 0.5 * some - 0.25)
    images = torch.rand(64, *network.input_shape, generator=generator)
    return module, images


def scales(path):
    """(scale, zero point) of every tensor that a file rounds."""
    model = onnx.load(path)
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    return {
        node.input[0].removesuffix("_QuantizeLinear_Input"): tuple(
            stored[name].item() for name in node.input[1:]
        )
        for node in model.graph.node
        if node.op_type == "QuantizeLinear"
    }


def difference_in_steps(network, folder):
    """Of the simulation's answers from those of ONNX Runtime's integers, in steps of these."""
    module, images = drawn(network)
    to_onnx(module, network.input_shape, folder / "fp32.onnx")
    quantise(folder / "fp32.onnx", folder / "int8.onnx", images.numpy())
    integers = run(folder / "int8.onnx", images.numpy())
    quantised = Quantised(module, network)
    quantised.watch(images)
    step = scales(folder / "int8.onnx")["logits"][0]
    with torch.no_grad():
        return np.abs(quantised(images).numpy() - integers) / step


@pytest.mark.parametrize("network", [residual(), grouped(), shuffled(), joined()])
def test_answers_are_the_integers_of_onnx_runtime_within_a_step(network, tmp_path):
    assert difference_in_steps(network, tmp_path).max() < 1.01


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet-v3-small@32", "resnet-18@32", "mobilenet-v2-0.35@32"])
def test_most_answers_of_deep_networks_are_the_integers_too(name, tmp_path):
    """Sums that end in the middle of two steps go either way, and others follow.

    With biases that are not rounded, a MobileNetV2's answers are 2.7 steps off on average.
    """
    assert difference_in_steps(find_network(name), tmp_path).mean() < 0.5


def test_ranges_are_those_of_the_file(tmp_path):
    network = residual()
    module, images = drawn(network)
    to_onnx(module, network.input_shape, tmp_path / "fp32.onnx")
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", images.numpy())
    quantised = Quantised(module, network)
    quantised.watch(images)
    theirs = scales(tmp_path / "int8.onnx")
    for name, (low, high) in quantised.ranges().items():
        scale, zero = theirs[name]
        assert scale == pytest.approx((high - low) / 255, rel=1e-4)
        assert zero == pytest.approx(-low / scale, abs=0.51)


def test_views_keep_the_range_of_what_they_read():
    found = places(shuffled())
    assert found["unit1.shuffle.deal"] == found["unit1.branch"] == found["unit0.concat"][-1:]
    assert found["unit1.concat"] != found["unit0.concat"]


def test_activations_round_as_quantize_linear_does():
    fake = FakeActivation(255)
    with torch.no_grad():
        fake.low.fill_(-1.0)
        fake.high.fill_(3.0)
    x = torch.linspace(-2, 4, 1001)
    scale = np.float32(4 / 255)
    zero = round(1 / scale)
    codes = np.clip(np.round(x.numpy() / scale) + zero, 0, 255)
    assert np.allclose(fake(x).detach().numpy(), (codes - zero) * scale, atol=1e-6)
    assert fake(torch.zeros(1)).item() == 0.0


def test_filters_round_per_channel():
    weight = torch.tensor([[1.0, -0.5, 0.26], [100.0, 1.0, -0.4]])
    rounded = FakeWeight(64)(weight)
    expected = torch.tensor([[1.0, -0.5, 17 / 64], [100.0, 100 / 64, 0.0]])
    assert torch.allclose(rounded, expected)


def test_biases_are_in_steps_of_the_sums():
    """Of input steps of 1/255 and filters' of 2/64 and 1/64."""
    reads, part = FakeActivation(255), torch.nn.Linear(1, 2)
    parametrize.register_parametrization(part, "weight", FakeWeight(64))
    with torch.no_grad():
        reads.high.fill_(1.0)
        part.parametrizations.weight.original.copy_(torch.tensor([[2.0], [-1.0]]))
    fake = FakeBias(reads, part)
    steps = torch.tensor([2.0, 1.0]) / (64 * 255)
    assert torch.allclose(
        fake(torch.tensor([7.4, -0.6]) * steps), torch.tensor([7.0, -1.0]) * steps
    )
    reads.watching = True
    assert fake(torch.tensor([0.123, 0.0])).tolist() == torch.tensor([0.123, 0.0]).tolist()
    bias = torch.tensor([0.3, 0.4], requires_grad=True)
    reads.watching = False
    fake(bias).sum().backward()
    assert bias.grad.tolist() == [1.0, 1.0]


def test_gradients_pass_where_values_are_in_range_and_move_the_bounds_elsewhere():
    fake = FakeActivation(255)
    with torch.no_grad():
        fake.low.fill_(-1.0)
        fake.high.fill_(1.0)
    x = torch.tensor([-2.0, 0.3, 5.0, 7.0], requires_grad=True)
    fake(x).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert (fake.low.grad.item(), fake.high.grad.item()) == (1.0, 2.0)


@pytest.mark.parametrize("network", [residual(), joined()])
def test_folding_changes_no_answer(network):
    module, images = drawn(network)
    with torch.no_grad():
        assert torch.allclose(fold(module, network)(images), module(images), atol=1e-4)


def small():
    net = Builder("small", (1, 8, 8), norm_eps=1e-5)
    x = net.conv("input", 16, "one", kernel=3, activation="relu")
    x = net.conv(x, 32, "two", kernel=3, stride=2, activation="hswish")
    x = net.conv(x, 32, "three", kernel=3, activation="relu6")
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


@pytest.fixture(scope="module")
def trained(digits):
    module = to_module(small())
    fit(module, digits.train, TrainSettings(12, threads=1), seed=0)
    return module


def test_tuning_wins_back_what_rounding_lost(trained, digits):
    """At three bits; ten epochs, and a loss of more than ten points to begin with."""
    exact = evaluate(trained, digits.test)
    quantised = Quantised(trained, small(), Precision.bits(3))
    quantised.watch(digits.train.pixels[:256])
    lost = exact - evaluate(quantised, digits.test)
    tune(quantised, digits.train, TrainSettings(10, lr=0.01, threads=1), seed=0)
    still_lost = exact - evaluate(quantised, digits.test)
    assert exact > 0.9
    assert lost > 0.1
    assert still_lost < 0.5 * lost


def test_the_file_answers_as_what_was_tuned(trained, digits, tmp_path):
    quantised = Quantised(trained, small())
    quantised.watch(digits.train.pixels[:256])
    before = quantised.ranges()
    tune(quantised, digits.train, TrainSettings(2, lr=0.01, threads=1), seed=0)
    write_int8(quantised, tmp_path / "int8.onnx", digits.train.pixels[:256])
    with torch.no_grad():
        ours = quantised(digits.test.pixels).argmax(1).numpy()
    theirs = run(tmp_path / "int8.onnx", digits.test.pixels.numpy()).argmax(1)
    assert np.mean(ours == theirs) > 0.99
    low, high = quantised.ranges()["logits"]
    assert (low, high) != before["logits"]  # learned
    assert scales(tmp_path / "int8.onnx")["logits"][0] == pytest.approx(
        (high - low) / 255, rel=1e-4
    )


def test_int8_accuracy_of_a_sub_network_is_its_file_s(tiny, digits, tmp_path):
    supernet = Supernet(tiny)
    torch.save(supernet.state_dict(), tmp_path / "supernet.pt")
    exact = SupernetAccuracy.of(tiny, tmp_path / "supernet.pt", digits)
    accuracy = Int8Accuracy(exact)
    genomes = tiny.space.sample(np.random.default_rng(0), 3)
    found = accuracy(genomes)
    assert np.array_equal(found, pickle.loads(pickle.dumps(accuracy))(genomes))
    for genome, figure in zip(genomes, found, strict=True):
        module = supernet.eval().subnet(genome)
        images = torch.from_numpy(exact.calibration).float() / 255
        calibrate(module, images)
        to_onnx(module, tiny.network(genome).input_shape, tmp_path / "fp32.onnx")
        quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", images.numpy())
        file = onnx_accuracy(tmp_path / "int8.onnx", digits.validation)
        assert figure == pytest.approx(file, abs=0.02)


def test_int8_accuracy_falls_with_the_bits(tiny, digits, trained, tmp_path):
    figures = []
    for bits in (8, 2):
        quantised = Quantised(trained, small(), Precision.bits(bits))
        quantised.watch(digits.train.pixels[:256])
        figures.append(evaluate(quantised, digits.test))
    assert figures[0] > evaluate(trained, digits.test) - 0.03
    assert figures[1] < figures[0]


@pytest.mark.parametrize("bits", [1, 9])
def test_bits_out_of_range(bits):
    with pytest.raises(CosearchError, match=f"{bits} bits"):
        Precision.bits(bits)
