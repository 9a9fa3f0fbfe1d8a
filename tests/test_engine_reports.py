"""What the loop keeps between two reports, as a device leaves it and as the CPU does."""

from __future__ import annotations

import math

import pytest
import torch

from engine_runs import Counting
from tui_trainer.engine.reports import Parts, Pending, RunClock

SCORES = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]], requires_grad=True)
LABELS = torch.tensor([0, 1, 1])


def pending(*losses: torch.Tensor | float) -> Pending:
    found = Pending()
    for loss in losses:
        found.add(loss, SCORES * 1, LABELS)
    return found


@pytest.mark.parametrize("kind", [float, torch.tensor])
def test_losses_are_read_alike_from_a_device_and_from_the_cpu(kind: type[float]) -> None:
    waiting = pending(kind(1.5), kind(0.25))
    assert len(waiting) == 2
    read = waiting.read()
    assert read.losses == (1.5, 0.25)
    assert (read.correct, read.seen) == (4, 6)
    assert read.finite
    assert len(waiting) == 0


@pytest.mark.parametrize("kind", [float, torch.tensor])
def test_nothing_counts_after_the_first_loss_that_is_not_finite(kind: type[float]) -> None:
    read = pending(kind(1.5), kind(math.inf), kind(0.25)).read()
    assert read.losses == (1.5, math.inf)
    assert (read.correct, read.seen) == (4, 6)
    assert not read.finite


def test_what_is_kept_holds_no_graph() -> None:
    waiting = pending(1.0)
    assert not any(scores.requires_grad for scores in waiting._outputs)


def test_the_clock_of_a_run_stands_while_it_is_held() -> None:
    clock = Counting(tick=1.0)
    time = RunClock(clock)
    assert time.seconds() == 1
    time.hold()
    held = time.seconds()
    for _ in range(5):
        clock()
        time.hold()
        assert time.seconds() == held
    time.go_on()
    assert time.seconds() == held + 1


def test_the_parts_of_a_step_are_timed_on_a_few_batches_and_add_up() -> None:
    clock = Counting(tick=0.0)
    parts = Parts(clock, torch.device("cpu"))
    found = []
    for step in range(1, 40):
        for part, took in (("data", 0.001), ("forward", 0.03), ("backward", 0.06), ("update", 0.009)):
            clock.now += took
            parts.mark(part)
        if timed := parts.turn(step, clock()):
            found.append(timed)
    assert [one.step for one in found] == [8]
    assert (found[0].data, found[0].forward, found[0].backward, found[0].update) == pytest.approx((1, 30, 60, 9))
