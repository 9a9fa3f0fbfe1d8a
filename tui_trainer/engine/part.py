"""The beginning of a file that is being fetched: a `.part` beside its place, and a note of what it is the beginning of.

Knows the disk and nothing of the network. What the disk refuses is raised as TrainingError, with what to do.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_trainer import units
from tui_trainer.datasets.fetched import PART
from tui_trainer.engine import checkpoint, wire
from tui_trainer.engine.errors import TrainingError

Note = tuple[str, str, int]
"""Address, validator and size of the whole; empty and 0 where they are not known."""


class Part:
    """What is here of one file. It stays, whatever happens, until `finish` or `forget`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(path.name + PART)
        self._note = path.with_name(f"{path.name}{PART}.from")
        with self._disk():
            path.parent.mkdir(parents=True, exist_ok=True)

    @property
    def size(self) -> int:
        try:
            return self.part.stat().st_size
        except OSError:
            return 0

    @property
    def note(self) -> Note:
        try:
            address, validator, size = json.loads(self._note.read_text(encoding="utf-8"))
            return str(address), str(validator), int(size)
        except (OSError, ValueError, TypeError):
            return "", "", 0

    def begin(self, note: Note) -> None:
        """Start over, as the beginning of something else."""
        self.forget()
        with self._disk():
            self._note.write_text(json.dumps(note), encoding="utf-8")
            self.part.touch()

    def room(self, needed: int) -> None:
        """Raises TrainingError where the disk has not so many bytes more."""
        if needed > shutil.disk_usage(self.path.parent).free:
            raise _unwritable(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), needed)

    def append(self, chunk: bytes) -> None:
        """Writes at the end; what was written is in the file, also when this process is killed the moment after."""
        with self._disk(), self.part.open("ab", buffering=0) as file:
            while chunk:
                chunk = chunk[os.write(file.fileno(), chunk) :]

    def digest(self, tick: Callable[[], None]) -> str:
        return digest(self.part, tick)

    def finish(self) -> None:
        """It is whole: move it to its place."""
        with self._disk():
            with self.part.open("r+b") as file:
                os.fsync(file.fileno())
            self.part.replace(self.path)
            self._note.unlink(missing_ok=True)
            checkpoint.sync(self.path.parent)

    def forget(self) -> None:
        with self._disk():
            self.part.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unwritable(self.path, error) from error


def digest(path: Path, tick: Callable[[], None]) -> str:
    """The md5 sum of a file, in hexadecimal; `tick` is called for every megabyte."""
    md5 = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            md5.update(chunk)
            tick()
    return md5.hexdigest()


@contextlib.contextmanager
def turn(path: Path, wait: wire.Wait) -> Iterator[None]:
    """Held by one at a time, in this process or another, by means of the lock file `path`; `wait` is called until it is free.

    Where nothing can be written there is no lock either: nobody else writes there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        while not _lock(descriptor):
            wire.pause(wire.STEP, wait)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether the lock could be taken. Where a disk has none all may go on: checksums and moves keep the files whole."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in {errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
    return True


def _unwritable(path: Path, error: OSError, needed: int = 0) -> TrainingError:
    if error.errno == errno.ENOSPC:
        amount = f"{units.file_size(needed)} more" if needed else "more room"
        return TrainingError(f"the disk is full: {path.name} needs {amount} in {path.parent}; the next try goes on from there")
    return TrainingError(f"{path} cannot be written: {error.strerror or error}")
