"""`digits`: the handwritten digits that belong to the program."""

from __future__ import annotations

import gzip
from pathlib import Path

import torch
from torch import Tensor

from tui_trainer import datasets
from tui_trainer.engine.errors import TrainingError

FILE = Path(__file__).parent.parent / "data" / "digits.gz"


def read() -> tuple[Tensor, Tensor]:
    """Pictures, their 17 shades spread over a byte, and labels."""
    count = datasets.DIGITS.train_size
    try:
        content = bytearray(gzip.decompress(FILE.read_bytes()))
    except (OSError, EOFError) as error:
        raise TrainingError(f"the digits that belong to the program cannot be read: {error}; install it again") from error
    everything = torch.frombuffer(content, dtype=torch.uint8)
    pictures = (everything[count:].float() * (255 / 16)).round().to(torch.uint8)
    return pictures.view(count, *datasets.DIGITS.shape), everything[:count].long()
