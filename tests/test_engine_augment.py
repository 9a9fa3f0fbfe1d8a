"""Changes of training pictures: each does what it says, is drawn by itself, and can be made again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine_runs import run, settings
from tui_trainer import datasets
from tui_trainer.engine import augment, data
from tui_trainer.engine.augment import Mixed, Plan
from tui_trainer.events import Stepped
from tui_trainer.settings import CHANGES

CPU = torch.device("cpu")


def colours(count: int = 40, side: int = 16) -> Tensor:
    """Pictures of noise."""
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def loaded(*changes: str) -> data.Data:
    """Colour pictures to be trained on with these changes."""
    pictures = colours()
    split = data.Split(pictures, torch.arange(len(pictures)) % 10)
    mean, scale = torch.full((1, 3, 1, 1), 127.5), torch.full((1, 3, 1, 1), 1 / 74)
    whole = data.Data(split, split, split, datasets.DIGITS, datasets.DIGITS.classes, mean, scale, 0, changes)
    return whole.placed(CPU, torch.channels_last, 0)


def batches(given: data.Data, epoch: int = 1, size: int = 16) -> list[tuple[Tensor, data.Targets]]:
    return list(given.batches(epoch, size))


def test_flip_mirrors_the_chosen() -> None:
    pictures = torch.arange(2 * 4, dtype=torch.uint8).view(2, 1, 2, 2)
    assert augment.flip(pictures, torch.tensor([True, False])).flatten().tolist() == [1, 0, 3, 2, 4, 5, 6, 7]


def test_shift_reflects_at_the_edge() -> None:
    picture = torch.arange(8, dtype=torch.uint8).repeat(8, 1)[None, None]
    right = [[0.5, 0.99]] * augment.GROUPS
    left = [[0.5, 0.0]] * augment.GROUPS
    assert augment.shift(picture, right)[0, 0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 6]
    assert augment.shift(picture, left)[0, 0, 0].tolist() == [1, 0, 1, 2, 3, 4, 5, 6]
    assert torch.equal(augment.shift(picture, [[0.5, 0.5]] * augment.GROUPS), picture)


@pytest.mark.parametrize("side", [1, 2, 3])
def test_tiny_pictures_are_shifted_within_themselves(side: int) -> None:
    pictures = colours(20, side)
    moved = augment.shift(pictures, torch.rand(augment.GROUPS, 2).tolist())
    assert moved.shape == pictures.shape
    for before, after in zip(pictures, moved, strict=True):
        assert set(map(tuple, after.flatten(1).T.tolist())) <= set(map(tuple, before.flatten(1).T.tolist()))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_flip_is_that_of_where(layout: torch.memory_format) -> None:
    pictures = colours().contiguous(memory_format=layout)
    mirrored = torch.rand(len(pictures)) < 0.5
    expected = torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures)
    found = augment.flip(pictures, mirrored)
    assert torch.equal(found, expected)
    assert found.is_contiguous(memory_format=layout)


def test_two_epochs_see_every_picture_both_ways() -> None:
    pictures, chosen = colours(), torch.arange(40)
    first, second, third = (Plan(("flip",), 7, epoch, 40, 40, CPU).pictures(pictures, chosen, 0) for epoch in (1, 2, 3))
    flipped = [bool((one != two).any()) for one, two in zip(first, pictures, strict=True)]
    assert sum(flipped) == 20
    assert torch.equal(second, torch.where(torch.tensor(flipped)[:, None, None, None], pictures, pictures.flip(-1)))
    assert torch.equal(first, third)


def test_flipping_goes_by_the_sample_wherever_it_stands_in_its_batch() -> None:
    pictures, other = colours(), torch.randperm(40, generator=torch.Generator().manual_seed(3))
    plan = Plan(("flip",), 7, 1, 40, 8, CPU)
    first = plan.pictures(pictures, torch.arange(40), 0)
    assert torch.equal(plan.pictures(pictures[other], other, 3), first[other])


def test_jitter_is_saturation_contrast_and_brightness() -> None:
    pictures, factors = colours(8).float(), 1 + 0.4 * torch.rand(8, 3) - 0.2
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)

    def light(given: Tensor) -> Tensor:
        return (given * weights).sum(1, keepdim=True)

    saturation, contrast, brightness = (factors[:, index].view(-1, 1, 1, 1) for index in range(3))
    expected = saturation * pictures + (1 - saturation) * light(pictures)
    expected = contrast * expected + (1 - contrast) * light(expected).mean((2, 3), keepdim=True)
    expected = brightness * expected
    assert torch.allclose(augment.jitter(pictures.byte(), factors), expected, atol=1e-2)
    assert torch.allclose(augment.jitter(pictures.byte(), torch.ones(8, 3)), pictures, atol=1e-3)


def test_jitter_of_grey_pictures_has_no_saturation() -> None:
    pictures = colours()[:4, :1]
    even = torch.tensor([[0.8, 1.0, 1.0]]).expand(4, 3)
    assert torch.allclose(augment.jitter(pictures, even), pictures.float(), atol=1e-3)


def test_cutout_sets_a_square_of_half_the_side_to_the_mean() -> None:
    inputs = torch.ones(20, 3, 16, 12)
    augment.cut(inputs, torch.rand(augment.GROUPS, 2, generator=torch.Generator().manual_seed(2)).tolist())
    for picture in inputs:
        rows, columns = (picture[0] == 0).nonzero().unbind(1)
        assert len(rows) == 8 * 6
        assert int(rows.max() - rows.min()) == 7
        assert int(columns.max() - columns.min()) == 5
        assert torch.equal(picture[0], picture[2])
    ends = [[0.0, 0.0]] * 4 + [[0.9999, 0.9999]] * 4
    inputs = torch.ones(8, 1, 5, 5)
    augment.cut(inputs, ends)
    assert [int((picture == 0).nonzero()[:, 1:].sum()) for picture in inputs] == [4] * 4 + [28] * 4


def test_mixup_blends_pairs_and_their_losses() -> None:
    plain, mixed = batches(loaded()), batches(loaded("mixup"))
    shares = set()
    for (inputs, targets), (blended, both) in zip(plain, mixed, strict=True):
        assert isinstance(both, Mixed)
        assert 0.5 <= both.share <= 1
        assert torch.equal(both.targets, targets)
        assert torch.allclose(blended, both.share * inputs + (1 - both.share) * inputs.roll(1, 0), atol=1e-5)
        assert torch.equal(both.others, targets.roll(1, 0))
        scores = torch.randn(len(targets), 10)
        chances = functional.one_hot(both.targets, 10) * both.share + functional.one_hot(both.others, 10) * (1 - both.share)
        loss = augment.for_mixed(functional.cross_entropy)
        assert loss(scores, both).item() == pytest.approx(functional.cross_entropy(scores, chances).item(), rel=1e-5)
        assert loss(scores, targets) == functional.cross_entropy(scores, targets)
        shares.add(both.share)
    assert len(shares) == len(mixed)


def main_of(found: list[tuple[Tensor, data.Targets]]) -> list[int]:
    return [int(one) for _, targets in found for one in augment.main(targets)]


def test_any_batch_can_be_made_again_with_every_switch_on() -> None:
    given = loaded(*CHANGES)
    whole, rest = batches(given, 3), list(given.batches(3, 16, position=16))
    for (inputs, targets), (again, same) in zip(whole[1:], rest, strict=True):
        assert torch.equal(inputs, again)
        assert inputs.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(augment.main(targets), augment.main(same))
        assert isinstance(targets, Mixed)
        assert isinstance(same, Mixed)
        assert targets.share == same.share


@pytest.mark.parametrize("change", CHANGES)
def test_each_switch_does_something_of_its_own_in_every_epoch(change: str) -> None:
    still = loaded()
    for epoch in (1, 2):
        plain, changed = batches(still, epoch), batches(loaded(change), epoch)
        assert main_of(plain) == main_of(changed), "the order of an epoch is not theirs"
        assert any(not torch.equal(one, other) for (one, _), (other, _) in zip(plain, changed, strict=True))
    first, second = (batches(dataclasses.replace(loaded(change), seed=seed)) for seed in (0, 1))
    assert not torch.equal(first[0][0], second[0][0])


def test_one_switch_does_not_move_what_another_draws() -> None:
    alone, both = batches(loaded("cutout")), batches(loaded("shift", "cutout"))
    for (one, _), (other, _) in zip(alone, both, strict=True):
        assert torch.equal(one == 0, other == 0), "127.5 is the mean here and no byte: only what was cut is 0"


def test_a_run_with_every_switch_counts_against_the_larger_part(tmp_path: Path) -> None:
    setup = settings(preset="mlp", steps=120, lr=0.01, **dict.fromkeys(CHANGES, True))
    done = run(setup, tmp_path)
    assert done.ended.reason == "finished"
    assert done.losses == run(setup, tmp_path).losses
    right = sum(report.correct for report in done.of(Stepped)) / sum(report.seen for report in done.of(Stepped))
    assert right > 0.3
    assert done.losses[-1] < done.losses[0]


def test_mixup_works_with_the_loss_of_a_preset(tmp_path: Path) -> None:
    source = (
        "from torch import nn\n"
        "def build(input_shape, num_classes): return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))\n"
        "def loss(outputs, targets): return nn.functional.multi_margin_loss(outputs, targets)\n"
    )
    done = run(settings(mixup=True, epochs=2, lr=0.01), tmp_path, preset=source)
    assert done.ended.reason == "finished"
    assert (done.ended.test_accuracy or 0) > 0.8
