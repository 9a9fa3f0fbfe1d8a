"""What inputs are normalised by: mean and deviation over the training split alone, counted some rows at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from tui_trainer.engine.splits import Split

AT_ONCE = 500
LEAST = 1e-6
"""A value that varies less than this, against its own size, is as good as constant: its noise is not blown up."""


def scaling(split: Split, inputs: str) -> tuple[Tensor, Tensor]:
    """What pictures are taken away from and multiplied by; `inputs` as in `Config.inputs`. Rows are always standardised."""
    if inputs == "standard" or split.inputs.dtype != torch.uint8:
        return statistics(split)
    low, high = {"unit": (0.0, 255.0), "centred": (127.5, 127.5)}[inputs]
    shape = (1, split.inputs.shape[1], 1, 1)
    return torch.full(shape, low), torch.full(shape, 1 / high)


def statistics(split: Split) -> tuple[Tensor, Tensor]:
    """Mean and one over the deviation: of each channel of pictures as [1, C, 1, 1], of each value of rows as [1, F]."""
    return _of_pictures(split) if split.inputs.dtype == torch.uint8 else _of_rows(split)


def raw(split: Split) -> tuple[Tensor, Tensor]:
    """What leaves the inputs as they are."""
    values = split.inputs.shape[1]
    return torch.zeros(1, values), torch.ones(1, values)


def _parts(split: Split) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, len(split), AT_ONCE)]


def _of_pictures(split: Split) -> tuple[Tensor, Tensor]:
    """Counted exactly, from how often each byte occurs."""
    counts = torch.zeros(split.inputs.shape[1], 256, dtype=torch.int64)
    for part in _parts(split):
        for channel, pictures in enumerate(split.take(part).unbind(1)):
            counts[channel] += torch.bincount(pictures.flatten(), minlength=256)
    values = torch.arange(256, dtype=torch.float64)
    weights = counts.double() / counts.sum(1, keepdim=True)
    means = weights @ values
    deviations = (weights * (values - means[:, None]) ** 2).sum(1).sqrt()
    shape = (1, -1, 1, 1)
    return means.float().view(shape), (1 / deviations.clamp_min(1)).float().view(shape)


def _of_rows(split: Split) -> tuple[Tensor, Tensor]:
    """Two passes, in double precision: the second counts what differs from the mean."""
    means = sum(split.take(part).double().sum(0) for part in _parts(split)) / len(split)
    squares = sum(((split.take(part).double() - means) ** 2).sum(0) for part in _parts(split)) / len(split)
    assert isinstance(means, Tensor)
    assert isinstance(squares, Tensor)
    deviations = torch.maximum(squares.sqrt(), LEAST * (means.abs() + 1))
    return means.float()[None], (1 / deviations).float()[None]
