"""The real trainer, its run left to a process of its own: every figure and every weight as if nothing had happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from heirs import hosts, kill_and_tell, kinds, losses, processes, said, until
from tui_trainer import commands, session
from tui_trainer.events import Evaluated, Event, HandedOver, Preparing, RunResumed, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs ps")
SETTINGS = {
    "preset": "mlp",
    "dataset": "digits",
    "device": "cpu",
    "threads": 1,
    "epochs": 12,
    "optimizer": "adamw",
    "schedule": "cosine",
    "knobs": {"dropout": 0.2},
}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    import torch

    torch.set_num_threads(1)
    yield
    kill_and_tell()


def figures(run: Run) -> list[tuple[object, ...]]:
    """Of every validation that counts, and of the test."""
    found: dict[tuple[int, str], tuple[object, ...]] = {}
    for event in said(run):
        if isinstance(event, Evaluated):
            found[event.step, event.split] = (event.step, event.split, event.loss, event.accuracy, event.confusion, event.best)
    return list(found.values())


def test_a_run_that_is_handed_over_comes_out_the_same_to_the_bit() -> None:
    import torch

    whole, moved = (session.create(session.configure(SETTINGS)) for _ in range(2))
    session.train(whole)

    def pause(event: Event) -> None:
        if isinstance(event, Stepped) and not steps_asked:
            steps_asked.append(event.step)
            one.send(commands.Pause())

    steps_asked: list[int] = []
    one = session.Session(moved, pause)
    one.start()
    until(lambda: kinds(moved)[-1:] == ["Paused"], "the pause")
    assert one.hand_over() == ""
    one.send(commands.Continue())
    until(lambda: store.summary(moved).status == "finished", "the end")
    until(lambda: not processes(), "the end of the process")
    (left,) = [event for event in said(moved) if isinstance(event, HandedOver)]
    (resumed,) = [event for event in said(moved) if isinstance(event, RunResumed)]
    assert (left.step, resumed.paused) == (resumed.step, True)
    assert hosts(moved)[0] == os.getpid() != hosts(moved)[1]
    assert losses(moved) == losses(whole)
    assert figures(moved) == figures(whole)
    for name in ("last.pt", "best.pt"):
        first, second = (torch.load(run.checkpoints / name, weights_only=True)["weights"] for run in (whole, moved))
        assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_run_that_nobody_takes_goes_on_where_it_was_let_go_of() -> None:
    def let_go(event: Event) -> None:
        if isinstance(event, Stepped) and not asked:
            asked.append(event.step)
            log.append(run.commands, commands.HandOver())

    asked: list[int] = []
    run = session.create(session.configure({**SETTINGS, "epochs": 30}))  # a tenth of a second passes until it hears anything
    session.see_through(run, let_go, nobody=lambda: True)
    assert kinds(run)[-1] == "RunEnded"
    assert store.summary(run).status == "finished"
    assert kinds(run).count("HandedOver") == kinds(run).count("RunResumed") == 1
    assert set(hosts(run)) == {os.getpid()}


def test_a_run_that_is_let_go_of_before_it_went_on_keeps_how_it_was_to_go_on() -> None:
    def let_go(event: Event) -> None:
        if isinstance(event, Preparing) and not asked:
            asked.append(event.what)
            log.append(run.commands, commands.HandOver())

    run = session.create(session.configure({**SETTINGS, "epochs": 1}))
    session.train(run)
    asked: list[str] = []
    session.see_through(run, let_go, resume=session.Resume(budget="+1"), nobody=lambda: True)
    assert kinds(run).count("HandedOver") == 1
    assert (store.summary(run).status, store.summary(run).epochs) == ("finished", 2)


def test_what_was_half_saved_by_a_process_that_was_killed_is_cleared_up() -> None:
    run = session.create(session.configure({**SETTINGS, "epochs": 1}))
    (run.checkpoints / "last.pt.4711.part").write_bytes(b"half")
    session.train(run)
    assert sorted(file.name for file in run.checkpoints.iterdir()) == ["best.pt", "last.pt"]
