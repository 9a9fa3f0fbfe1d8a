"""`shapes`: pictures of ten shapes, drawn once by signed distances from a fixed seed, then kept as one file of tensors.

Distances are negative inside a shape. Coordinates run from -1 to 1, right and down; a shape fills about the unit circle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from tui_trainer.datasets import SHAPES
from tui_trainer.engine import checkpoint

SEED = 20_240_229
VERSION = 1
"""Part of the file's name: another drawing is another file."""

SIDE = SHAPES.shape[-1]
PIXEL = 2 / SIDE
AT_ONCE = 500
STROKES = 5
DOTS = 6
TILT = 0.5
"""Most that a shape is turned, in radians."""

Distance = Callable[[Tensor, Tensor], Tensor]
Say = Callable[..., None]


def shapes(datasets_home: Path, say: Say) -> tuple[Tensor, Tensor]:
    """Pictures and labels, training samples first, from the file that the first call leaves in `datasets_home`."""
    file = datasets_home / f"shapes-{VERSION}.pt"
    count = SHAPES.train_size + SHAPES.test_size
    if (kept := checkpoint.load_or_none(file)) is not None and len(kept.get("labels", ())) == count:
        return kept["inputs"], kept["labels"]
    inputs, labels = draw(count, torch.Generator().manual_seed(SEED), say)
    try:
        datasets_home.mkdir(parents=True, exist_ok=True)
        checkpoint.save({"inputs": inputs, "labels": labels}, file)
    except OSError:
        say("drawing shapes, which cannot be kept in " + str(datasets_home))
    return inputs, labels


def draw(count: int, generator: torch.Generator, say: Say) -> tuple[Tensor, Tensor]:
    """`count` pictures, the classes in turn; `say` hears how many there are, and may raise to end it."""
    labels = torch.arange(count) % len(DISTANCES)
    pictures = torch.empty(count, 3, SIDE, SIDE, dtype=torch.uint8)
    done = 0
    for label, distance in enumerate(DISTANCES):
        for chosen in (labels == label).nonzero().flatten().split(AT_ONCE):
            say("drawing shapes", done, count)
            pictures[chosen] = _draw(len(chosen), distance, generator)
            done += len(chosen)
    return pictures, labels


def _draw(count: int, distance: Distance, generator: torch.Generator) -> Tensor:
    """Pictures of one shape: ground, clutter, the shape, some clutter over it, noise."""

    def between(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    axis = (torch.arange(SIDE) + 0.5) * PIXEL - 1
    down, right = axis[None, :, None], axis[None, None, :]
    ground = between(0, 0.5, 3, 1, 1)
    picture = ground + between(-0.15, 0.15, 3, 1, 1) * right[:, None] + between(-0.15, 0.15, 3, 1, 1) * down[:, None]

    def clutter(strokes: int, dots: int) -> None:
        for number in range(strokes + dots):
            x, y, angle = between(-1, 1, 1, 1), between(-1, 1, 1, 1), between(0, math.pi, 1, 1)
            length = between(0.1, 0.5, 1, 1) if number < strokes else torch.zeros(count, 1, 1)
            thickness = between(0.03, 0.06, 1, 1) if number < strokes else between(0.04, 0.1, 1, 1)
            along = (right - x) * angle.cos() + (down - y) * angle.sin()
            across = (down - y) * angle.cos() - (right - x) * angle.sin()
            outside = torch.hypot((along.abs() - length).clamp_min(0), across) - thickness
            _paint(picture, outside, between(0.1, 0.8, 3, 1, 1))

    clutter(STROKES - 1, DOTS - 1)
    size, angle = between(0.5, 0.85, 1, 1), between(-TILT, TILT, 1, 1)
    x, y = (between(-1, 1, 1, 1) * (1.1 - size) for _ in range(2))
    across = ((right - x) * angle.cos() + (down - y) * angle.sin()) / size
    along = ((down - y) * angle.cos() - (right - x) * angle.sin()) / size
    _paint(picture, distance(across, along) * size, ground + between(0.3, 0.6, 3, 1, 1))
    clutter(1, 1)
    noise = torch.randn(picture.shape, generator=generator) * between(0, 0.1, 1, 1, 1)
    return (picture + noise).mul_(255).round_().clamp_(0, 255).to(torch.uint8)


def _paint(picture: Tensor, distance: Tensor, colour: Tensor) -> None:
    """Lays a colour over where the distance is negative; a pixel on the edge is mixed."""
    cover = (0.5 - distance / PIXEL).clamp_(0, 1)[:, None]
    picture += (colour - picture) * cover


def _polygon(corners: list[tuple[float, float]]) -> Distance:
    """Distance to a closed line of corners: to the nearest edge, negative where edges are crossed an odd number of times."""

    def distance(x: Tensor, y: Tensor) -> Tensor:
        nearest = torch.full_like(x, math.inf)
        inside = torch.zeros_like(x, dtype=torch.bool)
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
            ex, ey = bx - ax, by - ay
            part = (((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey)).clamp_(0, 1)
            nearest = torch.minimum(nearest, (x - ax - part * ex) ** 2 + (y - ay - part * ey) ** 2)
            if ey:
                inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (ex / ey))
        return torch.where(inside, -nearest.sqrt(), nearest.sqrt())

    return distance


def _around(*radii: float, count: int) -> list[tuple[float, float]]:
    """Corners around the middle, the radii in turn."""
    turns = [(2 * math.pi * index / count, radii[index % len(radii)]) for index in range(count)]
    return [(radius * math.sin(turn), -radius * math.cos(turn)) for turn, radius in turns]


def _circle(x: Tensor, y: Tensor) -> Tensor:
    return torch.hypot(x, y) - 0.85


def _ring(x: Tensor, y: Tensor) -> Tensor:
    return (torch.hypot(x, y) - 0.65).abs() - 0.2


def _moon(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum(torch.hypot(x, y) - 0.95, 0.8 - torch.hypot(x - 0.45, y))


def _heart(x: Tensor, y: Tensor) -> Tensor:
    """A square on its corner, with half a disc on each upper side."""
    half = 0.5
    tip = 2 * half * math.sqrt(0.5)
    square = _polygon([(0, -tip), (tip, 0), (0, tip), (-tip, 0)])(x, y - 0.15)
    discs = torch.hypot(x.abs() - tip / 2, y - 0.15 + tip / 2) - half
    return torch.minimum(square, discs)


def _cross() -> list[tuple[float, float]]:
    """One quarter of the corners, turned four times."""
    tip, arm = 0.95, 0.3
    quarter = [(arm, -tip), (arm, -arm), (tip, -arm)]
    corners = []
    for _ in range(4):
        corners += quarter
        quarter = [(-y, x) for x, y in quarter]
    return corners


DISTANCES: tuple[Distance, ...] = (
    _circle,
    _polygon(_around(1, count=4)),
    _polygon(_around(1, count=3)),
    _polygon(_around(1, 0.42, count=10)),
    _polygon(_cross()),
    _ring,
    _heart,
    _polygon([(0, -1), (0.75, -0.1), (0.28, -0.1), (0.28, 0.95), (-0.28, 0.95), (-0.28, -0.1), (-0.75, -0.1)]),
    _moon,
    _polygon(_around(0.95, count=6)),
)
"""In the order of the classes of `SHAPES`."""
