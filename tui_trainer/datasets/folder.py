"""A folder of pictures as a dataset: one folder a class, with or without train, val and test above them."""

from __future__ import annotations

from pathlib import Path

from tui_trainer.datasets.dataset import Dataset, DatasetError

PREFIX = "folder:"
"""What the name of such a dataset begins with; the path follows."""


def scan(name: str) -> Dataset:
    """The dataset `folder:PATH`. Raises DatasetError in words."""
    path = Path(name.removeprefix(PREFIX)).expanduser()
    raise DatasetError(f"there is no folder {path}")
