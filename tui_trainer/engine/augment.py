"""Small changes of training pictures, a whole batch at a time; what an epoch changes is drawn before it begins."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Change = Callable[[Tensor, int], Tensor]
"""Changes the pictures of the batch with this number."""

GROUPS = 8
"""Pictures of a batch are shifted in this many groups, each by its own offset: slices cost little, single pictures a lot."""


def plan(name: str, count: int, size: int, generator: torch.Generator, device: torch.device) -> Change:
    """What an epoch of `count` pictures in batches of `size` does to them on `device`; `name` as in `Config.augment`."""
    if name == "none":
        return lambda pictures, number: pictures
    mirrored = (torch.rand(count, generator=generator) < 0.5).to(device)  # once: a copy for each batch would wait for the device
    offsets = torch.rand(count // size + 1, GROUPS, 2, generator=generator).tolist()

    def change(pictures: Tensor, number: int) -> Tensor:
        if "flip" in name:
            pictures = flip(pictures, mirrored[number * size :][: len(pictures)])
        return shift(pictures, offsets[number]) if "shift" in name else pictures

    return change


def flip(pictures: Tensor, mirrored: Tensor) -> Tensor:
    """Left and right changed places where `mirrored` says so."""
    return torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures)


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
    """How far a picture is shifted at most."""
    return max(1, side // 8)


def _reflected(pictures: Tensor, along: int) -> Tensor:
    """The pictures with a margin at both ends that mirrors what is beside it."""
    side = pictures.shape[along]
    before = pictures.narrow(along, 1, most(side)).flip(along)
    after = pictures.narrow(along, side - 1 - most(side), most(side)).flip(along)
    return torch.cat([before, pictures, after], along)
