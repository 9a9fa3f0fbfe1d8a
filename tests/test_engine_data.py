"""Splits, batches, normalisation, augmentation: exact sizes, nothing shared, the same from the same seed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine_runs import run, settings
from tui_trainer import datasets, paths
from tui_trainer.config import Config
from tui_trainer.engine import data, devices, digits, generated, normal, samples, splits
from tui_trainer.engine.errors import TrainingError
from tui_trainer.events import Evaluated, Noted, Probed, RunStarted

CPU = torch.device("cpu")


def load(setup: Config) -> data.Data:
    return data.load(setup, paths.datasets(), lambda *_: None, CPU)


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
    whole, rest = list(loaded.batches(3, 64)), list(loaded.batches(3, 64, position=5 * 64))
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
    first, again = (generated.draw(40, torch.Generator().manual_seed(generated.SEED), lambda *_: None) for _ in range(2))
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
    first = generated.shapes(tmp_path, lambda what, *_: said.append(what))
    again = generated.shapes(tmp_path, lambda what, *_: said.append(what))
    assert set(said) == {"drawing shapes"}
    assert len(said) == 10  # once for each class: nothing was drawn again
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert [file.suffix for file in tmp_path.iterdir()] == [".pt"]


def test_a_broken_cache_is_drawn_anew(few_shapes: datasets.Dataset, tmp_path: Path) -> None:
    first = generated.shapes(tmp_path, lambda *_: None)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:5000])
    again = generated.shapes(tmp_path, lambda *_: None)
    assert torch.equal(first[0], again[0])


def test_a_cache_that_cannot_be_written_is_done_without(few_shapes: datasets.Dataset, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    said: list[str] = []
    inputs, _ = generated.shapes(tmp_path / "home", lambda what, *_: said.append(what))
    assert len(inputs) == 120
    assert "cannot be kept" in said[-1]


def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples of digits do not fit any more."""
    monkeypatch.setattr(devices, "cpu_memory", lambda: (150_000, 16_000_000_000))


