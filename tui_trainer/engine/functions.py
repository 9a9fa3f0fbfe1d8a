"""Samples computed from the knobs of their dataset: points in the plane, a sine, a linear system. Always the same.

The seed of a run has no part in it. Numbers are drawn in double precision and given as float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tui_trainer.datasets import Dataset, computed
from tui_trainer.engine.seeds import seeded

SEED = 20_240_301

Draw = Callable[[Tensor, int, float, torch.Generator], Tensor]
"""Places [N, 2] of points with these labels, of so many classes, with this noise."""


def points(dataset: Dataset) -> tuple[Tensor, Tensor]:
    """Places float32 [N, 2] and classes [N], the classes in turn; the test points are the last."""
    kind, noise = str(dataset.values["kind"]), float(dataset.values["noise"])
    labels = torch.arange(dataset.train_size + dataset.test_size) % len(dataset.classes)
    places = PLACES[kind](labels, len(dataset.classes), noise, seeded(SEED, "points", kind))
    return places.float(), labels


def moons(labels: Tensor, classes: int, noise: float, generator: torch.Generator) -> Tensor:
    """Two half circles: (cos t, sin t) and (1 - cos t, 1/2 - sin t), t even on [0, π], and normal noise in both directions."""
    t = math.pi * _even(len(labels), generator)
    x = torch.where(labels == 0, t.cos(), 1 - t.cos())
    y = torch.where(labels == 0, t.sin(), 0.5 - t.sin())
    return torch.stack([x, y], 1) + noise * _normal(len(labels), 2, generator)


def circles(labels: Tensor, classes: int, noise: float, generator: torch.Generator) -> Tensor:
    """Two circles around the middle, of radius 1 and 1/2, the angle even, and normal noise in both directions."""
    angle = 2 * math.pi * _even(len(labels), generator)
    return _around(1 - 0.5 * labels.double(), angle) + noise * _normal(len(labels), 2, generator)


def spirals(labels: Tensor, classes: int, noise: float, generator: torch.Generator) -> Tensor:
    """Arms from the middle to radius 1: at radius r the angle is 4 r + 2 π class / classes, with normal noise of twice `noise`.

    As in the notes of Stanford's CS231n, where the noise is 0.2 and r goes evenly from 0 to 1.
    """
    radius = _even(len(labels), generator)
    angle = 4 * radius + 2 * math.pi * labels / classes + 2 * noise * _normal(len(labels), 1, generator)[:, 0]
    return _around(radius, angle)


def xor(labels: Tensor, classes: int, noise: float, generator: torch.Generator) -> Tensor:
    """Even on the square from -1 to 1: in class 0 both numbers have the same sign. Then normal noise in both directions."""
    places = 2 * _even(2 * len(labels), generator).view(-1, 2) - 1
    x, y = places.unbind(1)
    same = (x >= 0) == (y >= 0)
    x = torch.where(same == (labels == 0), x, -x)
    return torch.stack([x, y], 1) + noise * _normal(len(labels), 2, generator)


def gaussians(labels: Tensor, classes: int, noise: float, generator: torch.Generator) -> Tensor:
    """Normal clouds around (±1/2, ±1/2), one a corner, of deviation 0.1 + `noise`."""
    corners = torch.tensor([[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]], dtype=torch.float64)
    return corners[labels] + (0.1 + noise) * _normal(len(labels), 2, generator)


PLACES: dict[str, Draw] = {"moons": moons, "circles": circles, "spirals": spirals, "xor": xor, "gaussians": gaussians}


def sine(dataset: Dataset) -> tuple[Tensor, Tensor]:
    """x and y = sin x + noise, each [N, 1]. The training points lie evenly on [0, 2π], both ends among them; those for
    validation and test, in turn, inside the gaps between them, spread over the whole."""
    count, between = dataset.train_size, dataset.val_size + dataset.test_size
    spread = (torch.arange(between, dtype=torch.float64) + 0.5) * (count - 1) / between
    inside = spread.floor() + 0.25 + 0.5 * spread.frac()
    x = torch.cat([torch.arange(count, dtype=torch.float64), inside[::2], inside[1::2]]) * (2 * math.pi / (count - 1))
    y = x.sin() + float(dataset.values["noise"]) * _normal(len(x), 1, seeded(SEED, "sine"))[:, 0]
    return x.float()[:, None], y.float()[:, None]


def system(dataset: Dataset) -> tuple[Tensor, Tensor]:
    """The rows of A as inputs [N, F], and b as targets [N, 1]: a net x -> weight x without bias solves it."""
    rows, targets = computed.system(dataset.values)
    return torch.tensor(rows, dtype=torch.float32), torch.tensor(targets, dtype=torch.float32)[:, None]


COMPUTED: dict[str, Callable[[Dataset], tuple[Tensor, Tensor]]] = {"points": points, "sine": sine, "linear-system": system}
"""Inputs and targets by the name of the dataset."""


def _even(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator, dtype=torch.float64)


def _normal(count: int, width: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, width, generator=generator, dtype=torch.float64)


def _around(radius: Tensor, angle: Tensor) -> Tensor:
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
