"""The datasets that come with the program or are computed by it."""

from __future__ import annotations

from tui_trainer.datasets.dataset import Dataset

DIGITS = Dataset(
    name="digits",
    about="1 797 real handwritten digits, 8×8, grey",
    classes=tuple("0123456789"),
    shape=(1, 8, 8),
    train_size=1797,
    test_size=0,
    task="classification",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998, "
    "https://doi.org/10.24432/C50P49",
    licence="CC BY 4.0",
    bundled=True,
)

SHAPES = Dataset(
    name="shapes",
    about="12 000 drawn shapes among clutter, 32×32, colour",
    classes=("circle", "square", "triangle", "star", "cross", "ring", "heart", "arrow", "moon", "hexagon"),
    shape=(3, 32, 32),
    train_size=10_000,
    test_size=2_000,
    task="classification",
    source="drawn on first use, always the same",
    licence="MIT, as the program",
    bundled=True,
)
