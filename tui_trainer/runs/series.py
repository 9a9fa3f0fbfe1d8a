"""One curve in bounded memory that never loses a spike. Knows numbers only."""

from __future__ import annotations

import math
import operator
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeVar

Number = TypeVar("Number", int, float)


class Bucket(NamedTuple):
    """The finite values of the steps from `start` to `end`, both included."""

    start: int
    end: int
    low: float
    high: float
    mean: float
    count: int  # type: ignore[assignment]  # hides the count of tuples, which a bucket has no use for


class Best(NamedTuple):
    min: float
    at: int


class Held(NamedTuple):
    """A series as it was when `step` was the last one given, but for the buckets before the one that holds it: these do not
    change any more, until neighbours are joined."""

    step: int
    end: int
    """The newest step that was known; less than `step` where steps were left out."""
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    """Of the bucket that holds `end`."""
    low: float
    high: float
    sum: float
    size: int
    count: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    last: float | None
    best: Best | None
    recent: tuple[float, ...]
    nonfinite: int
    """How many were known."""


MOST_HELD = 4


class Series:
    """Values by step, in at most `cap` buckets of `stride` steps; when they are full, neighbours are joined.

    Steps count up from the first one given; steps left out are gaps, steps given again are ignored. What is not finite
    is counted, its step is kept in `nonfinite` (the first 64), and it never enters a bucket.
    """

    def __init__(self, cap: int = 1024) -> None:
        self.cap = cap - cap % 2
        self.stride = 1
        self.count = 0
        """Values given, finite or not."""
        self.last: float | None = None
        self.best: Best | None = None
        self.recent: deque[float] = deque(maxlen=100)
        self.nonfinite: list[int] = []
        self._first = 0
        self._end = 0
        self._low: list[float] = []
        self._high: list[float] = []
        self._sum: list[float] = []
        self._size: list[int] = []
        self._held: list[Held] = []

    def __len__(self) -> int:
        return self.count

    def add(self, x: int, value: float) -> None:
        self.extend(x, (value,))

    def extend(self, first_x: int, values: Sequence[float]) -> None:
        """Add the values of the steps `first_x`, `first_x + 1`, …"""
        if self.count and first_x <= self._end:
            values, first_x = values[self._end + 1 - first_x :], self._end + 1
        if not values:
            return
        if not self.count:
            self._first = first_x
        self.count += len(values)
        self.last = values[-1]
        self.recent.extend(values)
        if math.isfinite(sum(values)):
            self._take(first_x, values)
        else:
            self._pick(first_x, values)

    def mean_at(self, step: int) -> float | None:
        """Mean of the bucket that holds this step, or of the next one; None past the end."""
        return next((bucket.mean for bucket in self.buckets(after=step - 1)), None)

    def buckets(self, after: int = 0) -> list[Bucket]:
        """Those that end after this step, oldest first; the last one may not be full yet."""
        skip = max((after + 1 - self._first) // self.stride, 0)
        starts = range(self._first + skip * self.stride, self._first + len(self._low) * self.stride, self.stride)
        rows = zip(starts, self._low[skip:], self._high[skip:], self._sum[skip:], self._size[skip:], strict=True)
        wide, end = self.stride - 1, self._end
        return [
            Bucket(start, min(start + wide, end), low, high, total / size, size) for start, low, high, total, size in rows if size
        ]

    def mark(self, step: int, keep: Collection[int] = ()) -> None:
        """Remember how it is now, after this step, so that `truncate` can give it back. The newest few are remembered, and
        those of the steps to keep. A step that is past already changes nothing."""
        self._held = [one for at, one in enumerate(self._held) if at > len(self._held) - MOST_HELD or one.step in keep]
        if step < self._end or not self.count:
            return
        self._held = [one for one in self._held if one.step != step]
        index = (self._end - self._first) // self.stride
        low, high, total, size = math.inf, -math.inf, 0.0, 0
        if index < len(self._low):
            low, high, total, size = self._low[index], self._high[index], self._sum[index], self._size[index]
        recent, nonfinite = tuple(self.recent), len(self.nonfinite)
        kept = (self.count, self.last, self.best, recent, nonfinite)
        self._held.append(Held(step, self._end, index, low, high, total, size, *kept))

    def truncate(self, after_step: int) -> None:
        """Forget what came after this step: exactly where it was marked. Elsewhere a bucket that reaches over it goes whole,
        because its bounds could lie."""
        self._held = [one for one in self._held if one.step <= after_step]
        if after_step >= self._end:
            return
        held = next((one for one in self._held if one.step == after_step), None)
        kept = held.index if held else max((after_step + 1 - self._first) // self.stride, 0)
        for column in (self._low, self._high, self._sum, self._size):
            del column[kept:]
        if held:
            self._restore(held)
            return
        self.nonfinite = [step for step in self.nonfinite if step <= after_step]
        self.count = sum(self._size) + len(self.nonfinite)
        self._end = after_step
        self.recent.clear()
        left = self.buckets()
        self.last = left[-1].mean if left else None
        if self.best and self.best.at > after_step:
            lowest = min(left, key=lambda bucket: bucket.low, default=None)
            self.best = Best(lowest.low, lowest.start) if lowest else None

    def _restore(self, held: Held) -> None:
        if held.size:
            self._open(held.index - 1)
            for column, value in ((self._low, held.low), (self._high, held.high), (self._sum, held.sum)):
                column.append(value)
            self._size.append(held.size)
        del self.nonfinite[held.nonfinite :]
        self.count, self.last, self.best, self._end = held.count, held.last, held.best, held.end
        self.recent.clear()
        self.recent.extend(held.recent)

    def _pick(self, first_x: int, values: Sequence[float]) -> None:
        """The finite ones among values that are not all finite, one by one."""
        for x, value in enumerate(values, first_x):
            if math.isfinite(value):
                self._take(x, (value,))
            else:
                self._end = x
                if len(self.nonfinite) < 64:
                    self.nonfinite.append(x)

    def _take(self, first_x: int, values: Sequence[float]) -> None:
        self._end = first_x + len(values) - 1
        low = min(values)
        if self.best is None or low < self.best.min:
            self.best = Best(low, first_x + values.index(low))
        while (self._end - self._first) // self.stride >= self.cap:
            self._join()
        index, inside = divmod(first_x - self._first, self.stride)
        self._open(index if inside else index - 1)
        head = self.stride - inside if inside else 0
        if head:
            self._merge(index, values[:head])
        self._append(values[head:])

    def _open(self, index: int) -> None:
        """Empty buckets up to and with this one: steps that were left out."""
        missing = index + 1 - len(self._low)
        if missing > 0:
            self._low += [math.inf] * missing
            self._high += [-math.inf] * missing
            self._sum += [0.0] * missing
            self._size += [0] * missing

    def _merge(self, index: int, values: Sequence[float]) -> None:
        self._low[index] = min(self._low[index], *values)
        self._high[index] = max(self._high[index], *values)
        self._sum[index] += sum(values)
        self._size[index] += len(values)

    def _append(self, values: Sequence[float]) -> None:
        """Values that begin with a new bucket; whole buckets at once, because this runs three thousand times a second."""
        stride = self.stride
        whole = len(values) // stride
        if stride == 1:
            self._low += values
            self._high += values
            self._sum += values
        elif whole:
            chunks = list(zip(*[iter(values)] * stride, strict=False))
            self._low += map(min, chunks)
            self._high += map(max, chunks)
            self._sum += map(sum, chunks)
        self._size += [stride] * whole
        if rest := values[whole * stride :]:
            self._open(len(self._low))
            self._merge(len(self._low) - 1, rest)

    def _join(self) -> None:
        """Neighbours become one, and a bucket twice as wide."""
        self._held = [self._joined(one) for one in self._held]
        self._low = _pairs(min, self._low)
        self._high = _pairs(max, self._high)
        self._sum = _pairs(operator.add, self._sum)
        self._size = _pairs(operator.add, self._size)
        self.stride *= 2

    def _joined(self, held: Held) -> Held:
        """What was marked, with the neighbour to the left where that becomes one with it."""
        left = held.index - 1
        if held.index % 2 == 0 or left >= len(self._low):
            return held._replace(index=held.index // 2)
        return held._replace(
            index=left // 2,
            low=min(self._low[left], held.low),
            high=max(self._high[left], held.high),
            sum=self._sum[left] + held.sum,
            size=self._size[left] + held.size,
        )


def _pairs(join: Callable[[Number, Number], Number], values: list[Number]) -> list[Number]:
    joined = list(map(join, values[::2], values[1::2]))
    return joined + values[-1:] if len(values) % 2 else joined
