"""The presets that stand for a published system: parameters as counted by hand, figures that follow from maths."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_runs import settings
from tui_trainer import paths
from tui_trainer.engine import model

COLOUR, MNIST = (3, 32, 32), (1, 28, 28)


def preset(name: str) -> ModuleType:
    return model.run_file(paths.shipped_presets() / f"{name}.py", name)


def built(name: str, shape: tuple[int, ...] = COLOUR, outputs: int = 10, **knobs: object) -> nn.Module:
    net = preset(name).build(shape, outputs, **knobs)
    assert isinstance(net, nn.Module)
    return net


def count(name: str, shape: tuple[int, ...] = COLOUR, outputs: int = 10, **knobs: object) -> int:
    return sum(parameter.numel() for parameter in built(name, shape, outputs, **knobs).parameters())


def descend(name: str, inputs: Tensor, targets: Tensor, steps: int, lr: float) -> tuple[nn.Module, list[float]]:
    """The net after so many steps on one batch, and the loss before each."""
    file = preset(name)
    net = file.build(tuple(inputs.shape[1:]), targets.shape[1])
    hook = getattr(file, "optimizer", None)
    config = settings(preset=name, dataset="sine", optimizer="sgd", momentum=0, lr=lr)
    optimizer = hook(net, config) if hook else torch.optim.SGD(net.parameters(), lr)
    losses = []
    for _ in range(steps):
        loss = file.loss(net(inputs), targets)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return net, losses


# Parameters

LENET = (3 * 25 * 6 + 6) + (6 * 25 * 16 + 16) + (16 * 5 * 5 * 120 + 120) + (120 * 84 + 84) + (84 * 10 + 10)
CNN = (3 * 9 * 16 + 16) + (16 * 9 * 32 + 32) + (32 * 9 * 64 + 64) + (64 * 4 * 4 * 64 + 64) + (64 * 10 + 10)
DAY_ONE = (784 * 512 + 512) + (512 * 512 + 512) + (512 * 10 + 10)
WIDEST = (784 * 50_000 + 50_000) + (50_000 * 10 + 10)
NOTEBOOK = (3 * 25 * 32 + 32) + (32 * 9 * 16 + 16) + (16 * 32 * 32 * 10 + 10)
SVM = 3 * 32 * 32 * 10 + 10
TWO_LAYER = (3 * 32 * 32 * 50 + 50) + (50 * 10 + 10)
CONVBN = (
    (3 * 9 * 8 + 2 * 8)  # a conv layer before a norm has no bias; the norm has two numbers for each channel
    + (8 * 9 * 16 + 16)
    + (16 * 9 * 32 + 2 * 32)
    + (32 * 9 * 32 + 32)
    + (32 * 9 * 32 + 2 * 32)
    + (32 * 4 * 4 * 128 + 2 * 128)
    + (128 * 128 + 2 * 128)
    + (128 * 10 + 10)
)


@pytest.mark.parametrize(
    ("name", "shape", "knobs", "expected"),
    [
        ("lenet", COLOUR, {}, LENET),
        ("cnn", COLOUR, {}, CNN),
        ("mlp", MNIST, {"width": 512}, DAY_ONE),
        ("mlp", MNIST, {"width": 512, "softmax": True, "init": "uniform"}, DAY_ONE),
        ("mlp", MNIST, {"width": 50_000, "layers": 1}, WIDEST),
        ("barebones", COLOUR, {}, NOTEBOOK),
        ("three_layer", COLOUR, {}, NOTEBOOK),
        ("three_layer_sequential", COLOUR, {}, NOTEBOOK),
        ("svm", COLOUR, {}, SVM),
        ("two_layer", COLOUR, {"hidden": 50}, TWO_LAYER),
        ("convbn", COLOUR, {"width": 8, "widest": 32}, CONVBN),
        ("least_squares", (2,), {}, 2),
        ("sine_fit", (1,), {}, 2),
    ],
)
def test_parameters_are_those_counted_by_hand(name: str, shape: tuple[int, ...], knobs: dict[str, object], expected: int) -> None:
    assert count(name, shape, 1 if len(shape) == 1 else 10, **knobs) == expected


def test_lenet_has_the_62_006_parameters_of_the_tutorial() -> None:
    assert LENET == 62_006


@pytest.mark.parametrize(
    ("convs", "width", "widest", "channels"),
    [
        (5, 8, 32, [8, 16, 32, 32, 32]),
        (5, 32, 128, [32, 64, 128, 128, 128]),
        (7, 8, 64, [8, 16, 32, 64, 64, 64, 64]),
        (7, 16, 512, [16, 32, 64, 128, 256, 512, 512]),
        (9, 32, 512, [32, 64, 128, 256, 512, 512, 512, 512, 512]),
        (9, 64, 1024, [64, 128, 256, 512, 1024, 1024, 1024, 1024, 1024]),
    ],
)
def test_convbn_has_the_published_channels_and_norms(convs: int, width: int, widest: int, channels: list[int]) -> None:
    with torch.device("meta"):
        net = built("convbn", convs=convs, width=width, widest=widest)
    assert [layer.out_channels for layer in net.modules() if isinstance(layer, nn.Conv2d)] == channels
    assert sum(isinstance(layer, nn.Linear) for layer in net.modules()) == 3
    assert sum(isinstance(layer, nn.BatchNorm1d) for layer in net.modules()) == 2
    kinds = [type(layer).__name__ for layer in net.modules()]
    normed = [number for number, at in enumerate(places(kinds, "Conv2d"), 1) if kinds[at + 1] == "BatchNorm2d"]
    assert normed == list(range(1, convs + 1, 2))


def places(kinds: list[str], kind: str) -> list[int]:
    return [at for at, one in enumerate(kinds) if one == kind]


# Least squares and the sine


SWAP, ONES = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.ones(2, 1)


def test_least_squares_is_there_after_one_step_at_a_half() -> None:
    net, losses = descend("least_squares", SWAP, ONES, 1, 0.5)
    assert net.state_dict()["x"].tolist() == [1.0, 1.0]
    assert losses == [2.0]


@pytest.mark.parametrize(("steps", "published"), [(1, "0.2"), (2, "0.36"), (3, "0.488"), (9, "0.8658")])
def test_least_squares_takes_the_published_steps_at_a_tenth(steps: int, published: str) -> None:
    net, _ = descend("least_squares", SWAP, ONES, steps, 0.1)
    digits = len(published) - 2
    assert [f"{value:.{digits}f}" for value in net.state_dict()["x"].tolist()] == [published, published]


def test_the_sine_flips_between_two_periods_as_published() -> None:
    x = torch.linspace(0, 2 * math.pi, 1000)[:, None]
    ends = {steps: descend("sine_fit", x, x.sin(), steps, 0.1) for steps in (39, 40)}
    a0, a1 = (ends[40][0].state_dict()[name].item() for name in ("a0", "a1"))
    assert a0 == pytest.approx(0.98, abs=0.005)
    assert a1 == pytest.approx(0.94, abs=0.006)
    other = ends[39][0].state_dict()["a1"].item()
    assert other - a1 == pytest.approx(0.1, abs=0.001)
    assert other > 1 > a1
    assert ends[40][1][-1] == pytest.approx(15.25, abs=0.005)


def test_the_sine_ends_as_published_where_points_drawn_at_random_give_the_published_loss() -> None:
    seen = []
    for seed in range(40):
        x = 2 * math.pi * torch.rand(1000, 1, generator=torch.Generator().manual_seed(seed))
        net, losses = descend("sine_fit", x, x.sin(), 40, 0.1)
        if abs(losses[-1] - 13.45) < 0.5:
            seen.append([net.state_dict()[name].item() for name in ("a0", "a1")])
    assert len(seen) >= 3
    assert torch.tensor(seen).mean(0).tolist() == pytest.approx([0.98, 0.94], abs=0.005)


# One net written three ways


def test_the_three_ways_are_one_net() -> None:
    tensors = list(built("three_layer").parameters())
    pictures = torch.randn(4, *COLOUR)
    outputs = []
    for name in ("barebones", "three_layer", "three_layer_sequential"):
        net = built(name)
        assert [parameter.shape for parameter in net.parameters()] == [tensor.shape for tensor in tensors]
        with torch.no_grad():
            for parameter, tensor in zip(net.parameters(), tensors, strict=True):
                parameter.copy_(tensor)
        outputs.append(net(pictures))
    assert torch.equal(outputs[0], outputs[1])
    assert torch.equal(outputs[1], outputs[2])


def test_the_update_by_hand_is_that_of_sgd_to_the_bit() -> None:
    by_hand, by_torch = built("barebones", (1, 8, 8)), built("three_layer_sequential", (1, 8, 8))
    with torch.no_grad():
        for first, second in zip(by_hand.parameters(), by_torch.parameters(), strict=True):
            second.copy_(first)
    config = settings(preset="barebones", optimizer="sgd", momentum=0, lr=3e-3)
    updates: list[Any] = [preset("barebones").optimizer(by_hand, config), torch.optim.SGD(by_torch.parameters(), 3e-3)]
    pictures, labels = torch.randn(8, 1, 8, 8), torch.arange(8)
    for _ in range(5):
        for net, update in zip((by_hand, by_torch), updates, strict=True):
            nn.functional.cross_entropy(net(pictures), labels).backward()
            update.step()
            update.zero_grad()
    assert all(torch.equal(one, two) for one, two in zip(by_hand.parameters(), by_torch.parameters(), strict=True))


def test_kaiming_weights_have_the_deviation_that_relu_asks_for() -> None:
    for name in ("barebones", "three_layer"):
        weights = [parameter for parameter in built(name).parameters() if parameter.ndim > 1]
        for weight in weights:
            assert weight.std().item() == pytest.approx(math.sqrt(2 / weight[0].numel()), rel=0.08)
        biases = [parameter for parameter in built(name).parameters() if parameter.ndim == 1]
        assert not any(bias.any() for bias in biases)


@pytest.mark.parametrize("name", ["barebones", "sine_fit"])
def test_an_update_by_hand_keeps_its_rate_in_a_checkpoint_and_follows_changes(name: str) -> None:
    shape, outputs = ((1,), 1) if name == "sine_fit" else ((1, 8, 8), 10)
    net = built(name, shape, outputs)
    update = preset(name).optimizer(net, settings(preset=name, optimizer="sgd", momentum=0, lr=0.25))
    update.param_groups[0]["lr"] = 0.125
    other = preset(name).optimizer(net, settings(preset=name, optimizer="sgd", momentum=0, lr=0.5))
    other.load_state_dict(update.state_dict())
    assert other.param_groups[0]["lr"] == 0.125


@pytest.mark.parametrize("name", ["barebones", "sine_fit"])
@pytest.mark.parametrize("given", [{"optimizer": "adam"}, {"momentum": 0.9}, {"weight_decay": 0.1}], ids=str)
def test_an_update_by_hand_says_what_it_does_not_follow(name: str, given: dict[str, object]) -> None:
    shape, outputs = ((1,), 1) if name == "sine_fit" else ((1, 8, 8), 10)
    plain: dict[str, object] = {"optimizer": "sgd", "momentum": 0}
    with pytest.raises(ValueError, match="sgd, with momentum and decay 0"):
        preset(name).optimizer(built(name, shape, outputs), settings(preset=name, **(plain | given)))


# The multilayer perceptron of day 1


def test_with_softmax_what_the_net_gives_are_shares() -> None:
    outputs = built("mlp", MNIST, softmax=True)(torch.randn(16, *MNIST))
    assert (outputs >= 0).all()
    torch.testing.assert_close(outputs.sum(1), torch.ones(16))
    plain = built("mlp", MNIST)(torch.randn(16, *MNIST))
    assert (plain < 0).any()


def test_with_softmax_the_loss_stays_above_the_bound_that_is_told() -> None:
    surest = torch.eye(10)
    assert nn.functional.cross_entropy(surest, torch.arange(10)).item() == pytest.approx(1.4612, abs=1e-4)


def test_uniform_parameters_lie_evenly_between_0_and_1() -> None:
    values = torch.cat([parameter.flatten() for parameter in built("mlp", (1, 8, 8), init="uniform").parameters()])
    assert 0 <= values.min().item() < 0.01
    assert 0.99 < values.max().item() <= 1
    assert values.mean().item() == pytest.approx(0.5, abs=0.01)


Hook = Callable[[Tensor, Tensor], Tensor]


def test_the_hinge_loss_is_that_of_the_loop_over_samples_and_classes() -> None:
    scores, labels = 3 * torch.randn(20, 7, dtype=torch.float64), torch.randint(7, (20,))
    total = 0.0
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        total += sum(max(0.0, score - row[label] + 1) for wrong, score in enumerate(row) if wrong != label)
    hinge: Hook = preset("svm").loss
    assert hinge(scores, labels).item() == pytest.approx(total / 20)


def test_the_hinge_loss_says_that_it_is_for_classes() -> None:
    hinge: Hook = preset("svm").loss
    with pytest.raises(ValueError, match="for classes"):
        hinge(torch.zeros(2, 1), torch.zeros(2, 1))


def test_the_hinge_loss_lets_go_of_what_is_safe() -> None:
    hinge: Hook = preset("svm").loss
    scores = torch.tensor([[5.0, 3.9, -2.0], [1.0, 0.5, 0.0]], requires_grad=True)
    hinge(scores, torch.tensor([0, 0])).backward()
    assert scores.grad is not None
    assert scores.grad.tolist() == [[0, 0, 0], [-0.5, 0.5, 0]]
