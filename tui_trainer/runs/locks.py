"""The lock on a log, which answers whether a run is being trained. The only place that knows how the system locks a file."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

NO_LOCKS = {getattr(errno, name) for name in ("ENOLCK", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINVAL") if hasattr(errno, name)}
"""What a file system answers that has no locks."""


def take(descriptor: int, *, shared: bool = False) -> bool | None:
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
        taken = take(descriptor, shared=True)
        return None if taken is None else not taken
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether someone is known to be writing this log now."""
    return locked(path) is True
