"""The writer of a log: what a full disk could not take is written later from the very byte, and nothing is lost or doubled."""

from __future__ import annotations

import errno
import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from test_log import STARTED, run, written
from tui_trainer import commands
from tui_trainer.events import Event, Hosted, Noted, Paused, Probed, RunResumed
from tui_trainer.runs import backwards, locks, log


class Disk:
    """Stands for `os.write`: takes only so many bytes more, then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room, self._write = room, os.write
        monkeypatch.setattr(os, "write", self)

    def __call__(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = self._write(descriptor, data[: self.room])
        self.room -= done
        return done


@pytest.mark.parametrize("seed", range(20))
def test_what_a_full_disk_could_not_take_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    path, chance = tmp_path / "events.jsonl", random.Random(seed)
    rows, failures = run(chance.choice((1, 3)), 120), 0
    disk = Disk(monkeypatch, 0)
    with log.Writer(path) as write:
        for event in rows:
            disk.room = chance.choice((0, 1, 15, 400))
            try:
                write(event)
            except OSError:
                failures += 1
                assert write.waiting > 0
        assert failures > 10
        while not write.retry():
            disk.room = chance.choice((1, 7, 200))
        assert write.waiting == 0
        disk.room = 1 << 20
        write(Paused(1))
    monkeypatch.undo()
    assert log.Tail(path)(1 << 30) == [*written(tmp_path / "whole.jsonl", rows), Paused(1)]


def test_closing_tries_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.jsonl"
    disk = Disk(monkeypatch, 10)
    with log.Writer(path) as write:
        with pytest.raises(OSError, match="No space left"):
            write(Paused(1))
        assert (write.retry(), write.waiting) == (False, 1)
        disk.room = 1000
    assert log.Tail(path)() == [Paused(1)]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_record_that_was_removed_is_said_and_stays_removed(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with log.Writer(path) as write:
        write(Paused(1))
        path.unlink()
        for _ in range(2):
            with pytest.raises(FileNotFoundError, match="the record was removed"):
                write(Paused(2))
        assert not write.retry()
    assert not path.exists()


def test_pictures_that_cannot_be_kept_are_said_once_and_end_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    probe = Probed(3, 1, "mistakes", (8, 3, 32, 32), "AAAA" * 100)
    (tmp_path / "probes").write_text("a file where the folder should be")
    with log.Writer(path) as write:
        for event in (probe, Paused(3), probe, probe):
            write(event)
        (tmp_path / "probes").unlink()
        write(probe)
    said, *rest = log.Tail(path)()
    assert isinstance(said, Noted)
    assert (said.level, said.step) == ("warning", 3)
    assert said.text.startswith("the pictures of mistakes cannot be kept: ")
    assert rest == [Paused(3), probe]


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the system answer every wish for a lock with this error."""
    fcntl = pytest.importorskip("fcntl")

    def answer(code: int) -> None:
        def flock(descriptor: int, operation: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(fcntl, "flock", flock)

    return answer


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_a_file_system_without_locks_will_do_and_nobody_can_know(
    tmp_path: Path, without_locks: Callable[[int], None], code: int
) -> None:
    path = tmp_path / "events.jsonl"
    without_locks(code)
    with log.Writer(path) as write:
        assert not write.locked
        write(Paused(1))
        assert log.locked(path) is None
        assert not log.is_locked(path)
    assert log.Tail(path)() == [Paused(1)]


def test_a_lock_that_another_holds_is_no_missing_lock(tmp_path: Path, without_locks: Callable[[int], None]) -> None:
    path = tmp_path / "events.jsonl"
    path.touch()
    assert log.locked(path) is False
    with log.Writer(path) as write:
        assert write.locked
        assert log.locked(path) is True
    without_locks(errno.EAGAIN)
    assert log.locked(path) is True
    assert locks.is_locked(path)
    assert log.locked(tmp_path / "nothing") is False


def refusal(path: Path) -> str:
    with pytest.raises(log.RunLocked) as raised:
        log.Writer(path)
    return str(raised.value)


def test_who_holds_a_run_is_known_while_it_is_still_prepared_and_after_it_was_resumed(tmp_path: Path) -> None:
    path = tmp_path / "run-7f3a" / "events.jsonl"
    path.parent.mkdir()
    with log.Writer(path) as write:
        assert refusal(path) == "run-7f3a is being trained"
        write(Hosted(101))
        assert refusal(path) == "run-7f3a is being trained by process 101"
        write(replace(STARTED, pid=101))
        assert refusal(path) == "run-7f3a is being trained by process 101"
    with log.Writer(path) as write:
        write(Hosted(103, "far-away"))
        write(RunResumed(1, 1, 0.1))
        for event in run(1, 300)[1:]:
            write(event)
        assert refusal(path) == "run-7f3a is being trained by process 103 on far-away"


def test_the_newest_line_is_found_in_a_long_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, chance = tmp_path / "events.jsonl", random.Random(4)
    monkeypatch.setattr(backwards, "CHUNK", 97)
    for _ in range(60):
        rows: list[Event] = [
            chance.choice((Paused(1), Noted("info", "x" * 50), Noted("info", '{"type":"Hosted"'))) for _ in range(30)
        ]
        places = sorted(chance.sample(range(30), 2))
        for place in places:
            rows[place] = Hosted(100 + place)
        path.write_bytes(b"".join(log.encode(event).encode() + b"\n" for event in rows))
        lines = path.read_bytes().splitlines(keepends=True)
        found = backwards.newest(path, ("Hosted",))
        assert found is not None
        assert found == (sum(map(len, lines[: places[1]])), lines[places[1]])
        assert backwards.newest(path, ("Hosted",), after=found.start) == found
        assert backwards.newest(path, ("Hosted",), after=found.end) is None
        assert backwards.newest(path, ("RunStarted", "Hosted")) == found
        assert backwards.newest(path, ("RunStarted",)) is None
        torn = b"".join(lines[: places[1]]) + lines[places[1]][:-1]
        path.write_bytes(torn)
        earlier = backwards.newest(path, ("Hosted",))
        assert earlier is not None
        assert earlier.text == lines[places[0]]
    assert backwards.newest(tmp_path / "nothing", ("Hosted",)) is None


def test_commands_are_read_from_after_the_one_that_was_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    assert log.position_after(path, commands.HandOver) is None
    asked: list[commands.Command] = [commands.Pause(), commands.HandOver(), commands.Set("lr", 0.1), commands.HandOver()]
    for command in asked:
        log.append(path, command)
    assert log.position_after(path, commands.HandOver) == path.stat().st_size
    assert log.position_after(path, commands.Stop) is None
    log.append(path, commands.Stop())
    start = log.position_after(path, commands.HandOver)
    assert start is not None
    tail = log.Tail(path, commands.COMMANDS, position=start)
    assert tail() == [commands.Stop()]
    assert tail.behind() == 0
    assert log.position_after(path, commands.SetLearningRate) is None
