"""When checkpoints are written: now and then, whenever a run may be left, and again where a disk failed."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from engine_runs import EACH_STEP, Counting, Trained, at_step, run, settings
from tui_trainer.commands import Command, Continue, Evaluate, HandOver, Pause, Set, Stop
from tui_trainer.engine import checkpoint
from tui_trainer.engine import saves as kept
from tui_trainer.engine.saves import Best, Saves
from tui_trainer.events import CheckpointSaved, Event, Noted, Paused, RunEnded, Stepped

STEPS = 41
"""Batches of an epoch of digits, of 32 each."""
PLAIN = settings(threads="1", save_every=86_400)


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Disk:
    """One that can be full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.why, self.tried = False, "No space left on device", 0
        whole = Path.replace

        def replace(path: Path, target: Path) -> Path:
            self.tried += 1
            if self.full:
                raise OSError(28, self.why)
            return whole(path, target)

        monkeypatch.setattr(Path, "replace", replace)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_best_is_by_accuracy_then_by_loss() -> None:
    best = Best(0.9, 0.5, 3)
    assert best.beaten_by(0.91, 0.9)
    assert best.beaten_by(0.9, 0.4)
    assert not best.beaten_by(0.9, 0.5)
    assert not best.beaten_by(0.8, 0.1)
    assert Best().beaten_by(0.0, float("nan"))


def state(step: int, values: torch.Tensor) -> dict[str, object]:
    return {"step": step, "epoch": step, "weights": values}


def test_many_better_epochs_in_a_second_are_written_once_with_the_weights_of_the_last(tmp_path: Path) -> None:
    clock, said, weights = Counting(0.001), list[Event](), torch.zeros(3)
    saves = Saves(tmp_path, said.append, clock)
    for step in range(1, 5):
        weights.fill_(step)
        saves.best(state(step, weights), float(step))
    weights.fill_(99)
    assert [event.step for event in said if isinstance(event, CheckpointSaved)] == [1]
    clock.sleep(2)
    saves.tick(9.0)
    assert [event.step for event in said if isinstance(event, CheckpointSaved)] == [1, 4]
    assert checkpoint.load(tmp_path / "best.pt")["weights"].tolist() == [4, 4, 4]
    saves.flush(9.0)
    assert len(said) == 2


def test_last_is_due_each_minute(tmp_path: Path) -> None:
    clock, said = Counting(0.001), list[Event]()
    saves = Saves(tmp_path, said.append, clock)
    assert not saves.last_is_due()
    clock.sleep(60)
    assert saves.last_is_due()
    saves.last(state(1, torch.zeros(1)), 60.0)
    assert not saves.last_is_due()
    assert isinstance(said[0], CheckpointSaved)
    assert (said[0].best, said[0].bytes) == (False, (tmp_path / "last.pt").stat().st_size)


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    said = list[Event]()
    (tmp_path / "checkpoints").write_text("")
    Saves(tmp_path / "checkpoints", said.append, Counting()).last(state(4, torch.zeros(1)), 1.0)
    assert isinstance(said[0], Noted)
    assert said[0].level == "warning"
    assert said[0].text.startswith("last.pt cannot be written: ")


def saved(done: Trained) -> list[int]:
    """After which steps `last.pt` was written."""
    return [one.step for one in done.of(CheckpointSaved) if not one.best]


def notes(events: list[Event]) -> list[tuple[str, str]]:
    return [(one.level, one.text) for one in events if isinstance(one, Noted)]


def test_every_so_many_seconds_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    done = run(PLAIN.but(save_every=20, epochs=1, batch_size=10), tmp_path, tick=EACH_STEP)
    times = [one.seconds for one in done.of(CheckpointSaved) if not one.best][:-2]
    assert len(times) > 10
    assert all(20 <= later - earlier < 32 for earlier, later in pairwise(times))
    assert all(step % 130 for step in saved(done)[:-2])


def test_each_epoch_that_takes_its_time_and_few_of_those_that_do_not(tmp_path: Path) -> None:
    assert saved(run(PLAIN.but(epochs=3), tmp_path / "a", tick=0.05)) == [STEPS, 2 * STEPS, 3 * STEPS, 3 * STEPS]
    short = run(PLAIN.but(epochs=40, batch_size=1294), tmp_path / "b", tick=0.001)
    assert saved(short) == [40], "all of it took less than a second"


def test_a_save_that_takes_long_makes_the_next_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Counting(0.0), list[Event]()
    saves = Saves(tmp_path, said.append, clock)

    def slow(*_: object) -> int:
        clock.sleep(0.1)
        return 1

    monkeypatch.setattr(checkpoint, "save", slow)
    clock.sleep(2.0)
    assert saves.epoch_is_due()
    saves.last(state(1, torch.zeros(1)), 0.0)
    clock.sleep(19.0)
    assert not saves.epoch_is_due(), "a two hundredth of the time at most"
    clock.sleep(1.1)
    assert saves.epoch_is_due()


