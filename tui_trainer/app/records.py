"""What the Runs tab knows of all runs: read a few at a time, filtered by words, sorted by a column. Draws nothing."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tui_trainer import units
from tui_trainer.runs import store
from tui_trainer.runs.store import Run, Summary

GOING_ON = store.ALIVE | {"new"}
"""States in which somebody may hold the record: such a one is read at each look, all others when their log grew."""
AT_ONCE = 0.03
"""Seconds of reading between two frames."""

Stamp = tuple[int, int]
"""Size and time of a log: another one means that it grew."""

_ended: dict[Path, tuple[Stamp, Summary]] = {}  # records that nobody goes on with outlive the screen that read them

SHOWN = {"running": "training", "finished": "done"}
"""Words of the screen for states of the record."""


class Records:
    """All runs there are, newest first, and the summaries read so far."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.known: dict[Path, Summary] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._unread: list[Run] = []

    def look(self) -> None:
        """List the runs again, and plan to read those that are new or grew: of any state, for anybody may resume one."""
        self.runs = store.everything()
        folders = {run.folder for run in self.runs}
        self.known = {folder: one for folder, one in self.known.items() if folder in folders}
        stamps = {run.folder: _stamp(run) for run in self.runs}
        for folder in folders - self.known.keys():
            if (found := _ended.get(folder)) is not None and found[0] == stamps[folder]:
                self._stamps[folder], self.known[folder] = found
        self._unread = [run for run in self.runs if self._may_differ(run.folder, stamps[run.folder])]

    def _may_differ(self, folder: Path, stamp: Stamp) -> bool:
        """Whether its summary was not read yet, or says less than its log does by now, or that somebody holds it."""
        return folder not in self.known or self.known[folder].status in GOING_ON or self._stamps.get(folder) != stamp

    def read(self, seconds: float = AT_ONCE) -> bool:
        """Read on for about this long; whether anything was read."""
        until = time.monotonic() + seconds
        read = False
        while self._unread and (not read or time.monotonic() < until):
            run = self._unread.pop(0)
            stamp = self._stamps[run.folder] = _stamp(run)  # first: what is written while it is read is read again
            summary = self.known[run.folder] = store.summary(run)
            if summary.status not in GOING_ON:
                _ended[run.folder] = stamp, summary
            read = True
        return read

    @property
    def behind(self) -> int:
        """How many are still to be read."""
        return len(self._unread)

    def summaries(self) -> list[Summary]:
        """Those read so far, newest first."""
        return [self.known[run.folder] for run in self.runs if run.folder in self.known]

    def forget(self, run: Run) -> None:
        """This one was deleted."""
        self.runs = [one for one in self.runs if one.folder != run.folder]
        self._unread = [one for one in self._unread if one.folder != run.folder]
        self.known.pop(run.folder, None)
        _ended.pop(run.folder, None)


def _stamp(run: Run) -> Stamp:
    try:
        found = run.events.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def state(summary: Summary) -> str:
    """The word of the screen for its state."""
    return SHOWN.get(summary.status, summary.status)


def process(summary: Summary) -> str:
    """The process that trains it now: `4711`, or `4711 on box` where that is another machine; empty where none does."""
    if not summary.alive or not summary.pid:
        return ""
    return str(summary.pid) if summary.host in {"", _here()} else f"{summary.pid} on {units.plain(summary.host)}"


@cache
def _here() -> str:
    return socket.gethostname()


def epochs(summary: Summary) -> str:
    """6/10, or 6 where the budget is not in epochs."""
    unit, planned = summary.config.budget
    return f"{summary.epochs}/{planned:g}" if unit == "epochs" else str(summary.epochs)


@dataclass(frozen=True, slots=True)
class Order:
    """A column that runs can be sorted by."""

    name: str
    key: Callable[[Summary], str | float | None]
    falling: bool = True
    """Whether most comes first when it is chosen."""


ORDERS: tuple[Order, ...] = (
    Order("age", lambda one: one.time),
    Order("best val", lambda one: one.best_r2 if one.best_accuracy is None else one.best_accuracy),
    Order("loss", lambda one: one.best_loss, falling=False),
    Order("time", lambda one: one.seconds),
    Order("parameters", lambda one: one.parameters),
    Order("rate", lambda one: one.config.lr),
    Order("preset", lambda one: one.config.preset, falling=False),
    Order("dataset", lambda one: one.config.dataset, falling=False),
    Order("state", state, falling=False),
)


def ordered(summaries: Iterable[Summary], order: Order, *, falling: bool) -> list[Summary]:
    """Sorted by a column; what has no value there comes last either way."""
    keyed = [(order.key(one), one) for one in summaries]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=falling)  # type: ignore[arg-type, return-value]  # a column is of one type
    return [one for _, one in known] + [one for value, one in keyed if value is None]


FIGURES: dict[str, Callable[[Summary], float | None]] = {
    "val": lambda one: None if one.best_accuracy is None else 100 * one.best_accuracy,
    "loss": lambda one: one.best_loss,
    "mae": lambda one: one.best_mae,
    "rate": lambda one: one.config.lr,
    "batch": lambda one: one.config.batch_size,
    "epoch": lambda one: one.epochs,
    "time": lambda one: one.seconds,
    "parameters": lambda one: one.parameters,
}
"""What a filter can compare: `val>70 rate<1e-2`."""

_COMPARISON = re.compile(r"([a-z]+)([<>])([0-9.e+-]+)")


def wanted(summary: Summary, words: Iterable[str]) -> bool:
    """Whether a run has all these words, in lower case, and meets all these comparisons."""
    return all(_meets(summary, word) for word in words)


def _meets(summary: Summary, word: str) -> bool:
    if (match := _COMPARISON.fullmatch(word)) and match[1] in FIGURES:
        try:
            limit = float(match[3])
        except ValueError:
            return True  # still being typed
        value = FIGURES[match[1]](summary)
        return value is not None and (value > limit if match[2] == ">" else value < limit)
    config = summary.config
    if len(word) > 1 and summary.run.id.startswith(word):  # not its middle: some letters are in every fourth id
        return True
    made = " ".join(map(str, config.data.values()))
    return (
        word
        in f"{config.preset} {config.dataset} {made} {config.optimizer} {summary.status} {state(summary)} {summary.host}".lower()
    )


def dataset(summary: Summary) -> str:
    """The dataset of a run where room is short: of a folder, its own name tells it from others."""
    name = units.plain(summary.config.dataset)
    return f"…/{name.rstrip('/').rpartition('/')[2]}" if name.startswith("folder:") and "/" in name else name


def leaders(summaries: Iterable[Summary]) -> frozenset[Path]:
    """The folder of the best run on each dataset; moons are another one than spirals."""
    groups: dict[object, list[Summary]] = {}
    for one in summaries:
        groups.setdefault((one.config.dataset, *sorted(one.config.data.items())), []).append(one)
    return frozenset(best.run.folder for group in groups.values() if (best := best_of(group)) is not None)


def best_of(summaries: Iterable[Summary]) -> Summary | None:
    """The best of runs on one dataset, the first of equals; None where none has a figure."""
    known = [(value, one) for one in summaries if (value := _goodness(one)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _goodness(one: Summary) -> float | None:
    """What is compared on one dataset, more is better: accuracy, or of regression how small the mean error is."""
    if one.best_accuracy is not None or one.best_mae is None:
        return one.best_accuracy
    return -one.best_mae
