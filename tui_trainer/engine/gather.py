"""Many picture files as rows of bytes, decoded side by side in order. Knows files and pixels, no classes and no cache."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass, field, replace

import torch
from PIL import Image
from torch import Tensor

from tui_trainer.engine import decoding, devices
from tui_trainer.engine.samples import Say

TICK = 0.1
"""Seconds between two calls of `say`."""
LOOKED_AT = 32
"""Pictures that are looked at to guess what all are like."""
AT_ONCE = 64
PIECE = 4 << 20
"""Bytes of decoded pictures in one piece, at most, unless a single one has more."""
MOST_THREADS = 8
FALLBACK = 64
"""Side that pictures of different sizes are given where none is asked for."""


@dataclass(frozen=True, slots=True)
class Form:
    """What each row is like."""

    channels: int
    height: int
    width: int
    side: int | None
    """What pictures are resized to; None where all are taken for equal."""
    known: list[str] = field(repr=False)
    """Formats of files that are read."""

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.height, self.width


class Unlike(ValueError):
    """A picture that is not as the others before it; `form` holds them all."""

    def __init__(self, form: Form) -> None:
        super().__init__("pictures are not alike")
        self.form = form


@dataclass(slots=True)
class Damage:
    """Files that give no picture."""

    numbers: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


Piece = tuple[bytearray, Damage]
Waiting = tuple[int, futures.Future[Piece]]
"""A piece that is being made, and how many files are done with it."""


def guess(files: Sequence[str], side: int | None, say: Say) -> Form:
    """The form that a few files, spread over all, ask for: grey where all of them are, and their size where that is one."""
    known = decoding.formats()
    looked_at = files[:: max(1, len(files) // LOOKED_AT)][:LOOKED_AT]
    sizes: set[tuple[int, int]] = set()
    grey = True
    for number, file in enumerate(looked_at):
        say("looking at pictures", number, len(looked_at))
        with contextlib.suppress(decoding.Damaged):
            picture = _decode(file, side, known)
            sizes.add(picture.size)
            grey = grey and picture.mode == "L"
        if not grey and (side or len(sizes) > 1):
            break
    if len(sizes) != 1:
        side = side or FALLBACK
        sizes = {(side, side)}
    width, height = sizes.pop()
    return Form(1 if grey else 3, height, width, side, known)


def rows(files: Sequence[str], form: Form, damage: Damage, say: Say) -> Generator[Tensor, None, None]:
    """Pieces uint8 [n, C, H, W] of all the files that give a picture, in order; the others are added to `damage`.

    Raises Unlike, and what `say` raises; then, and when the iterator is closed, the threads have ended.
    """
    size = max(1, min(AT_ONCE, PIECE // math.prod(form.shape)))
    starts = iter(range(0, len(files), size))
    ended: list[bool] = []
    threads = min(max(2, devices.cores()), MOST_THREADS)
    pool = futures.ThreadPoolExecutor(threads, thread_name_prefix="pictures")

    def begun(count: int) -> Iterator[Waiting]:
        for start in itertools.islice(starts, count):
            numbers = range(start, min(start + size, len(files)))
            yield numbers.stop, pool.submit(_piece, files, numbers, form, ended)

    try:
        waiting = deque(begun(2 * threads))
        for content, lost in _arriving(waiting, begun, lambda done: say("reading pictures", done, len(files))):
            damage.numbers += lost.numbers
            damage.reasons += lost.reasons
            if content:
                flat = torch.frombuffer(content, dtype=torch.uint8).view(-1, form.height, form.width, form.channels)
                yield flat.permute(0, 3, 1, 2).contiguous()
    finally:
        ended.append(True)
        pool.shutdown(cancel_futures=True)


def _arriving(waiting: deque[Waiting], begun: Callable[[int], Iterator[Waiting]], tick: Callable[[int], None]) -> Iterator[Piece]:
    """The pieces in order, a new one begun for each that is there. `tick` is told ten times a second how many files are done."""
    done, said = 0, -TICK
    while waiting:
        stop, piece = waiting.popleft()
        there = False
        while not there:
            there = bool(futures.wait([piece], TICK).done)
            if time.monotonic() - said >= TICK:
                tick(done)
                said = time.monotonic()
        yield piece.result()
        waiting.extend(begun(1))
        done = stop


def _piece(files: Sequence[str], numbers: range, form: Form, ended: list[bool]) -> Piece:
    """The pixels of these files, one after the other, and which of them give none."""
    content, damage = bytearray(), Damage()
    for number in numbers:
        if ended:
            break
        try:
            picture = _decode(files[number], form.side, form.known)
        except decoding.Damaged as error:
            damage.numbers.append(number)
            damage.reasons.append(str(error))
            continue
        if picture.size != (form.width, form.height):
            raise Unlike(replace(form, height=FALLBACK, width=FALLBACK, side=FALLBACK))
        if form.channels == 1 and picture.mode != "L":
            raise Unlike(replace(form, channels=3))
        content += (picture if len(picture.mode) == form.channels else picture.convert("RGB")).tobytes()
    return content, damage


def _decode(file: str, side: int | None, known: list[str]) -> Image.Image:
    """The picture in this file. Read whole first: what the disk refuses and what the file holds are two things."""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123  # a Path for each of a million files costs seconds
            content = opened.read()
    except (OSError, MemoryError) as error:
        raise decoding.Damaged(getattr(error, "strerror", None) or "too large") from error
    return decoding.decode(content, side, known)
