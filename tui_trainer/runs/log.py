"""The record of a run as a file: one writer appends, many readers follow. Knows lines, and nothing of what they mean."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

from tui_trainer.commands import Command
from tui_trainer.events import EVENTS, Event, Probed, RunStarted, Stepped
from tui_trainer.runs.lines import Decoder, encode
from tui_trainer.runs.pace import Pace
from tui_trainer.runs.pictures import Pictures

__all__ = ["Decoder", "RunLocked", "Tail", "Writer", "append", "encode", "is_locked", "locked"]

Kind = TypeVar("Kind", covariant=True)

MOST_PER_READ = 1 << 18
"""Bytes of log read at once: a thousand events, 30 ms, so that opening a week-long run never freezes a screen."""


class RunLocked(RuntimeError):
    """Another process or thread writes this log: the run is being trained."""


NO_LOCKS = {getattr(errno, name) for name in ("ENOLCK", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINVAL") if hasattr(errno, name)}
"""What a file system answers that has no locks."""


def _lock(descriptor: int, *, shared: bool = False) -> bool | None:
    """Take the lock on an open file without waiting; False when another holds it, None where there are no locks.

    It goes when the file is closed."""
    try:
        if sys.platform == "win32":  # no flock: one byte far behind the end stands for the file
            import msvcrt

            os.lseek(descriptor, 1 << 40, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        return None if error.errno in NO_LOCKS else False
    return True


def locked(path: Path) -> bool | None:
    """Whether someone is writing this log now; None where the file system has no locks, so that nobody can know.

    A file that is not there is not locked."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        taken = _lock(descriptor, shared=True)
        return None if taken is None else not taken
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether someone is known to be writing this log now."""
    return locked(path) is True


class Writer:
    """Appends events to a log, each with one write, and holds its lock. A write that fails raises: what is not
    recorded did not happen."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        taken = self._take_lock()
        self.locked = taken is True
        """False where the file system has no locks: nobody can tell then whether another process writes as well."""
        if taken is False:
            os.close(self._descriptor)
            raise RunLocked(f"{path.parent.name} is being trained{_by_whom(path)}")
        self._pace = Pace()
        self._pictures = Pictures(path)
        size = os.fstat(self._descriptor).st_size
        if size and not _ends_whole(path):
            self._write(b"\n")  # what was torn off when its writer died becomes a line of its own, which readers skip

    def __call__(self, event: Event) -> None:
        line = self._pace.shorten(event) if isinstance(event, Stepped) else None
        if line is None:
            line = encode(self._pictures.put(event) if isinstance(event, Probed) else event)
            self._pace.note(event)
        self._write(line.encode() + b"\n")

    def close(self) -> None:
        """Give the lock back. Closing twice is fine."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _take_lock(self) -> bool | None:
        """Whether the lock could be taken; who only asks for it (`is_locked`) holds it for a moment as well."""
        for _ in range(20):
            if (taken := _lock(self._descriptor)) is not False:
                return taken
            time.sleep(0.01)
        return False

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._descriptor, line) :]


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _by_whom(path: Path) -> str:
    with contextlib.suppress(OSError):
        pids = [event.pid for event in Tail(path)() if isinstance(event, RunStarted) and event.pid]
        return f" by process {pids[-1]}" if pids else ""
    return ""


def append(path: Path, command: Command) -> None:
    """Ask something of a run: anyone may, at any time."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, encode(command).encode() + b"\n")
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
        whole = self._read(most)
        self._position += len(whole)
        events = self._decode.many([line for line in whole.splitlines() if line])
        if b'"Probed"' not in whole:
            return events
        found: list[Any] = [self._pictures.get(event) if isinstance(event, Probed) else event for event in events]
        return [event for event in found if event is not None]

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
