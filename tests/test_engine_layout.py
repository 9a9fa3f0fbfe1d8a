"""Gradients through a flatten: their layout, and that nothing else changes."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from tui_trainer.engine import layout


def made() -> nn.Sequential:
    torch.manual_seed(3)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 5))
    return net.to(memory_format=torch.channels_last)


def gradients(net: nn.Sequential) -> tuple[list[Tensor], list[bool]]:
    """Of one batch, and whether what came back to the ReLU lay as the pictures do."""
    seen: list[bool] = []
    relu = net[1]
    handle = relu.register_full_backward_hook(
        lambda module, given, got: seen.append(got[0].is_contiguous(memory_format=torch.channels_last))
    )
    inputs = torch.randn(4, 3, 6, 6, generator=torch.Generator().manual_seed(1)).contiguous(memory_format=torch.channels_last)
    net(inputs).square().sum().backward()
    handle.remove()
    return [parameter.grad for parameter in net.parameters() if parameter.grad is not None], seen


def test_the_layout_comes_back_and_the_numbers_stay_to_the_bit() -> None:
    plain, kept = made(), made()
    layout.keep(kept)
    before, as_before = gradients(plain)
    after, turned = gradients(kept)
    assert (as_before, turned) == ([False], [True])
    assert len(before) == len(after) == 4
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_copy_can_be_made_plain_again() -> None:
    net = made()
    layout.keep(net)
    assert gradients(layout.release(copy.deepcopy(net)))[1] == [False]
    assert gradients(net)[1] == [True]


def test_rows_and_what_needs_no_gradient_pass_as_they_are() -> None:
    flatten = nn.Flatten()
    pictures = torch.zeros(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    assert layout.turn(flatten, (pictures,)) is None
    assert layout.turn(flatten, (torch.zeros(2, 5, requires_grad=True),)) is None
    assert layout.turn(flatten, (torch.zeros(2, 3, 4, 4, requires_grad=True),)) is None
    assert layout.turn(flatten, (pictures.requires_grad_(),)) is not None
