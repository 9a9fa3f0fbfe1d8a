"""A record that cannot be written: what a full disk holds up is written later, to the byte; what is lost for good ends the run."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_trainer import paths, session
from tui_trainer.events import Event, Noted, Preparing, RunEnded, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import recorder
from tui_trainer.session.recorder import Recorder


class Disk:
    """Stands before `os.write`: a number of bytes that fit, and what is said of more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room, self.says, self.tries = 1 << 40, errno.ENOSPC, 0
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor: int, data: bytes) -> int:
        self.tries += 1
        if self.room <= 0:
            raise OSError(self.says, os.strerror(self.says))
        done = self._write(descriptor, data[: self.room])
        self.room -= done
        return done


class Clock:
    """Goes on by what is slept."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


class Recorded:
    """A recorder on a log, what was heard beside it, and how often trouble was told."""

    def __init__(self, folder: Path) -> None:
        self.path, self.clock = folder / "events.jsonl", Clock()
        self.heard: list[Event] = []
        self.trouble: list[str] = []
        self.write = log.Writer(self.path)
        self.say = Recorder(self.write, (self.heard.append,), in_trouble=self.trouble.append, clock=self.clock)

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.heard if isinstance(event, Noted)]

    def read(self) -> list[Event]:
        return log.Tail(self.path)(1 << 30)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Recorded]:
    found = Recorded(tmp_path)
    yield found
    found.write.close()


def stepped(step: int) -> Stepped:
    return Stepped(step, 1, (0.5,), 1, 2, 0.1, float(step))


FULL = "record not written: no space left on device"


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_holds_the_record_up_and_nothing_is_missing_in_it(room: int, record: Recorded, disk: Disk) -> None:
    """Also where the disk took a part of a line."""
    record.say(Preparing("reading digits"))
    disk.room = room
    for step in range(1, 6):
        record.clock.now += 1
        record.say(stepped(step))
        assert record.heard[0] == Preparing("reading digits")
    assert record.read() == [Preparing("reading digits")], "the record up to then is intact"
    assert record.say.history.step == 5, "training goes on"
    disk.room = 1 << 30
    record.clock.now += 30
    record.say(stepped(6))
    assert record.trouble == [FULL, ""]
    assert record.notes == [
        "the record cannot be written: no space left on device; training goes on, and it is tried again every 2 s",
        "the record is written again, 4.0 s later; nothing is missing in it",
    ]
    assert [event.step for event in record.read() if isinstance(event, Stepped)] == [1, 2, 3, 4, 5, 6]
    assert record.read() == record.heard


def test_it_is_tried_again_while_nothing_happens(record: Recorded, disk: Disk) -> None:
    commands = record.say.heeding(list)
    disk.room = 0
    record.say(stepped(1))
    tries = disk.tries
    disk.room = 1 << 30
    record.clock.now += 1.9
    assert commands() == []
    assert disk.tries == tries, "not yet"
    record.clock.now += 0.2
    commands()
    assert stepped(1) in record.read()
    assert record.trouble == [FULL], "it may be full again in a moment"
    record.clock.now += recorder.STEADY
    commands()
    assert record.trouble == [FULL, ""]
    tries = disk.tries
    record.clock.now += 100
    commands()
    assert disk.tries == tries, "nothing waits"


def test_a_disk_that_has_room_now_and_then_is_spoken_of_once(record: Recorded, disk: Disk) -> None:
    for step in range(1, 101):
        disk.room = 0 if step % 4 else 1 << 30
        record.clock.now += 1
        record.say(stepped(step))
    assert record.trouble == [FULL]
    assert len(record.notes) == 1


def test_nothing_follows_the_last_word(record: Recorded, disk: Disk) -> None:
    disk.room = 0
    end = RunEnded(1, 1, "finished", 1.0)
    record.say(end)
    assert record.trouble == [FULL]
    disk.room = 1 << 30
    record.say.settle(record.clock.sleep)
    assert record.read() == [end]


def test_at_the_end_it_is_tried_with_patience(record: Recorded, disk: Disk) -> None:
    disk.room = 0
    record.say(stepped(1))

    def sleep(seconds: float) -> None:
        record.clock.sleep(seconds)
        disk.room = 1 << 30 if record.clock.now > 105 else 0

    record.say.settle(sleep)
    assert record.say.broken is None
    assert stepped(1) in record.read()


def test_patience_ends(record: Recorded, disk: Disk) -> None:
    record.say(stepped(1))
    disk.room = 0
    record.say(stepped(2))
    record.say.settle(record.clock.sleep)
    assert record.clock.now == pytest.approx(100 + recorder.PATIENCE)
    assert record.say.broken is not None
    assert record.say.broken.errno == errno.ENOSPC
    assert record.read() == [stepped(1)]


@pytest.mark.parametrize("says", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EBADF])
def test_what_will_not_pass_ends_the_run_at_once(says: int, record: Recorded, disk: Disk) -> None:
    disk.room, disk.says = 0, says
    with pytest.raises(OSError, match=r".") as caught:
        record.say(stepped(1))
    assert caught.value.errno == says
    assert record.say.broken is caught.value
    assert record.notes == []
    with pytest.raises(OSError, match=r"."):
        record.say(stepped(2))


def test_memory_does_not_hold_a_record_for_ever(record: Recorded, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_WAITING", 5)
    disk.room = 0
    for step in range(1, 5):
        record.say(stepped(step))
    with pytest.raises(OSError, match="No space left"):
        record.say(stepped(5))


def test_a_record_that_was_removed_ends_the_run(record: Recorded) -> None:
    record.say(stepped(1))
    record.path.unlink()
    with pytest.raises(FileNotFoundError):
        record.say(stepped(2))


# Whole runs


def make(**given: object) -> Run:
    setup = session.configure({"preset": "linear", "dataset": "digits"} | given)
    return store.create(setup.config, setup.preset.path)


def test_a_run_finishes_beside_a_full_disk_and_its_record_is_whole(disk: Disk) -> None:
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Stepped) and disk.room > 1 << 39:
            disk.room = 10
        if len(heard) > 30 or isinstance(event, RunEnded):
            disk.room = 1 << 30

    run, trouble = make(epochs=3), list[str]()
    session.train(run, hear, in_trouble=trouble.append)
    assert trouble == [FULL]
    written = log.Tail(run.events)(1 << 30)
    assert [type(event) for event in written] == [type(event) for event in heard]
    assert sum(len(event.losses) for event in written if isinstance(event, Stepped)) == 3 * 41
    assert all(json.loads(line) for line in run.events.read_text().splitlines()), "no line is torn"


def test_a_folder_that_is_removed_ends_the_run_in_words() -> None:
    run = make(epochs=1000)

    def remove(event: Event) -> None:
        if isinstance(event, Stepped) and run.folder.exists():
            shutil.rmtree(run.folder)

    with pytest.raises(StoreError, match=rf"run {run.id} cannot be written, so it ended: the record was removed"):
        session.train(run, remove)
    assert not run.folder.exists()


FIFTIETH = """
from torch import nn


class Net(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.dense, self.done = nn.Linear(64, outputs), 0

    def forward(self, x):
        self.done += self.training
        if self.done == 50:
            raise IndexError("no such thing")
        return self.dense(x.flatten(1))


def build(input_shape, num_classes):
    return Net(num_classes)
"""


def test_what_was_learned_before_something_raised_is_in_the_record() -> None:
    """Also what had not been reported yet."""
    file = paths.your_presets() / "fiftieth.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(FIFTIETH, encoding="utf-8")
    run = make(preset="fiftieth")
    session.train(run)
    written = log.Tail(run.events)(1 << 30)
    assert sum(len(event.losses) for event in written if isinstance(event, Stepped)) == 49
    end = written[-1]
    assert isinstance(end, RunEnded)
    assert (end.reason, end.step, end.error) == ("failed", 49, "preset line 13: IndexError: no such thing")
    assert end.traceback.strip().endswith("IndexError: no such thing")
