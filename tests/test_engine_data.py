"""Splits, batches, normalisation, augmentation: exact sizes, nothing shared, the same from the same seed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine_runs import settings
from tui_trainer import datasets, paths
from tui_trainer.config import Config
from tui_trainer.engine import data, digits, generated, samples
from tui_trainer.engine.errors import TrainingError

CPU = torch.device("cpu")


def load(setup: Config) -> data.Data:
    return data.load(setup, paths.datasets(), lambda what: None, CPU)


@pytest.fixture
def few_shapes(monkeypatch: pytest.MonkeyPatch) -> datasets.Dataset:
    """A drawing of 120 pictures instead of 12 000."""
    few = dataclasses.replace(datasets.SHAPES, train_size=100, test_size=20)
    monkeypatch.setattr(generated, "SHAPES", few)
    monkeypatch.setitem(datasets.DATASETS, "shapes", few)
    monkeypatch.setattr(samples, "_kept", {})
    return few


def test_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    inputs, labels = digits.read()
    known = load_digits()
    assert inputs.dtype == torch.uint8
    assert inputs.shape == (1797, 1, 8, 8)
    assert labels.tolist() == known.target.tolist()
    shades = (inputs[:, 0].double() * 16 / 255).round()
    assert torch.equal(shades, torch.tensor(known.images))
    assert (int(inputs.min()), int(inputs.max())) == (0, 255)


def test_broken_digits_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "digits.gz"
    file.write_bytes(b"nothing")
    monkeypatch.setattr(digits, "FILE", file)
    with pytest.raises(TrainingError, match="install it again"):
        digits.read()


@pytest.mark.parametrize("validation", [0.01, 0.1, 0.37, 0.5])
def test_splits_have_the_sizes_that_were_told_and_share_nothing(validation: float) -> None:
    loaded = load(settings(validation=validation))
    sizes = tuple(len(part) for part in (loaded.train, loaded.val, loaded.test))
    assert sizes == datasets.splits(datasets.DIGITS, validation)
    assert sum(sizes) == 1797
    everything = torch.cat([part.inputs for part in (loaded.train, loaded.val, loaded.test)]).flatten(1)
    whole, _ = digits.read()
    assert sorted(map(bytes, everything.tolist())) == sorted(map(bytes, whole.flatten(1).tolist()))


def test_splits_have_the_classes_in_proportion() -> None:
    loaded = load(settings())
    _, labels = digits.read()
    whole = torch.bincount(labels).double() / len(labels)
    for part in (loaded.train, loaded.val, loaded.test):
        assert (torch.bincount(part.targets) - whole * len(part)).abs().max() <= 2


def test_splits_come_from_the_seed() -> None:
    first, again, other = load(settings(seed=1)), load(settings(seed=1)), load(settings(seed=2))
    assert torch.equal(first.val.inputs, again.val.inputs)
    assert not torch.equal(first.test.inputs, other.test.inputs)


def test_a_test_split_of_the_source_is_kept(few_shapes: datasets.Dataset) -> None:
    first, other = load(settings(dataset="shapes", batch_size=8)), load(settings(dataset="shapes", batch_size=8, seed=9))
    assert torch.equal(first.test.inputs, other.test.inputs)
    assert not torch.equal(first.val.inputs, other.val.inputs)
    assert (len(first.train), len(first.val), len(first.test)) == (90, 10, 20)


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(TrainingError, match="batch 2000 is larger than the 1294 training samples of digits; use 1294 or less"):
        load(settings(batch_size=2000))


def test_the_training_split_is_normalised() -> None:
    loaded = load(settings())
    inputs = loaded.normalise(loaded.train.inputs)
    assert inputs.mean().item() == pytest.approx(0, abs=1e-5)
    assert inputs.std(correction=0).item() == pytest.approx(1, abs=1e-5)


def rows(batches: list[tuple[Tensor, Tensor]]) -> Tensor:
    return torch.cat([inputs for inputs, _ in batches])


def test_an_epoch_is_every_sample_once_in_an_order_of_its_own() -> None:
    loaded = load(settings())
    first, second = list(loaded.batches(1, 100)), list(loaded.batches(2, 100))
    assert [len(labels) for _, labels in first] == [100] * 12 + [94]
    whole = sorted(loaded.normalise(loaded.train.inputs).flatten(1).tolist())
    assert sorted(rows(first).flatten(1).tolist()) == whole
    assert sorted(rows(second).flatten(1).tolist()) == whole
    assert not torch.equal(rows(first), rows(second))


@pytest.mark.parametrize("changes", [{}, {"flip": True, "shift": True}])
def test_any_batch_can_be_made_again(changes: dict[str, object]) -> None:
    loaded = load(settings(**changes))
    whole, rest = list(loaded.batches(3, 64)), list(loaded.batches(3, 64, skip=5))
    assert len(rest) == len(whole) - 5
    assert torch.equal(rows(whole[5:]), rows(rest))


def test_a_last_batch_of_one_is_left_out() -> None:
    loaded = load(settings(batch_size=1293))
    assert [len(labels) for _, labels in loaded.batches(1, 1293)] == [1293]
    assert datasets.steps_per_epoch(1294, 1293) == 1
    assert datasets.steps_per_epoch(1294, 1) == 1294


def test_batches_keep_their_layout() -> None:
    for changes in ((), ("flip",), ("shift",)):
        loaded = dataclasses.replace(load(settings()), changes=changes)
        wide = torch.arange(4 * 3 * 8 * 8, dtype=torch.uint8).view(4, 3, 8, 8)
        parts = data.Split(wide, torch.zeros(4, dtype=torch.int64))
        loaded = dataclasses.replace(loaded, train=parts, val=parts, test=parts).placed(CPU, torch.channels_last, 0)
        inputs, _ = next(loaded.batches(1, 4))
        assert inputs.is_contiguous(memory_format=torch.channels_last), changes


def test_shapes_are_always_the_same() -> None:
    first, again = (generated.draw(40, torch.Generator().manual_seed(generated.SEED)) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert first[0].shape == (40, 3, 32, 32)
    assert torch.bincount(first[1]).tolist() == [4] * 10
    assert first[0].float().std() > 20


def test_distances_are_negative_inside() -> None:
    axis = torch.linspace(-1.2, 1.2, 49)
    x, y = axis[None, None, :].expand(1, 49, 49), axis[None, :, None].expand(1, 49, 49)
    shares = {}
    for name, distance in zip(datasets.SHAPES.classes, generated.DISTANCES, strict=True):
        inside = distance(x, y) < 0
        shares[name] = float(inside.double().mean())
        assert not inside[0, 0].any(), name
        assert bool(inside[0, 24, 24]) == (name not in {"ring", "moon"}), name
    assert all(0.1 < share < 0.5 for share in shares.values()), shares
    assert shares["star"] < shares["hexagon"] < shares["circle"] + 0.05


def test_shapes_are_drawn_once_then_read(few_shapes: datasets.Dataset, tmp_path: Path) -> None:
    said: list[str] = []
    first = generated.shapes(tmp_path, said.append)
    again = generated.shapes(tmp_path, said.append)
    assert said == ["drawing shapes"]
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert [file.suffix for file in tmp_path.iterdir()] == [".pt"]


def test_a_broken_cache_is_drawn_anew(few_shapes: datasets.Dataset, tmp_path: Path) -> None:
    first = generated.shapes(tmp_path, lambda what: None)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:5000])
    again = generated.shapes(tmp_path, lambda what: None)
    assert torch.equal(first[0], again[0])


def test_a_cache_that_cannot_be_written_is_done_without(few_shapes: datasets.Dataset, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    said: list[str] = []
    inputs, _ = generated.shapes(tmp_path / "home", said.append)
    assert len(inputs) == 120
    assert "cannot be kept" in said[-1]
