"""The record of a run as a file: one writer appends, many readers follow. Knows lines, and nothing of what they mean."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

from tui_trainer.commands import Command
from tui_trainer.events import EVENTS, CheckpointSaved, Event, Noted, Probed, RunEnded, Stepped
from tui_trainer.runs import backwards, ends, locks
from tui_trainer.runs.lines import Decoder, encode
from tui_trainer.runs.locks import is_locked, locked
from tui_trainer.runs.pace import Pace
from tui_trainer.runs.pictures import Pictures
from tui_trainer.runs.reports import Reports

__all__ = ["Decoder", "RunLocked", "Tail", "Writer", "append", "encode", "is_locked", "locked", "position_after"]

Kind = TypeVar("Kind", covariant=True)

MOST_PER_READ = 1 << 18
"""Bytes of log read at once: a thousand events, 30 ms, so that opening a week-long run never freezes a screen."""


class RunLocked(RuntimeError):
    """Another process or thread writes this log: the run is being trained."""


class Writer:
    """Appends events to a log, each with one write, and holds its lock.

    A write that fails raises OSError, and what could not be written is kept: the next event, or `retry`, writes it first, from
    the very byte at which it broke off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        taken = self._take_lock()
        self.locked = taken is True
        """False where the file system has no locks: nobody can tell then whether another process writes as well."""
        if taken is False:
            os.close(self._descriptor)
            raise RunLocked(f"{path.parent.name} is being trained{_by_whom(path)}")
        self._waiting: deque[bytes] = deque()
        self._pictures = Pictures(path)
        self._pictures_lost = ""
        found = os.fstat(self._descriptor)
        size, self._counts_links = found.st_size, found.st_nlink > 0
        self._pace = Pace(whole=size > 0)
        if size and not _ends_whole(path):
            with suppress(OSError):  # it waits, and the first event tells
                self._write(b"\n")  # what was torn off when its writer died becomes a line of its own, which readers skip

    def __call__(self, event: Event) -> None:
        found = self._with_picture(event) if isinstance(event, Probed) else event
        if found is None:
            return
        line = self._pace.shorten(found) if isinstance(found, Stepped) else None
        if line is None:
            line = encode(found)
            self._pace.note(found)
        self._write(line.encode() + b"\n")
        if isinstance(found, CheckpointSaved | RunEnded):
            self._sync()

    def _sync(self) -> None:
        """Onto the disk: after a power cut no checkpoint is to be of a step that the record does not know."""
        with suppress(OSError):  # not every file system can, and what it holds was written all the same
            os.fsync(self._descriptor)

    @property
    def waiting(self) -> int:
        """Lines that could not be written yet, the rest of a line that was torn off among them."""
        return len(self._waiting)

    def retry(self) -> bool:
        """Try again to write what waits; whether none does any more."""
        try:
            self._flush()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Give the lock back, after a last try to write what waits. Closing twice is fine."""
        if self._descriptor >= 0:
            self.retry()
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _take_lock(self) -> bool | None:
        """Whether the lock could be taken; who only asks for it (`is_locked`) holds it for a moment as well."""
        for _ in range(20):
            if (taken := locks.take(self._descriptor)) is not False:
                return taken
            time.sleep(0.01)
        return False

    def _with_picture(self, event: Probed) -> Event | None:
        """The event with its picture beside the log. One that cannot be kept is left out, and that is said once: a run is
        not to end for a picture."""
        try:
            event = self._pictures.put(event)
        except OSError as error:
            why, before = error.strerror or str(error), self._pictures_lost
            self._pictures_lost = why
            return Noted("warning", f"the pictures of {event.probe} cannot be kept: {why}", event.step) if why != before else None
        self._pictures_lost = ""
        return event

    def _write(self, line: bytes) -> None:
        self._waiting.append(line)
        self._flush()

    def _flush(self) -> None:
        while self._waiting:
            done = os.write(self._descriptor, self._waiting[0])
            if done == len(self._waiting[0]):
                self._waiting.popleft()
            else:
                self._waiting[0] = self._waiting[0][done:]
        if self._counts_links and os.fstat(self._descriptor).st_nlink == 0:
            raise FileNotFoundError(errno.ENOENT, "the record was removed", str(self._path))


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _by_whom(path: Path) -> str:
    """Who said last that the run is its own."""
    holder = ends.taken(path)
    if not holder.pid:
        return ""
    return f" by process {holder.pid}" + (f" on {holder.host}" if holder.host not in {"", socket.gethostname()} else "")


def position_after(path: Path, kind: type[Command] | type[Event]) -> int | None:
    """The byte after the last line of this kind, where a `Tail` goes on from; None where there is none."""
    line = backwards.newest(path, (kind.__name__,))
    return line.end if line else None


def append(path: Path, command: Command) -> None:
    """Ask something of a run: anyone may, at any time. Raises OSError where it cannot be written whole: half a line asks for
    nothing, and whoever asks next begins a new one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        line = encode(command).encode() + b"\n"
        if os.lseek(descriptor, 0, os.SEEK_END) and not _ends_whole(path):
            line = b"\n" + line
        if os.write(descriptor, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


class Tail(Generic[Kind]):
    """Reads on from where it was, each time it is called; a line without its newline waits for the rest."""

    @overload
    def __init__(self: Tail[Event], path: Path, *, position: int = 0) -> None: ...
    @overload
    def __init__(self, path: Path, kinds: Mapping[str, type[Kind]], *, position: int = 0) -> None: ...
    def __init__(self, path: Path, kinds: Mapping[str, type[Any]] = EVENTS, *, position: int = 0) -> None:
        """From the beginning, or from a `position` in bytes at which a line begins."""
        self._path, self._decode = path, Decoder(kinds)
        self._pictures = Pictures(path)
        self._position = position
        self.problem = ""
        """Why nothing more can be read, in a sentence; empty while all is well."""

    def __call__(self, most: int = MOST_PER_READ) -> list[Kind]:
        """What was written since the last call, or about `most` bytes of it."""
        whole = self._next(most)
        return self._with_pictures(self._decode.many([line for line in whole.splitlines() if line]), whole)

    def columns(self, most: int = MOST_PER_READ) -> list[Kind | Reports]:
        """The same with every `Stepped` in columns: for who folds a long record as fast as can be."""
        whole = self._next(most)
        return self._with_pictures(self._decode.columns(whole), whole)

    def _next(self, most: int) -> bytes:
        whole = self._read(most)
        self._position += len(whole)
        return whole

    def _with_pictures(self, events: list[Any], whole: bytes) -> list[Any]:
        if b'"Probed"' not in whole:
            return events
        found = [self._pictures.get(event) if isinstance(event, Probed) else event for event in events]
        return [event for event in found if event is not None]

    def portions(self, most: int = MOST_PER_READ) -> Iterator[list[Kind]]:
        """All that is there by now, about `most` bytes at a time; a torn last line is left where it is."""
        left = -1
        while (behind := self.behind()) and behind != left:
            left = behind
            yield self(most)

    def behind(self) -> int:
        """Bytes written and not read yet."""
        try:
            return max(self._path.stat().st_size - self._position, 0)
        except OSError:
            return 0

    def _read(self, most: int) -> bytes:
        """Whole lines only; at least one, however long it is."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                self.problem = f"{self._path} became shorter: open the run again" if size < self._position else ""
                if size <= self._position:
                    return b""
                file.seek(self._position)
                data = file.read(most)
                if b"\n" not in data:
                    data += file.readline()
        except OSError as error:
            if self._position or not isinstance(error, FileNotFoundError):
                self.problem = f"{self._path} cannot be read any more: {error.strerror or error}"
            return b""
        whole, newline, _torn = data.rpartition(b"\n")
        return whole + newline
