"""Small changes of training pictures, a whole batch at a time, on the device.

What an epoch changes is drawn before it begins, for each switch from a generator of its own: any batch can be made
again, and no switch moves what another one draws.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tui_trainer import datasets
from tui_trainer.engine.seeds import number, seeded
from tui_trainer.engine.splits import rows_of

GROUPS = 8
"""Pictures of a batch are shifted and cut in this many groups, each at its own place: slices cost little, single pictures
a lot."""
STRENGTH = 0.2
"""Most that brightness, contrast and saturation go up or down, as a share."""
GREY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the lightness of a pixel (ITU-R BT.601)."""
ALPHA = 0.4
"""Of the Beta distribution that the shares of mixup come from: most batches are mixed a little, some by half."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Targets of a batch whose samples were blended in pairs."""

    targets: Tensor
    """Those of the larger part of each."""
    others: Tensor
    share: float
    """Of the larger part: 0.5 to 1."""

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, part: slice) -> Mixed:
        return Mixed(self.targets[part], self.others[part], self.share)


Targets = Tensor | Mixed


def main(targets: Targets) -> Tensor:
    """The targets that answers are counted against."""
    return targets.targets if isinstance(targets, Mixed) else targets


def for_mixed(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Targets], Tensor]:
    """The same loss for blended targets too: of each of the two, by its share."""

    def blended(outputs: Tensor, targets: Targets) -> Tensor:
        if isinstance(targets, Mixed):
            return targets.share * loss(outputs, targets.targets) + (1 - targets.share) * loss(outputs, targets.others)
        return loss(outputs, targets)

    return blended


class Plan:
    """What one epoch does to its pictures."""

    def __init__(self, changes: tuple[str, ...], seed: int, epoch: int, count: int, size: int, device: torch.device) -> None:
        """For `count` pictures in batches of `size`; `changes` as in `Config.changes`."""
        batches = datasets.steps_per_epoch(count, size)
        self._size = size
        self._mirrored = self._shifts = self._holes = self._tints = self._shares = None
        if "flip" in changes:  # once: a copy for each batch would wait for the device
            half = torch.randperm(count, generator=seeded(seed, "flip")) % 2 == epoch % 2
            self._mirrored = half.to(device)
        if "shift" in changes:
            self._shifts = torch.rand(batches, GROUPS, 2, generator=seeded(seed, "shift", epoch)).tolist()
        if "cutout" in changes:
            self._holes = torch.rand(batches, GROUPS, 2, generator=seeded(seed, "cutout", epoch)).tolist()
        if "jitter" in changes:
            drawn = torch.rand(count, 3, generator=seeded(seed, "jitter", epoch))
            self._tints = (1 + STRENGTH * (2 * drawn - 1)).to(device)
        if "mixup" in changes:
            draw = random.Random(number(seed, "mixup", epoch))
            shares = [draw.betavariate(ALPHA, ALPHA) for _ in range(batches)]
            self._shares = [max(share, 1 - share) for share in shares]

    def pictures(self, pictures: Tensor, chosen: Tensor, batch: int) -> Tensor:
        """Bytes [N, C, H, W] of the samples with these numbers, changed: as bytes, or as floats from 0 to about 255."""
        if self._mirrored is not None:
            pictures = flip(pictures, self._mirrored[chosen])
        if self._shifts is not None:
            pictures = shift(pictures, self._shifts[batch])
        if self._tints is not None:
            pictures = jitter(pictures, self._tints[batch * self._size :][: len(pictures)])
        return pictures

    def inputs(self, inputs: Tensor, targets: Tensor, batch: int) -> tuple[Tensor, Targets]:
        """Normalised pictures and their targets, changed; the pictures may be written to."""
        if self._holes is not None:
            cut(inputs, self._holes[batch])
        if self._shares is not None:
            share = self._shares[batch]
            return torch.lerp(inputs.roll(1, 0), inputs, share), Mixed(targets, targets.roll(1, 0), share)
        return inputs, targets


def flip(pictures: Tensor, mirrored: Tensor) -> Tensor:
    """Left and right changed places where `mirrored` says so."""
    if pictures.device.type != "cpu":
        return torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures)
    chosen = mirrored.nonzero().flatten()  # a fifth of the time of `where` on a CPU; elsewhere it would wait for the device
    both = torch.cat([pictures, rows_of(pictures, chosen).flip(-1)])
    places = torch.arange(len(pictures))
    places[chosen] = torch.arange(len(pictures), len(both))
    return rows_of(both, places)


def shift(pictures: Tensor, offsets: list[list[float]]) -> Tensor:
    """Each group moved by its offset, at most an eighth of the side; what comes in at the edge is the picture reflected."""
    height, width = pictures.shape[-2:]
    wide = _reflected(_reflected(pictures, 2), 3)
    moved = []
    for group, (down, right) in zip(wide.tensor_split(GROUPS), offsets, strict=True):
        top, left = int(down * (2 * most(height) + 1)), int(right * (2 * most(width) + 1))
        moved.append(group[:, :, top : top + height, left : left + width])
    together = pictures.is_contiguous(memory_format=torch.channels_last)
    return torch.cat(moved).contiguous(memory_format=torch.channels_last if together else torch.contiguous_format)


def most(side: int) -> int:
    """How far a picture is shifted at most: not at all where it has one pixel only, which nothing lies beside."""
    return min(max(1, side // 8), side - 1)


def _reflected(pictures: Tensor, along: int) -> Tensor:
    """The pictures with a margin at both ends that mirrors what is beside it."""
    side = pictures.shape[along]
    before = pictures.narrow(along, 1, most(side)).flip(along)
    after = pictures.narrow(along, side - 1 - most(side), most(side)).flip(along)
    return torch.cat([before, pictures, after], along)


def jitter(pictures: Tensor, factors: Tensor) -> Tensor:
    """Saturation, then contrast, then brightness of each picture times its three `factors` [N, 3], as floats.

    Saturation mixes each pixel with its own lightness, contrast with the mean lightness of the picture, brightness with
    black; both steps are one sum here. Nothing is cut off at 0 or 255, and pictures of other than three channels have no
    saturation.
    """
    floats = pictures.float()
    saturation, contrast, brightness = factors[:, :, None, None, None].unbind(1)
    if floats.shape[1] == len(GREY):
        red, green, blue = (weight * floats[:, channel : channel + 1] for channel, weight in enumerate(GREY))
        light = red.add_(green).add_(blue)
    else:
        light, saturation = floats.mean(1, keepdim=True), torch.ones_like(saturation)
    middle = light.mean((2, 3), keepdim=True)
    rest = light * (brightness * contrast * (1 - saturation)) + middle * (brightness * (1 - contrast))
    return floats * (brightness * contrast * saturation) + rest


def cut(inputs: Tensor, places: list[list[float]]) -> None:
    """A square of half the side in each picture of a group becomes 0: of normalised pictures the mean over the training split."""
    height, width = inputs.shape[-2:]
    for group, (down, right) in zip(inputs.tensor_split(GROUPS), places, strict=True):
        top, left = int(down * (height - height // 2 + 1)), int(right * (width - width // 2 + 1))
        group[:, :, top : top + height // 2, left : left + width // 2] = 0
