"""Computed datasets: exactly what their docstrings say, always the same, whatever the seed of a run."""

from __future__ import annotations

import math

import pytest
import torch

from engine_runs import settings
from tui_trainer import datasets, paths
from tui_trainer.engine import data, functions

CPU = torch.device("cpu")


def points(kind: str, noise: float = 0.0, size: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    return functions.points(datasets.find("points", {"kind": kind, "noise": noise, "size": size}))


@pytest.mark.parametrize("kind", functions.PLACES)
def test_points_are_always_the_same_and_as_many_of_each_class(kind: str) -> None:
    dataset = datasets.find("points", {"kind": kind})
    inputs, labels = functions.points(dataset)
    again, _ = functions.points(dataset)
    assert torch.equal(inputs, again)
    assert (inputs.shape, inputs.dtype, labels.dtype) == ((2500, 2), torch.float32, torch.int64)
    counts = labels.bincount(minlength=len(dataset.classes))
    assert len(counts) == len(dataset.classes)
    assert int(counts.max() - counts.min()) <= 1
    assert not torch.equal(inputs, functions.points(datasets.find("points", {"kind": kind, "noise": 0.3}))[0])


def test_every_kind_of_points_is_there() -> None:
    assert datasets.POINTS.knobs[0].choices == tuple(functions.PLACES)


def test_moons_are_two_half_circles() -> None:
    inputs, labels = points("moons")
    x, y = inputs.unbind(1)
    upper, lower = labels == 0, labels == 1
    assert torch.allclose(x[upper] ** 2 + y[upper] ** 2, torch.ones(int(upper.sum())), atol=1e-5)
    assert (y[upper] >= 0).all()
    assert torch.allclose((x[lower] - 1) ** 2 + (y[lower] - 0.5) ** 2, torch.ones(int(lower.sum())), atol=1e-5)
    assert (y[lower] <= 0.5).all()


def test_circles_have_radius_one_and_a_half() -> None:
    inputs, labels = points("circles")
    assert torch.allclose(inputs.norm(dim=1), 1 - 0.5 * labels.float(), atol=1e-5)


def test_spirals_wind_once_around_in_each_arm() -> None:
    inputs, labels = points("spirals")
    radius = inputs.norm(dim=1)
    assert float(radius.max()) <= 1
    angle = 4 * radius + 2 * math.pi * labels / 3
    assert torch.allclose(inputs, radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1), atol=1e-4)


def test_xor_is_the_sign_of_the_product() -> None:
    inputs, labels = points("xor")
    assert float(inputs.abs().max()) <= 1
    assert torch.equal((inputs.prod(1) < 0).long(), labels)


def test_gaussians_lie_around_the_corners() -> None:
    inputs, labels = points("gaussians", noise=0.05, size=4000)
    for label, corner in enumerate(((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5))):
        cloud = inputs[labels == label]
        assert cloud.mean(0).tolist() == pytest.approx(corner, abs=0.02)
        assert cloud.std(0).tolist() == pytest.approx([0.15, 0.15], rel=0.1)


def test_noise_is_the_deviation_that_is_added() -> None:
    still, noisy = points("moons", 0.0, 4000)[0], points("moons", 0.25, 4000)[0]
    assert (noisy - still).std(0).tolist() == pytest.approx([0.25, 0.25], rel=0.05)


@pytest.mark.parametrize("size", [2, 3, 7, 40, 1000])
def test_the_sine_has_its_test_points_between_those_for_training(size: int) -> None:
    dataset = datasets.find("sine", {"size": size})
    x, y = functions.sine(dataset)
    assert torch.allclose(y, x.sin(), atol=1e-6)
    train, rest = x[:size, 0], x[size:, 0]
    assert len(rest) == dataset.val_size + dataset.test_size
    assert torch.allclose(train, torch.linspace(0, 2 * math.pi, size), atol=1e-5)
    assert 0 < float(rest.min()) <= float(rest.max()) < 2 * math.pi
    gap = 2 * math.pi / (size - 1)
    assert float((rest[:, None] - train).abs().min()) > 0.2 * gap
    assert len(rest.unique()) == len(rest)
    for part in (rest[: dataset.val_size], rest[dataset.val_size :]):
        assert (part.diff() > 0).all()
    if size == 1000:
        assert float(rest.min()) < 0.1
        assert float(rest.max()) > 6.2


def test_the_noise_of_the_sine() -> None:
    x, y = functions.sine(datasets.find("sine", {"size": 5000, "noise": 0.3}))
    assert float((y - x.sin()).std()) == pytest.approx(0.3, rel=0.05)


def test_a_linear_system_is_what_was_typed() -> None:
    inputs, targets = functions.system(datasets.find("linear-system", {"a": "1 2 3; 4, 5, −6", "b": "7 8"}))
    assert inputs.tolist() == [[1, 2, 3], [4, 5, -6]]
    assert targets.tolist() == [[7], [8]]


@pytest.mark.parametrize("a", ["nan 1; 1 0", "inf 1; 1 0", "1e40 0; 0 1"])
def test_a_linear_system_has_numbers_that_can_be_computed_with(a: str) -> None:
    with pytest.raises(datasets.DatasetError, match="numbers from −1e") as refused:
        datasets.find("linear-system", {"a": a})
    assert refused.value.knob == "a"


def test_a_linear_system_is_all_of_it_in_every_split() -> None:
    loaded = data.load(settings(dataset="linear-system", batch_size=2), paths.datasets(), print, CPU)
    for part in (loaded.train, loaded.val, loaded.test):
        assert part.inputs.tolist() == [[0, 1], [1, 0]]
        assert part.targets.tolist() == [[1], [1]]
    inputs, _ = next(loaded.batches(1, 2))
    assert sorted(inputs.tolist()) == [[0, 1], [1, 0]], "equations are not normalised"


def test_the_seed_of_a_run_moves_what_is_held_out_and_nothing_else() -> None:
    first, other = (data.load(settings(dataset="points", seed=seed), paths.datasets(), print, CPU) for seed in (1, 2))
    assert torch.equal(first.test.inputs, other.test.inputs)
    assert not torch.equal(first.val.inputs, other.val.inputs)
    assert (len(first.train), len(first.val), len(first.test)) == (1800, 200, 500)
    inputs = first.normalise(first.train.inputs)
    assert inputs.mean(0).tolist() == pytest.approx([0, 0], abs=1e-5)
    assert inputs.std(0, correction=0).tolist() == pytest.approx([1, 1], abs=1e-4)


def test_the_sine_keeps_its_own_splits_and_its_x() -> None:
    loaded = data.load(settings(dataset="sine"), paths.datasets(), print, CPU)
    assert (len(loaded.train), len(loaded.val), len(loaded.test)) == (1000, 200, 200)
    assert (loaded.task, loaded.outputs, loaded.shape, loaded.classes) == ("regression", 1, (1,), ())
    assert torch.equal(loaded.normalise(loaded.train.inputs), loaded.train.inputs)
