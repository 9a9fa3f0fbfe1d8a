"""A series laid on the dots of a chart: its extremes column by column, and its smoothed line. Draws nothing.

Whole buckets never change, so each is placed once; a frame costs what came since the last one, whatever the run's length.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_trainer.runs.series import Bucket, Series

Vertex = tuple[int, float]
"""A column of dots and the value of the line there."""
BLOCK = 16
"""Buckets that are summed once and for all."""


class Curve:
    """One series on `columns` columns of dots."""

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        """Extremes by column; inf and -inf in columns without a value."""
        self.line: list[Vertex] = []
        self._key: tuple[object, ...] = ()
        self._count: tuple[int, float | None] = (-1, None)
        self._done: list[Bucket] = []
        self._blocks: list[tuple[float, int]] = []
        """Sum and count of each `BLOCK` of whole buckets."""
        self._undo: list[tuple[int, float, float]] = []
        self._left = 0
        """The first column that the next bucket may fill."""
        self._closed = 0
        """Vertices of the line that stand for whole buckets."""

    @property
    def value(self) -> float | None:
        """The smoothed value at its newest step: what the line ends on."""
        return self.line[-1][1] if self.line else None

    def follow(self, series: Series, columns: int, dot: Callable[[int], int], window: int, key: object) -> None:
        """Take in what the series has more than last time. `key` says when `dot` places steps anew."""
        mark = (id(series), series.stride, columns, window, key)
        count = series.count, series.last
        if mark == self._key and count == self._count:
            return
        whole = self._done
        fresh = series.buckets(whole[-1].start - 1) if whole and mark == self._key else []
        if not fresh or fresh[0] != whole[-1]:
            self._forget(columns)
            fresh = series.buckets()
        else:
            del fresh[0]
        self._key, self._count = mark, count
        self._retract()
        for bucket in fresh[:-1]:
            self._place(bucket, dot, window)
        if fresh:
            self._place(fresh[-1], dot, window, whole=False)

    def _forget(self, columns: int) -> None:
        self.low, self.high = [math.inf] * columns, [-math.inf] * columns
        self.line, self._done, self._blocks, self._undo, self._left, self._closed = [], [], [], [], 0, 0

    def _retract(self) -> None:
        """Take back the bucket that was not full last time."""
        for column, low, high in self._undo:
            self.low[column], self.high[column] = low, high
        self._undo = []
        del self.line[self._closed :]

    def _place(self, bucket: Bucket, dot: Callable[[int], int], window: int, *, whole: bool = True) -> None:
        """A bucket fills the columns since the one before, so that few steps on much room leave no holes.

        One that still fills is placed so that it can be taken back.
        """
        end = dot(bucket.end)
        hole = self._done and bucket.start > self._done[-1].end + 1  # steps without a finite value
        last = min(end + 1, len(self.low))
        columns = range(max(min(dot(bucket.start) if hole else self._left, last - 1), 0), last)
        if not whole:
            self._undo = [(column, self.low[column], self.high[column]) for column in columns]
        for column in columns:
            self.low[column] = min(self.low[column], bucket.low)
            self.high[column] = max(self.high[column], bucket.high)
        self._done.append(bucket)
        value = self._trailing_mean(window)
        if whole and self.line and self.line[-1][0] == end:
            self.line.pop()
        if math.isfinite(value):
            self.line.append((end, value))
        if whole:
            self._left, self._closed = end + 1, len(self.line)
            if len(self._done) % BLOCK == 0:
                self._blocks.append(_sum(self._done[-BLOCK:]))
        else:
            self._done.pop()

    def _trailing_mean(self, window: int) -> float:
        """The mean over the last `window` steps, never over more than the later half of the run so far.

        Summed afresh each time, by blocks: in a running sum one spike of 1e30 would swallow everything after it.
        """
        done, bucket = self._done, self._done[-1]
        start = bucket.end - min(window, (bucket.end - done[0].start + 1) // 2)
        if start >= bucket.start - 1:
            return bucket.mean
        first = bisect_right(done, start, key=_end)
        block, blocks = -(-first // BLOCK), len(self._blocks)
        loose = done[first:] if block >= blocks else done[first : block * BLOCK] + done[blocks * BLOCK :]
        parts = [_sum(loose), *self._blocks[block:blocks]]
        return sum([total for total, _ in parts]) / sum([count for _, count in parts])


def _sum(buckets: list[Bucket]) -> tuple[float, int]:
    return sum([one.mean * one.count for one in buckets]), sum([one.count for one in buckets])


def _end(bucket: Bucket) -> int:
    return bucket.end
