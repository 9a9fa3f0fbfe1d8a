"""Inputs and targets in one file that opens in well under a millisecond: mapped into memory, read from the disk as they are used.

The file: MAGIC, inputs, targets, a header in JSON (shapes, kinds, the caller's facts), and an end that tells the header's
length and checksum. The header comes last, so rows can be written before anyone knows how many there will be, and a file
that was cut anywhere has no end. It is written aside, synced and moved over, so a reader finds a whole file or none.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import math
import mmap
import os
import secrets
import shutil
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from tui_trainer.engine import checkpoint

MAGIC = b"tui-trainer tensors 1\n"
"""The number is the version; a file of another one counts as absent."""
END = struct.Struct("<QI8s")
END_MARK = b"tensors."
ALIGNED = 4096
KINDS = {"uint8": torch.uint8, "int64": torch.int64, "float32": torch.float32}
ASIDE = ".aside"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, OverflowError, struct.error)

Facts = dict[str, Any]


def write(path: Path, inputs: Tensor, targets: Tensor, facts: Facts) -> int:
    """Keeps both, of as many rows each, with facts that JSON can hold; gives the file's size in bytes.

    Raises OSError, and then what was at `path` before is still there.
    """
    with Writer(path, tuple(inputs.shape[1:]), inputs.dtype, len(inputs)) as writer:
        writer.append(inputs)
        return writer.finish(targets, facts)


def open_(path: Path) -> tuple[Tensor, Tensor, Facts] | None:
    """Inputs, targets and facts, mapped from the file; None where it is absent, cut, foreign or of another version.

    The tensors are for reading. A write would not reach the file, and may end the process where the data outgrows the memory.
    """
    try:
        with path.open("rb") as file:
            mapped = _mapped(file)
        header, whole = _header(mapped)
        inputs, targets = _placed(header)
        if targets.stop != whole or header["order"] != sys.byteorder:
            return None
        return inputs.of(mapped), targets.of(mapped), dict(header["facts"])
    except UNREADABLE:
        return None


class Writer:
    """A file that grows by rows of inputs, for what is larger than memory: `append` them, then `finish`.

    Left without `finish`, nothing stays. Each method raises OSError where the disk does not take it; so does the making, where
    `count` rows would not fit.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], kind: torch.dtype, count: int) -> None:
        self.path, self.shape, self.kind = path, shape, kind
        self.rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        clean(path.parent)
        needed = count * math.prod(shape) * kind.itemsize
        if needed > shutil.disk_usage(path.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path.parent))
        self._aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}{ASIDE}")
        self._file = self._aside.open("xb")
        _hold(self._file.fileno())
        self._file.write(MAGIC.ljust(ALIGNED, b"\0"))

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def append(self, inputs: Tensor) -> None:
        """Adds rows [n, *shape]."""
        if tuple(inputs.shape[1:]) != self.shape or inputs.dtype != self.kind:
            raise ValueError(f"rows of {self.shape}, {self.kind} are needed, not of {tuple(inputs.shape[1:])}, {inputs.dtype}")
        _write(self._file, inputs)
        self.rows += len(inputs)

    def finish(self, targets: Tensor, facts: Facts) -> int:
        """Adds the targets, one a row, and the facts, and moves the file to its place. Gives its size in bytes."""
        if len(targets) != self.rows:
            raise ValueError(f"{self.rows} targets are needed, one a row, not {len(targets)}")
        header = {
            "order": sys.byteorder,
            "inputs": [_name(self.kind), [self.rows, *self.shape]],
            "targets": [_name(targets.dtype), list(targets.shape)],
            "facts": facts,
        }
        self._file.write(bytes(_placed(header)[1].start - self._file.tell()))
        _write(self._file, targets)
        text = json.dumps(header).encode()
        self._file.write(text + END.pack(len(text), zlib.crc32(text), END_MARK))
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._file.close()  # before the move: Windows moves no open file
        self._aside.replace(self.path)
        checkpoint.sync(self.path.parent)
        return size

    def abandon(self) -> None:
        """Lets go of what was written, if it was not finished."""
        with contextlib.suppress(OSError):  # what could not be written need not be flushed
            self._file.close()
        with contextlib.suppress(OSError):
            self._aside.unlink(missing_ok=True)


def clean(folder: Path) -> None:
    """Removes the unfinished files of writers that were killed; one that is still being written is held, and stays."""
    for aside in folder.glob(f"*{ASIDE}"):
        with contextlib.suppress(OSError), aside.open("rb") as file:
            if not _hold(file.fileno()):
                continue
        with contextlib.suppress(OSError):  # Windows does not remove what another holds open
            aside.unlink(missing_ok=True)


def _hold(descriptor: int) -> bool:
    """Takes a lock that ends with its process, however that ends; False where another has it."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or a network disk that knows no locks
            return False
    return True


class _Place:
    """Where in the file one tensor lies."""

    def __init__(self, said: tuple[str, list[int]], after: int) -> None:
        kind, shape = said
        if not all(isinstance(side, int) and side >= 0 for side in shape):
            raise ValueError(f"{shape} is no shape")
        self.kind, self.shape = KINDS[kind], tuple(shape)
        self.start = -(-after // ALIGNED) * ALIGNED
        self.count = math.prod(shape)
        self.stop = self.start + self.count * self.kind.itemsize

    def of(self, mapped: mmap.mmap) -> Tensor:
        if not self.count:
            return torch.empty(self.shape, dtype=self.kind)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given buffer is not writable")
            flat = torch.frombuffer(mapped, dtype=self.kind, count=self.count, offset=self.start)
        return flat.view(self.shape)


def _placed(header: Facts) -> tuple[_Place, _Place]:
    inputs = _Place(header["inputs"], ALIGNED)
    return inputs, _Place(header["targets"], inputs.stop)


def _mapped(file: BinaryIO) -> mmap.mmap:
    """The file as memory, private to this process: a write by mistake changes a copy.

    The system refuses such a map where the copy could outgrow the memory, which ends torch.load(mmap=True); then for reading.
    """
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except OSError:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _header(mapped: mmap.mmap) -> tuple[Facts, int]:
    """The header and where it begins. Raises one of UNREADABLE where this is no whole file of ours."""
    length, checksum, mark = END.unpack_from(mapped, len(mapped) - END.size)
    start = len(mapped) - END.size - length
    if mark != END_MARK or mapped[: len(MAGIC)] != MAGIC or start < ALIGNED:
        raise ValueError("not a file of tensors")
    text = mapped[start : start + length]
    if zlib.crc32(text) != checksum:
        raise ValueError("the header is damaged")
    return json.loads(text), start


def _write(file: BinaryIO, tensor: Tensor) -> None:
    flat = tensor.contiguous()
    if size := flat.numel() * flat.element_size():
        file.write(memoryview((ctypes.c_ubyte * size).from_address(flat.data_ptr())))


def _name(kind: torch.dtype) -> str:
    return str(kind).removeprefix("torch.")
