"""What can be told of a run in a list, a column each: its text, what it is sorted by, and what a filter compares. Draws nothing."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tui_trainer import units
from tui_trainer.runs import remarks
from tui_trainer.runs.summaries import Summary
from tui_trainer.settings import nearest

Value = str | float | None
Kind = Literal["text", "number", "measured", "share", "duration"]
"""`measured` figures equal what is typed when they would be shown so; a `share` is asked for in percent."""

SHOWN = {"running": "training", "finished": "done"}
"""Words of the screen for states of the record."""


class ColumnError(ValueError):
    """A column that there is not: one sentence, with the nearest there is."""


@dataclass(frozen=True, slots=True)
class Column:
    """A figure or word that every run may have."""

    name: str
    heading: str
    words: tuple[str, ...]
    """What else it is called in filters."""
    key: Callable[[Summary], Value]
    """What it is sorted by; None comes last either way."""
    text: Callable[[Summary], str]
    """One line, without escape codes; `·` or nothing where nothing is known."""
    falling: bool = False
    """Whether most comes first when the column is chosen."""
    right: bool = False
    """Whether it is flush right."""
    kind: Kind = "text"
    asked: Callable[[Summary], Value] | None = None
    """What a filter compares, where that is not the key."""

    def value(self, one: Summary) -> Value:
        """What a filter compares."""
        return (self.asked or self.key)(one)


def state(one: Summary) -> str:
    """The word of the screen for its state."""
    return SHOWN.get(one.status, one.status)


def process(one: Summary) -> str:
    """The process that trains it now: `4711`, or `4711 on box` where that is another machine; empty where none does."""
    if not one.alive or not one.pid:
        return ""
    return str(one.pid) if one.host in {"", _here()} else f"{one.pid} on {units.plain(one.host)}"


@cache
def _here() -> str:
    return socket.gethostname()


def epochs(one: Summary) -> str:
    """6/10, or 6 where the budget is not in epochs."""
    unit, planned = one.config.budget
    return f"{one.epochs}/{planned:g}" if unit == "epochs" else str(one.epochs)


def dataset(one: Summary) -> str:
    """The dataset of a run where room is short: of a folder, its own name tells it from others."""
    name = units.plain(one.config.dataset)
    return f"…/{name.rstrip('/').rpartition('/')[2]}" if name.startswith("folder:") and "/" in name else name


def settings(one: Summary) -> str:
    """`width 64, kind moons`: what preset and dataset bring themselves."""
    own = one.config.knobs | one.config.data
    return units.plain(", ".join(f"{name} {typed(value)}" for name, value in own.items()))


def typed(value: object) -> str:
    """A setting as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def best(one: Summary) -> str:
    return remarks.score(one.best_accuracy, one.best_mae)


def _count(amount: float) -> str:
    return units.count(round(amount)) if amount else units.UNKNOWN


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


