"""What each dataset is, without reading it."""

from __future__ import annotations

import pytest

from tui_trainer import datasets


def test_every_dataset_says_what_a_list_needs() -> None:
    for name, one in datasets.DATASETS.items():
        assert one.name == name
        assert one.about
        assert one.source
        assert one.licence
        assert len(set(one.classes)) == len(one.classes)
        assert (len(one.classes) >= 2) == (one.task == "classification")
        assert one.width >= 1
        assert len(one.shape) in {1, 3}
        assert datasets.find(name).name == name


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(
        datasets.DatasetError, match="there is no dataset 'shaeps'; did you mean shapes\\? there are digits, shapes"
    ):
        datasets.find("shaeps")


@pytest.mark.parametrize(
    ("dataset", "validation", "sizes"),
    [
        (datasets.DIGITS, 0.1, (1294, 144, 359)),
        (datasets.DIGITS, 0.5, (719, 719, 359)),
        (datasets.SHAPES, 0.1, (9000, 1000, 2000)),
        (datasets.SHAPES, 0.01, (9900, 100, 2000)),
    ],
)
def test_sizes_of_the_splits(dataset: datasets.Dataset, validation: float, sizes: tuple[int, int, int]) -> None:
    assert datasets.splits(dataset, validation) == sizes


@pytest.mark.parametrize(
    ("train", "batch", "steps"), [(100, 10, 10), (99, 10, 10), (101, 10, 10), (102, 10, 11), (1, 1, 1), (5, 5, 1)]
)
def test_steps_of_an_epoch(train: int, batch: int, steps: int) -> None:
    assert datasets.steps_per_epoch(train, batch) == steps
