"""Dense, ReLU, dense: the smallest net that can bend, on pixels or on features.

One layer of values lies between picture and scores. Each looks for one pattern, and ReLU
lets it speak only where it is found; the scores then add up patterns instead of pixels.

It is from the first assignment of CS231n, *Deep Learning for Computer Vision* at Stanford,
with the softmax loss. A write-up of 2021 has 51.7 % of CIFAR-10's test pictures right from
raw pixels, and 56.8 % with `features` set to hog; the course hopes for 48 and 55. The same
features take the linear classifier, see `svm`, only to 40.4 %.

With hog the net does not see pixels but what was found around them: *histograms of
oriented gradients* (Dalal and Triggs, 2005) in cells of 8×8 pixels, 144 numbers for a
picture of 32×32, and ten more for its hues. How they are made is told in `svm`; the
functions below are the same. On `shapes`, five epochs of it find 43 % of the validation
pictures from pixels and 67 % with hog.

**Try:** set `features` to hog on `shapes`; find out how small `hidden` can get before it
hurts; give both this net and `svm` the features and compare their confusion matrices.
"""

from math import pi, prod
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "sgd",
    "lr": 0.05,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "batch_size": 64,
    "epochs": 30,
}

CELL = 8
"""Pixels along a side of a cell."""
DIRECTIONS = 9
"""Bins over the half circle."""
HUES = 10
"""Bins over the circle of hues."""


def build(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    hidden: int = 100,
    features: Literal["pixels", "hog"] = "pixels",
) -> nn.Module:
    """Flatten, dense, ReLU, dense.

    hidden: values between the two layers
    features: what the net is given of a picture: its pixels, or its edges and hues
    """
    if hidden < 1:
        raise ValueError(f"hidden is 1 or more, not {hidden}")
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(prod(input_shape), hidden),
        nn.ReLU(),
        nn.Linear(hidden, num_classes),
    )


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