COLUMNS: tuple[Column, ...] = (
    Column("status", "state", ("state",), state, state, asked=lambda one: f"{one.status} {state(one)}"),
    Column("run", "run", ("id",), lambda one: one.run.id, lambda one: units.plain(one.run.id)),
    Column("name", "name", ("label", "called"), lambda one: one.name.casefold() or None, lambda one: units.plain(one.name)),
    Column("preset", "preset", ("net", "model"), lambda one: one.config.preset, lambda one: units.plain(one.config.preset)),
    Column("dataset", "dataset", ("ds",), lambda one: one.config.dataset, dataset),
    Column("optimizer", "optimizer", ("opt", "optim"), lambda one: one.config.optimizer, lambda one: one.config.optimizer),
    Column("rate", "rate", ("lr",), lambda one: one.config.lr, lambda one: units.lr(one.config.lr), True, True, "number"),
    Column(
        "batch",
        "batch",
        ("batch_size", "bs"),
        lambda one: one.config.batch_size,
        lambda one: str(one.config.batch_size),
        True,
        True,
        "number",
    ),
    Column("seed", "seed", (), lambda one: one.config.seed, lambda one: str(one.config.seed), False, True, "number"),
    Column("settings", "settings", ("knobs", "set"), lambda one: settings(one) or None, settings),
    Column(
        "best",
        "best val",
        ("val", "acc", "accuracy", "best_val"),
        lambda one: one.best_r2 if one.best_accuracy is None else one.best_accuracy,
        best,
        True,
        True,
        "share",
        lambda one: _percent(one.best_accuracy),
    ),
    Column(
        "last",
        "last val",
        ("last_val",),
        lambda one: one.last_r2 if one.last_accuracy is None else one.last_accuracy,
        lambda one: remarks.score(one.last_accuracy, one.last_mae),
        True,
        True,
        "share",
        lambda one: _percent(one.last_accuracy),
    ),
    Column(
        "test",
        "test",
        (),
        lambda one: one.test_r2 if one.test_accuracy is None else one.test_accuracy,
        lambda one: remarks.score(one.test_accuracy, one.test_mae),
        True,
        True,
        "share",
        lambda one: _percent(one.test_accuracy),
    ),
    Column(
        "loss", "loss", ("best_loss",), lambda one: one.best_loss, lambda one: units.loss(one.best_loss), False, True, "measured"
    ),
    Column("mae", "MAE", (), lambda one: one.best_mae, lambda one: units.loss(one.best_mae), False, True, "measured"),
    Column("epochs", "epoch", ("epoch",), lambda one: one.epochs, epochs, True, True, "number"),
    Column("steps", "steps", ("step",), lambda one: one.steps, lambda one: _count(one.steps), True, True, "number"),
    Column(
        "time",
        "time",
        ("seconds", "took", "duration"),
        lambda one: one.seconds,
        lambda one: units.clock(one.seconds) if one.seconds else units.UNKNOWN,
        True,
        True,
        "duration",
    ),
    Column(
        "speed",
        "samples/s",
        ("samples/s", "img/s"),
        lambda one: one.speed,
        lambda one: units.speed(one.speed),
        True,
        True,
        "measured",
    ),
    Column(
        "parameters",
        "parameters",
        ("params", "size"),
        lambda one: one.parameters or None,
        lambda one: _count(one.parameters),
        True,
        True,
        "number",
    ),
    Column(
        "age",
        "age",
        ("made",),
        lambda one: one.time,
        lambda one: units.age(max(time.time() - one.time, 0)),
        True,
        True,
        "duration",
        lambda one: max(time.time() - one.time, 0),
    ),
    Column("note", "note", ("notes",), lambda one: one.note.casefold() or None, lambda one: units.plain(one.note)),
    Column("process", "process", ("pid",), lambda one: process(one) or None, process),
    Column("machine", "machine", ("host",), lambda one: one.host or None, lambda one: units.plain(one.host)),
)
"""Every one there is; the first ones tell most."""

BY_WORD = {word: one for one in COLUMNS for word in (one.name, one.heading.lower(), *one.words)}
"""By all that they are called, in small letters."""


def find(word: str) -> Column:
    """The column of this name. Raises ColumnError."""
    if found := BY_WORD.get(word.strip().lower().replace("-", "_")):
        return found
    raise ColumnError(f"there is no column {word!r}; {nearest(word, BY_WORD)}they are {', '.join(one.name for one in COLUMNS)}")


def ordered(found: Iterable[Summary], column: Column, *, falling: bool | None = None) -> list[Summary]:
    """Sorted by a column, its own way where nothing is said; what has no value there comes last either way."""
    keyed = [(column.key(one), one) for one in found]
    keyed = [(None if isinstance(value, float) and math.isnan(value) else value, one) for value, one in keyed]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=column.falling if falling is None else falling)  # type: ignore[arg-type, return-value]  # a column is of one type
    return [one for _, one in known] + [one for value, one in keyed if value is None]


def knobs(found: Iterable[Summary]) -> frozenset[str]:
    """What presets and datasets of these runs bring themselves, by name: filters may compare it."""
    return frozenset(name for one in found for name in (*one.config.knobs, *one.config.data))
