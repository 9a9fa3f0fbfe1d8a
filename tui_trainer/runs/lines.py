"""One event or command as one line of strict JSON, and back. Knows no file.

Two things are written shorter than they are, because there are so many of them. A `Stepped` that goes on where the
one before it ended is an array, `[milliseconds since then, correct, loss, loss, …]`: what it leaves out follows from
the last whole one and from `RunStarted`. A confusion matrix with few mistakes is flat: `[classes, the diagonal …, then
for each mistake how many empty cells to skip and its count …]`, over the cells off the diagonal, row by row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from itertools import chain
from typing import Any, Generic, TypeVar

from tui_trainer.commands import Command
from tui_trainer.events import EVENTS, Event, LearningRateChanged, RunStarted, Stepped
from tui_trainer.schedules import SCHEDULES, factor

Kind = TypeVar("Kind", covariant=True)
Json = Any
"""What `json.loads` gives: anything, checked field by field below."""

WHOLE_EVERY = 128
"""Steps after which a `Stepped` is written whole again, so that who reads only the end of a log finds one soon."""

_DECIMALS = {"seconds": 3, "took": 3, "epoch_took": 3, "time": 3}


def encode(event: Event | Command) -> str:
    """The event or command as one line, without the newline. Fields that hold their default are left out."""
    parts = [f'"type":"{type(event).__name__}"']
    for one in fields(event):
        value = getattr(event, one.name)
        if one.default is MISSING or value != one.default:
            parts.append(f'"{one.name}":{_text(one.name, value)}')
    return "{" + ",".join(parts) + "}"


def number(value: float, digits: int) -> str:
    """The shortest JSON for a value rounded to so many significant digits; what is not finite is a string."""
    if not math.isfinite(value):
        return f'"{value}"'
    text = f"{value:.{digits}g}"
    if len(text) <= digits + 2:
        return text
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    whole, _, rest = mantissa.rstrip("0").partition(".")
    return min(text, f"{whole}{rest}e{int(power) - len(rest)}", key=len)


def _text(name: str, value: object) -> str:
    if name == "losses" and isinstance(value, tuple):
        return "[" + ",".join([number(loss, 5) for loss in value]) + "]"
    if name == "confusion" and isinstance(value, tuple):
        return _packed(value)
    if isinstance(value, float):
        if name in _DECIMALS and math.isfinite(value):
            return repr(round(value, _DECIMALS[name]))
        return number(value, 5 if "loss" in name else 6)
    if name == "facts" and isinstance(value, dict):
        rows = (f"{json.dumps(key)}:[{','.join(number(one, 6) for one in row)}]" for key, row in value.items())
        return "{" + ",".join(rows) + "}"
    return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False)


def _finite(value: object) -> object:
    """The value with every float that JSON has no word for as a string."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value


def _packed(matrix: Sequence[Sequence[int]]) -> str:
    size = len(matrix)
    flat = [size, *(row[index] for index, row in enumerate(matrix))]
    before = -1
    for place, count in enumerate(chain.from_iterable((*row[:index], *row[index + 1 :]) for index, row in enumerate(matrix))):
        if count:
            flat += (place - before - 1, count)
            before = place
    packed = json.dumps(flat, separators=(",", ":"))
    if len(packed) < 2 * size * size:  # a cell takes two characters at least: of many classes the whole is not even written
        return packed
    return min(packed, json.dumps(matrix, separators=(",", ":")), key=len)


def _unpacked(raw: Json) -> tuple[tuple[int, ...], ...]:
    if not raw or isinstance(raw[0], list):
        return tuple(_integers(row) for row in raw)
    size, *rest = _integers(raw)
    if not 1 <= size <= 4096 or len(rest) < size:
        raise ValueError("not a matrix")
    rows = [[0] * size for _ in range(size)]
    for index, count in enumerate(rest[:size]):
        rows[index][index] = count
    at = -1
    for skip, count in zip(rest[size::2], rest[size + 1 :: 2], strict=True):
        at += skip + 1
        row, column = divmod(at, size - 1)
        rows[row][column + (column >= row)] = count
    return tuple(map(tuple, rows))


def _integer(raw: Json) -> int:
    if type(raw) is not int:
        raise TypeError("not a whole number")
    return raw


def _real(raw: Json) -> float:
    if type(raw) is not float and type(raw) is not int and raw not in {"nan", "inf", "-inf"}:
        raise TypeError("not a number")
    return float(raw)


def _reals(raw: Json) -> tuple[float, ...]:
    if set(map(type, _listed(raw))) <= {float}:  # most lists there are
        return tuple(raw)
    return tuple(map(_real, raw))


def _word(raw: Json) -> str:
    if not isinstance(raw, str):
        raise TypeError("not text")
    return raw


def _flag(raw: Json) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("not true or false")
    return raw


def _mapping(raw: Json) -> dict[str, Json]:
    if not isinstance(raw, dict):
        raise TypeError("not an object")
    return raw


def _integers(raw: Json) -> tuple[int, ...]:
    return tuple(map(_integer, _listed(raw)))


def _listed(raw: Json) -> list[Json]:
    if not isinstance(raw, list):
        raise TypeError("not a list")
    return raw


