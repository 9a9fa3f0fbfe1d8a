"""Small changes of training pictures, a whole batch at a time; what an epoch changes is drawn before it begins."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Change = Callable[[Tensor, int], Tensor]
"""Changes the pictures of the batch with this number."""

GROUPS = 8
"""Pictures of a batch are shifted in this many groups, each by its own offset: slices cost little, single pictures a lot."""


def plan(name: str, count: int, size: int, generator: torch.Generator) -> Change:
    """What an epoch of `count` pictures in batches of `size` does to them; `name` as in `Config.augment`."""
    if name == "none":
        return lambda pictures, number: pictures
    mirrored = torch.rand(count, generator=generator) < 0.5
    offsets = torch.rand(count // size + 1, GROUPS, 2, generator=generator).tolist()

    def change(pictures: Tensor, number: int) -> Tensor:
        if "flip" in name:
            pictures = flip(pictures, mirrored[number * size :][: len(pictures)])
        return shift(pictures, offsets[number]) if "shift" in name else pictures

    return change


def flip(pictures: Tensor, mirrored: Tensor) -> Tensor:
    """Left and right changed places where `mirrored` says so."""
    return torch.where(mirrored.to(pictures.device)[:, None, None, None], pictures.flip(-1), pictures)


def shift(pictures: Tensor, offsets: list[list[float]]) -> Tensor:
    """Each group moved by its offset, at most an eighth of the side; what comes in at the edge is the picture reflected."""
    groups = pictures.tensor_split(min(GROUPS, len(pictures)))
    return torch.cat([_moved(group, *offset) for group, offset in zip(groups, offsets, strict=False)])


def _moved(pictures: Tensor, down: float, right: float) -> Tensor:
    rows = _reflected(pictures.shape[-2], down, pictures.device)
    columns = _reflected(pictures.shape[-1], right, pictures.device)
    return pictures.index_select(-2, rows).index_select(-1, columns)


def _reflected(side: int, part: float, device: torch.device) -> Tensor:
    """Which row or column comes to each place when `part`, from 0 to 1, chooses the offset."""
    most = max(1, side // 8)
    offset = min(int(part * (2 * most + 1)), 2 * most) - most
    places = [abs(place + offset) for place in range(side)]
    return torch.tensor([min(place, 2 * (side - 1) - place) for place in places], device=device)
