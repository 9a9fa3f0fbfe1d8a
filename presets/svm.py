"""A linear classifier with the hinge loss: a support vector machine.

As in `linear`, every value votes for every class with one weight, and the votes are
added up. Only the loss differs. A wrong class costs nothing while its score stays at
least 1 below that of the right class; every point above that line costs one point. So
pictures that are sorted safely pull at the weights no more, while softmax never leaves
them in peace. The *support vectors* are the rest, and they alone make the border. The
setting `decay` is the pull towards small weights that belongs to such a machine.

It is the first assignment of CS231n, *Deep Learning for Computer Vision* at Stanford. A
write-up of 2021 has 37 % of CIFAR-10's test pictures right from raw pixels, and 40.4 %
with `features` set to hog; the course hopes for 39 and 44.

With hog the net does not see pixels but what was found around them. *Histograms of
oriented gradients* (Dalal and Triggs, 2005): at every pixel the brightness rises in some
direction, by some amount. The picture is cut into cells of 8×8 pixels; in each, nine bins
of 20° share the half circle, and every pixel adds its amount to the bin of its direction.
A 32×32 picture gives 16 cells, so 144 numbers. Ten more say which share of the pixels
has which hue. Where an edge lies within its cell no longer matters; that it is there does.
(The assignment counts only the directions in which it gets brighter to the right. Here
an edge from dark to bright and one from bright to dark count alike, as in the paper.)

On `shapes`, five epochs of it find 20 % of the validation pictures from pixels and 53 % with
hog. No pixel stands for anything there, but the corners of a square do.

**Try:** set `features` to hog on `shapes`; compare the weights of a class with those of
`linear` on the same digits; raise `decay` to 0.1: the loss gets worse, and the answers do not.
"""

from math import pi, prod
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "sgd",
    "lr": 0.01,
    "momentum": 0.0,
    "weight_decay": 1e-3,
    "batch_size": 32,
    "epochs": 30,
}

CELL = 8
"""Pixels along a side of a cell."""
DIRECTIONS = 9
"""Bins over the half circle."""
HUES = 10
"""Bins over the circle of hues."""


def build(input_shape: tuple[int, ...], num_classes: int, *, features: Literal["pixels", "hog"] = "pixels") -> nn.Module:
    """Flatten, then one dense layer.

    features: what the net is given of a picture: its pixels, or its edges and hues
    """
    return nn.Sequential(nn.Flatten(), nn.Linear(prod(input_shape), num_classes))


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """How far wrong classes come above the line 1 below the right one: summed over classes, the mean over samples."""
    if targets.is_floating_point():
        raise ValueError("the hinge loss is for classes; linear and mlp predict numbers as well")
    right = targets[:, None]
    above = (outputs - outputs.gather(1, right) + 1).clamp_min(0)
    return above.scatter(1, right, 0.0).sum(1).mean()


def features(pictures: Tensor, config: Any) -> Tensor:
    """What the net is given: uint8 [N, C, H, W] as they are, or float [N, 9 cells + 10]; no 10 where there is no colour."""
    if config.knobs.get("features", "pixels") == "pixels":
        return pictures
    if pictures.ndim != 4 or min(pictures.shape[2:]) < CELL:
        raise ValueError(f"hog needs pictures of {CELL}×{CELL} or more; set features to pixels")
    if pictures.shape[1] != 3:
        return edges(pictures.float().mean(1))
    red, green, blue = pictures.float().unbind(1)
    return torch.cat([edges(0.299 * red + 0.587 * green + 0.114 * blue), hues(pictures)], 1)


def edges(grey: Tensor) -> Tensor:
    """In every cell and direction the mean of what the brightness rises: [N, H, W] to [N, 9 cells]."""
    right = F.pad(grey.diff(dim=2), (0, 1))
    down = F.pad(grey.diff(dim=1), (0, 0, 0, 1))
    bins = (torch.atan2(down, right) % pi * (DIRECTIONS / pi)).long().clamp_max(DIRECTIONS - 1)
    amount = torch.hypot(right, down)
    cells = [F.avg_pool2d(amount * (bins == number), CELL) for number in range(DIRECTIONS)]
    return torch.stack(cells, 1).flatten(1)


def hues(pictures: Tensor) -> Tensor:
    """Which share of the pixels has which hue, grey counted as red: [N, 3, H, W] to [N, 10]."""
    red, green, blue = pictures.int().unbind(1)
    most, strongest = pictures.int().max(1)
    sixth = (most - pictures.int().amin(1)).clamp_min(1)  # of the way around: from red to yellow, to green, and on
    onward = torch.where(strongest == 1, 2 * sixth + blue - red, 4 * sixth + red - green)
    around = torch.where(strongest == 0, (green - blue) % (6 * sixth), onward)
    bins = HUES * around // (6 * sixth)  # whole numbers: a hue that lies on a border is in the bin above it
    return torch.stack([(bins == number).float().mean((1, 2)) for number in range(HUES)], 1)
