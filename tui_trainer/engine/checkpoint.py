"""Tensors in files: written aside, synced, moved over; a reader finds the old file or the new one, never half of one."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import torch


def save(state: dict[str, Any], path: Path) -> int:
    """Writes `state` to `path` and gives its size in bytes. Raises OSError, and then the older file is still there."""
    content = io.BytesIO()
    torch.save(state, content)
    path.parent.mkdir(exist_ok=True)  # not what is above it: the folder of a run that was removed is not to come back
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync(path.parent)
    return content.tell()


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote, on the CPU, read as it is used. Only tensors and plain values are accepted: no code runs."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return state


def load_or_none(path: Path) -> dict[str, Any] | None:
    """The same, or None where there is no whole file."""
    try:
        return load(path)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError):
        return None


def sync(folder: Path) -> None:
    """Makes a move within the folder last; not every system lets a folder be opened."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
