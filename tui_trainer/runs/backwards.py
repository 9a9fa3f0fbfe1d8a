"""The newest line of a kind in a log of any length, found from its end on, so that what is recent costs little."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

CHUNK = 1 << 20


class Line(NamedTuple):
    start: int
    """Position of its first byte."""
    text: bytes
    """With its newline."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def newest(path: Path, kinds: Iterable[str], *, after: int = 0) -> Line | None:
    """The last whole line at or after this position that holds an event or a command of one of these kinds.

    None where there is none, or no such file."""
    begins = [b'\n{"type":"' + kind.encode() + b'"' for kind in kinds]
    overlap = max(map(len, begins))
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            limit = end
            while end > after:
                start = max(end - CHUNK, after)
                file.seek(max(start - 1, 0))
                data = file.read(end + overlap - file.tell())
                if start == 0:
                    data = b"\n" + data
                found = _last_whole(data, begins, start, limit)
                if found is None:
                    end = start
                    continue
                file.seek(found)
                line = file.readline()
                if line.endswith(b"\n"):
                    return Line(found, line)
                limit = end = found
    except OSError:
        return None
    return None


def _last_whole(data: bytes, begins: list[bytes], start: int, limit: int) -> int | None:
    """Where the last of these lines begins, in data that begins one byte before `start`, and before `limit`."""
    at = max(data.rfind(begin, 0, limit - start - 1 + len(begin)) for begin in begins)
    return start + at if at >= 0 else None