@pytest.mark.parametrize(
    "given",
    [
        {"preset": "cnn", "flip": True, "shift": True, "cutout": True, "jitter": True, "mixup": True},
        {"preset": "mlp", "dataset": "points"},
    ],
)
def test_streamed_numbers_are_those_of_data_that_fits_to_the_bit(
    given: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = settings(epochs=2, seed=3, **given)
    held = run(setup, tmp_path / "held")
    monkeypatch.setattr(devices, "cpu_memory", lambda: (20_000, 16_000_000_000))
    streamed = run(setup, tmp_path / "streamed")
    assert [one.of(RunStarted)[0].streamed for one in (held, streamed)] == [False, True]
    assert streamed.losses == held.losses
    assert [one.confusion for one in streamed.of(Evaluated)] == [one.confusion for one in held.of(Evaluated)]
    assert [one.loss for one in streamed.of(Evaluated)] == [one.loss for one in held.of(Evaluated)]
    assert [one.data for one in streamed.of(Probed)] == [one.data for one in held.of(Probed)]
    said = [note.text for note in streamed.of(Noted)]
    assert any("is read batch by batch, it does not fit:" in text and "of memory free" in text for text in said)
    assert not any("batch by batch" in note.text for note in held.of(Noted))


def test_streamed_batches_keep_the_layout_and_leave_the_file_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    little_memory(monkeypatch)
    still = data.read(settings(), paths.datasets(), lambda *_: None)
    placed = still.placed(CPU, torch.channels_last, devices.cpu_memory()[0])
    assert placed.streamed
    assert placed.train.inputs is still.train.inputs
    wide = dataclasses.replace(placed.train, inputs=torch.zeros(1797, 3, 8, 8, dtype=torch.uint8))
    spread = torch.zeros(1, 3, 8, 8)
    colour = dataclasses.replace(placed, train=wide, mean=spread, scale=spread)
    inputs, _ = next(colour.batches(1, 4))
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert not inputs.is_contiguous()


def test_what_is_held_is_held_once_and_in_its_layout() -> None:
    wide = torch.randint(0, 256, (2500, 3, 4, 4), dtype=torch.uint8)
    rows = torch.arange(0, 2500, 2)
    split = data.Split(wide, torch.arange(1250), rows)
    held = split.held(CPU, torch.channels_last)
    assert held.rows is None
    assert torch.equal(held.inputs, wide[rows])
    assert held.inputs.is_contiguous(memory_format=torch.channels_last)
    chosen = torch.tensor([7, 3, 3])
    assert torch.equal(held.take(chosen), split.take(chosen))
    assert held.take(chosen).is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(held.take(slice(5, 9)), split.take(slice(5, 9)))
    assert split.nbytes == 1250 * (48 + 8)
    assert torch.equal(split.first(3).take(slice(None)), wide[[0, 2, 4]])


def test_splits_of_the_source_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = dataclasses.replace(datasets.DIGITS, name="made", train_size=60, val_size=20, test_size=30)
    inputs = torch.arange(110, dtype=torch.uint8).view(110, 1, 1, 1)
    found = samples.Samples(inputs, torch.arange(110) % 10, 60, 20, 30, ("3 files cannot be read",), tuple("abcdefghij"))
    monkeypatch.setitem(datasets.DATASETS, "made", dataset)
    monkeypatch.setitem(samples.READERS, "made", lambda *given: found)
    loaded = load(settings(dataset="made", batch_size=8))
    assert loaded.train.inputs.flatten().tolist() == list(range(60))
    assert loaded.val.inputs.flatten().tolist() == list(range(60, 80))
    assert loaded.test.inputs.flatten().tolist() == list(range(80, 110))
    assert loaded.classes == tuple("abcdefghij")
    assert loaded.notes == ("3 files cannot be read",)


def test_dividing_keeps_proportions_of_many_classes_and_every_sample() -> None:
    labels = torch.randint(0, 1000, (20_000,), generator=torch.Generator().manual_seed(1))
    among = torch.arange(20_000)
    kept, held = splits.divide(among, labels, 0.1, data.seeded(0, "test"))
    assert len(held) == 2000
    assert torch.equal(torch.cat([kept, held]).sort().values, among)
    whole, part = labels.bincount(minlength=1000), labels[held].bincount(minlength=1000)
    assert (part - 0.1 * whole).abs().max() <= 1
    plain_kept, plain_held = splits.divide(among, None, 0.1, data.seeded(0, "test"))
    assert torch.equal(torch.cat([plain_kept, plain_held]).sort().values, among)


@pytest.mark.parametrize("count", [3, 1203])
def test_statistics_are_those_of_the_training_split_alone(count: int) -> None:
    generator = torch.Generator().manual_seed(5)
    pictures = torch.randint(0, 256, (count + 10, 3, 5, 5), dtype=torch.uint8, generator=generator)
    pictures[count:] = 255
    mean, scale = normal.statistics(data.Split(pictures, torch.zeros(count), torch.arange(count)))
    plain = pictures[:count].double()
    assert mean.flatten().tolist() == pytest.approx(plain.mean((0, 2, 3)).tolist(), rel=1e-6)
    assert (1 / scale).flatten().tolist() == pytest.approx(plain.std((0, 2, 3), correction=0).tolist(), rel=1e-6)
    rows = 100 + torch.randn(count, 4, generator=generator)
    rows[:, 2] = 7
    mean, scale = normal.statistics(data.Split(rows, torch.zeros(count)))
    assert mean.shape == scale.shape == (1, 4)
    assert mean[0].tolist() == pytest.approx(rows.double().mean(0).tolist(), rel=1e-6)
    assert ((rows - mean) * scale)[:, 2].abs().max() < 0.1, "what is constant is not blown up"


def test_a_mapped_dataset_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = dataclasses.replace(datasets.DIGITS, name="mine", bundled=False)
    asked = []

    def reader(*given: object) -> samples.Samples:
        asked.append(given)
        return samples.Samples(*digits.read(), 1797)

    monkeypatch.setattr(samples, "_kept", {})
    monkeypatch.setitem(datasets.DATASETS, "mine", mine)
    monkeypatch.setitem(samples.READERS, "mine", reader)
    load(settings(dataset="mine"))
    load(settings(dataset="mine"))
    assert len(asked) == 2
    assert not samples._kept
    load(settings())
    assert list(samples._kept) == [("digits",)]
    load(settings(dataset="points", data={"size": 50}, batch_size=8))
    load(settings(dataset="points", data={"size": 60}, batch_size=8))
    assert len(samples._kept) == 1


def test_nobody_can_read_a_dataset_that_has_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(datasets.DATASETS, "odd", dataclasses.replace(datasets.DIGITS, name="odd"))
    with pytest.raises(TrainingError, match="nothing here can read the dataset 'odd'"):
        load(settings(dataset="odd"))


def test_a_setting_of_the_dataset_that_is_wrong_is_said_with_its_name() -> None:
    with pytest.raises(TrainingError, match="noise: a number, 0 to 2"):
        load(settings(dataset="points", data={"noise": 5}))


@pytest.mark.parametrize(("inputs", "low", "high"), [("unit", 0.0, 1.0), ("centred", -1.0, 1.0)])
def test_pictures_may_become_what_their_author_made_of_them(inputs: str, low: float, high: float) -> None:
    loaded = load(settings(inputs=inputs))
    everything = loaded.normalise(loaded.train.inputs)
    assert (everything.min().item(), everything.max().item()) == pytest.approx((low, high))
    assert torch.allclose(everything, loaded.train.inputs.float() / 255 * (high - low) + low, atol=1e-6)
