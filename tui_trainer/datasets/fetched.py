"""The datasets that torchvision knows: fetched on first use, converted once."""

from __future__ import annotations

from tui_trainer.datasets.dataset import Dataset

FETCHED: tuple[Dataset, ...] = ()