_READERS: dict[str, Callable[[Json], Json]] = {
    "int": _integer,
    "float": _real,
    "str": _word,
    "bool": _flag,
    "float | None": lambda raw: None if raw is None else _real(raw),
    "dict[str, object]": _mapping,
    "tuple[int, ...]": _integers,
    "tuple[float, ...]": _reals,
    "tuple[str, ...]": lambda raw: tuple(map(_word, _listed(raw))),
    "tuple[Layer, ...]": lambda raw: tuple(map(tuple, _listed(raw))),
    "tuple[tuple[int, ...], ...]": lambda raw: _unpacked(_listed(raw)),
    "dict[str, tuple[float, ...]]": lambda raw: {key: _reals(row) for key, row in _mapping(raw).items()},
}
"""How each type that `events` and `commands` use is read; keyed by the annotation as it is written there."""


class Pace:
    """What a short line leaves out, kept alike by who writes and who reads."""

    def __init__(self) -> None:
        self._started: RunStarted | None = None
        self._whole: Stepped | None = None
        self._last: Stepped | None = None

    def note(self, event: object) -> None:
        if isinstance(event, RunStarted):
            self._started = event
        elif isinstance(event, Stepped):
            self._whole = self._last = event
        elif isinstance(event, LearningRateChanged):
            self._whole = None  # what follows from the rate before holds no more, however small the change

    def forget(self) -> None:
        """A line was lost: what follows cannot be told until a whole one comes."""
        self._whole = self._last = None

    def shorten(self, event: Stepped) -> str | None:
        """The short line for this event, where expanding it gives the event back."""
        if not self._last or not self._whole or not event.losses or event.step - self._whole.step >= WHOLE_EVERY:
            return None
        gap = max(round(1000 * (event.seconds - self._last.seconds)), 0)
        time = number(gap, 2) if gap >= 10_000 else str(gap)
        got = self._expand([float(time), event.correct, *event.losses])
        same = got and (got.step, got.epoch, got.seen) == (event.step, event.epoch, event.seen)
        if not got or not same or abs(got.lr - event.lr) > 0.01 * abs(event.lr):
            return None
        self._last = got
        return f"[{time},{event.correct},{','.join([number(loss, 5) for loss in event.losses])}]"

    def follow(self, row: list[Json]) -> Stepped | None:
        """The event that a short line stands for; None where the one it goes on from is not known."""
        self._last = self._expand(row)
        return self._last

    def _expand(self, row: list[Json]) -> Stepped | None:
        if not self._last or not self._whole:
            return None
        losses = _reals(row[2:])
        step = self._last.step + len(losses)
        seconds = round(self._last.seconds + _real(row[0]) / 1000, 3)
        return Stepped(
            step=step,
            epoch=self._epoch(step),
            losses=losses,
            correct=_integer(row[1]),
            seen=self._seen(step, len(losses)),
            lr=self._whole.lr * self._ratio(step, seconds),
            seconds=seconds,
        )

    def _epoch(self, step: int) -> int:
        assert self._last
        per_epoch = self._started.steps_per_epoch if self._started else 0
        return (step - 1) // per_epoch + 1 if per_epoch > 0 else self._last.epoch

    def _seen(self, step: int, steps: int) -> int:
        """Samples in the last `steps` batches up to `step`; the last batch of an epoch may be smaller, or one sample left out."""
        assert self._last
        size = self._started.config.get("batch_size") if self._started else None
        if not self._started or not isinstance(size, int) or self._started.steps_per_epoch <= 0:
            return self._last.seen // max(len(self._last.losses), 1) * steps
        per_epoch = self._started.steps_per_epoch
        short = per_epoch * size - self._started.train_size if step % per_epoch == 0 else 0
        return steps * size - max(short, 0)

    def _ratio(self, step: int, seconds: float) -> float:
        """How far the schedule moved the rate since the last whole line, by steps or by the clock as the budget is."""
        config = self._started.config if self._started else {}
        schedule, budget = str(config.get("schedule")), config.get("seconds")
        if not self._started or not self._whole or schedule not in SCHEDULES:
            return 1.0
        if self._started.steps > 0:
            then, now, budget = self._whole.step - 1.0, step - 1.0, self._started.steps
        elif isinstance(budget, (int, float)) and budget > 0:
            then, now = self._whole.seconds, seconds
        else:
            return 1.0
        before = factor(schedule, then / budget)
        return factor(schedule, now / budget) / before if before else 1.0


class Decoder(Generic[Kind]):
    """Lines of one log, from its first on, as events; what is unknown or broken is None."""

    def __init__(self, kinds: Mapping[str, type[Kind]] | None = None) -> None:
        self._kinds: Mapping[str, type[Any]] = EVENTS if kinds is None else kinds
        self._pace = Pace()

    def __call__(self, line: bytes | str) -> Kind | None:
        try:
            raw = json.loads(line)
            if isinstance(raw, list):
                return self._pace.follow(raw) if "Stepped" in self._kinds else None  # type: ignore[return-value]  # Stepped is in
            event = _decoded(raw, self._kinds)
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
            self._pace.forget()
            return None
        self._pace.note(event)
        found: Kind | None = event
        return found


def _decoded(raw: Json, kinds: Mapping[str, type[Any]]) -> Any:
    """The event in an object, None for a type this version does not know; raises where a field is not what it must be."""
    kind = kinds.get(raw["type"])
    if kind is None:
        return None
    return kind(**{name: read(raw[name]) for name, read in _plan(kind) if name in raw})


def _plan(kind: type[Any]) -> list[tuple[str, Callable[[Json], Json]]]:
    if kind not in _plans:
        _plans[kind] = [(one.name, _READERS[str(one.type)]) for one in fields(kind)]
    return _plans[kind]


_plans: dict[type[Any], list[tuple[str, Callable[[Json], Json]]]] = {}