def test_at_a_pause_once_and_again_after_a_change(tmp_path: Path) -> None:
    turns: list[list[Command]] = [[], [], [Set("clip", 1.0)], [], [], [Evaluate()], [], [Continue()]]

    def script(events: list[Event]) -> list[Command]:
        if any(isinstance(event, Paused) for event in events):
            return turns.pop(0) if turns else []
        return [Pause()] if isinstance(events[-1], Stepped) and events[-1].step == 9 else []

    done = run(PLAIN, tmp_path, script, tick=EACH_STEP)
    assert saved(done)[:2] == [9, 9]
    assert saved(done).count(9) in {3, 4}, "the evaluation may have been worth a save of its own"


def test_at_a_stop_and_at_a_hand_over(tmp_path: Path) -> None:
    assert saved(run(PLAIN, tmp_path / "a", at_step(7, Stop()), tick=EACH_STEP))[-1] == 7
    assert saved(run(PLAIN, tmp_path / "b", at_step(7, HandOver()), tick=EACH_STEP)) == [7]


def test_a_save_follows_the_report_of_its_step(tmp_path: Path) -> None:
    done = run(PLAIN.but(save_every=1, epochs=2), tmp_path, tick=0.03)
    steps = 0
    assert len(saved(done)) > 4
    for event in done.events:
        if isinstance(event, Stepped):
            steps = event.step
        elif isinstance(event, CheckpointSaved):
            assert event.step == steps


def test_a_disk_that_fails_and_comes_back_is_said_once_each(tmp_path: Path, disk: Disk) -> None:
    def script(events: list[Event]) -> list[Command]:
        disk.full = 5 < max((event.step for event in events if isinstance(event, Stepped)), default=0) < 30
        return []

    done = run(PLAIN.but(save_every=1, epochs=1), tmp_path, script, tick=EACH_STEP)
    assert [text for _, text in notes(done.events) if text.startswith("last.pt")] == [
        "last.pt cannot be written: No space left on device; training goes on, and it is tried again",
        "last.pt could be written again",
    ]
    assert done.ended.reason == "finished"
    assert checkpoint.load(done.checkpoints / "last.pt")["step"] == STEPS
    assert sorted(file.name for file in done.checkpoints.iterdir()) == ["best.pt", "last.pt"]


def test_what_fails_is_tried_again_now_and_then_only(tmp_path: Path, disk: Disk) -> None:
    clock, said = Counting(0.0), list[Event]()
    saves, disk.full = Saves(tmp_path, said.append, clock), True
    saves.last(state(1, torch.zeros(1)), 0.0)
    assert not saves.last_is_due()
    assert not saves.pause_is_due(1)
    clock.sleep(kept.RETRY)
    assert saves.last_is_due()
    assert saves.pause_is_due(1)
    disk.full = False
    saves.last(state(1, torch.zeros(1)), 0.0)
    assert not saves.pause_is_due(1)
    assert saves.pause_is_due(2)


def test_another_reason_is_said_too(tmp_path: Path, disk: Disk) -> None:
    said = list[Event]()
    saves, disk.full = Saves(tmp_path, said.append, Counting()), True
    for disk.why in ("No space left on device", "No space left on device", "Permission denied"):
        saves.last(state(1, torch.zeros(1)), 0.0)
    assert [text.partition(";")[0] for _, text in notes(said)] == [
        "last.pt cannot be written: No space left on device",
        "last.pt cannot be written: Permission denied",
    ]


def test_a_best_that_could_not_be_written_is_kept_as_it_was(tmp_path: Path, disk: Disk) -> None:
    clock, said, weights = Counting(0.001), list[Event](), torch.ones(3)
    saves, disk.full = Saves(tmp_path, said.append, clock), True
    saves.best(state(1, weights), 0.0)
    weights.fill_(99)
    disk.full = False
    clock.sleep(kept.RETRY)
    saves.tick(0.0)
    assert checkpoint.load(tmp_path / "best.pt")["weights"].tolist() == [1, 1, 1]
    assert notes(said)[-1] == ("info", "best.pt could be written again")


def test_the_last_save_has_patience(tmp_path: Path, disk: Disk) -> None:
    clock, said, disk.full = Counting(0.0), list[Event](), True

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        disk.full = clock.now < 0.8 * kept.PATIENCE

    Saves(tmp_path, said.append, clock).last_of_all(lambda: state(5, torch.zeros(1)), 0.0, sleep)
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 5
    assert [level for level, _ in notes(said)] == ["warning", "info"]


def test_the_last_save_gives_up_in_words(tmp_path: Path, disk: Disk) -> None:
    disk.full = True
    done = run(PLAIN, tmp_path)
    assert isinstance(done.events[-1], RunEnded)
    assert ("warning", "the last weights could not be saved: the disk cannot be written") in notes(done.events)
    assert done.clock.slept == kept.PATIENCE / 0.5
    assert not list(done.checkpoints.iterdir())


def test_a_folder_that_is_removed_while_it_trains_is_made_again(tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        if isinstance(events[-1], CheckpointSaved):
            for file in (tmp_path / "checkpoints").iterdir():
                file.unlink()
            (tmp_path / "checkpoints").rmdir()
        return []

    done = run(PLAIN.but(save_every=1), tmp_path, script, tick=EACH_STEP)
    assert done.last["step"] == STEPS
