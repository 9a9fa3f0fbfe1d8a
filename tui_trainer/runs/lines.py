"""One event or command as one line of strict JSON, and back. Knows no file.

Two things are written shorter than they are, because there are so many of them: a `Stepped` that goes on where the one
before it ended, see `pace`; and a confusion matrix with few mistakes, which is flat: `[classes, the diagonal …, then for
each mistake how many empty cells to skip and its count …]`, over the cells off the diagonal, row by row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, fields
from itertools import chain, groupby
from typing import Any, Generic, TypeVar

from tui_trainer.commands import Command
from tui_trainer.events import EVENTS, Event
from tui_trainer.runs.numbers import Json, exact, integer, integers, listed, real, reals, short
from tui_trainer.runs.pace import Pace
from tui_trainer.runs.reports import Reports, joined

Kind = TypeVar("Kind", covariant=True)

_DECIMALS = {"seconds": 3, "took": 3, "epoch_took": 3, "time": 3}
_EXACT = frozenset({"LearningRateChanged.old", "LearningRateChanged.new", "SettingChanged.old", "SettingChanged.new"}) | {
    f"{name}.{field}" for name, field in (("SetLearningRate", "lr"), ("ScaleLearningRate", "factor"), ("Set", "value"))
}
"""What a person changed can be repeated, to the bit: it is written with every digit."""
_BROKEN = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)


def encode(event: Event | Command) -> str:
    """The event or command as one line, without the newline. Fields that hold their default are left out."""
    kind = type(event).__name__
    parts = [f'"type":"{kind}"']
    for one in fields(event):
        value = getattr(event, one.name)
        if one.default is MISSING or value != one.default:
            whole = isinstance(value, float) and f"{kind}.{one.name}" in _EXACT
            parts.append(f'"{one.name}":{exact(value) if whole else _text(one.name, value)}')
    return "{" + ",".join(parts) + "}"


def _text(name: str, value: object) -> str:
    if name == "losses" and isinstance(value, tuple):
        return "[" + ",".join([short(loss, 5) for loss in value]) + "]"
    if name == "confusion" and isinstance(value, tuple):
        return _packed(value)
    if isinstance(value, float):
        if name in _DECIMALS and math.isfinite(value):
            return repr(round(value, _DECIMALS[name]))
        return short(value, 5 if "loss" in name else 6)
    if name == "facts" and isinstance(value, dict):
        rows = (f"{json.dumps(key)}:[{','.join(short(one, 6) for one in row)}]" for key, row in value.items())
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
        return tuple(integers(row) for row in raw)
    size, *rest = integers(raw)
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


_READERS: dict[str, Callable[[Json], Json]] = {
    "int": integer,
    "float": real,
    "str": _word,
    "bool": _flag,
    "float | None": lambda raw: None if raw is None else real(raw),
    "dict[str, object]": _mapping,
    "tuple[int, ...]": integers,
    "tuple[float, ...]": reals,
    "tuple[str, ...]": lambda raw: tuple(map(_word, listed(raw))),
    "tuple[Layer, ...]": lambda raw: tuple(map(tuple, listed(raw))),
    "tuple[tuple[int, ...], ...]": lambda raw: _unpacked(listed(raw)),
    "dict[str, tuple[float, ...]]": lambda raw: {key: reals(row) for key, row in _mapping(raw).items()},
}
"""How each type that `events` and `commands` use is read; keyed by the annotation as it is written there."""


class Decoder(Generic[Kind]):
    """Lines of one log, from its first on, as events; what is unknown or broken is left out."""

    def __init__(self, kinds: Mapping[str, type[Kind]] | None = None) -> None:
        self._kinds: Mapping[str, type[Any]] = EVENTS if kinds is None else kinds
        self._pace = Pace()

    def __call__(self, line: bytes | str) -> Kind | None:
        """One line; None where it is unknown or broken."""
        try:
            found = self._events([json.loads(line)])
        except (ValueError, RecursionError):
            self._pace.forget()
            return None
        return found[0] if found else None

    def many(self, lines: Sequence[bytes]) -> list[Kind]:
        """Several lines at once: much faster than one by one."""
        raws = _parsed(b",".join(lines))
        if raws is not None and len(raws) == len(lines):
            return self._events(raws)
        return [event for line in lines if (event := self(line)) is not None]

    def columns(self, whole: bytes) -> list[Kind | Reports]:
        """Whole lines as they stand in the file, with every `Stepped` in columns: several times faster again."""
        raws = _parsed(whole.rstrip(b"\n").replace(b"\n", b","))
        if raws is None or len(raws) != whole.count(b"\n"):
            return joined(event for line in whole.splitlines() if line and (event := self(line)) is not None)
        found, at, kinds = list[Any](), 0, list(map(type, raws))
        while at < len(raws):
            if kinds[at] is not list:
                if (event := self._event(raws[at])) is not None:
                    found.append(event)
                at += 1
                continue
            try:
                end = kinds.index(dict, at)
            except ValueError:
                end = len(raws)
            found += self._in_columns(raws[at:end])
            at = end
        return joined(found)

    def _in_columns(self, rows: list[list[Json]]) -> list[Any]:
        if "Stepped" not in self._kinds:
            return []
        with suppress(*_BROKEN):
            found = self._pace.columns(rows)
            return [found] if found else []
        return self._steps(rows)

    def _events(self, raws: list[Json]) -> list[Kind]:
        found: list[Any] = []
        for is_short, group in groupby(raws, lambda raw: type(raw) is list):
            rows = list(group)
            found += self._steps(rows) if is_short else filter(None, map(self._event, rows))
        return found

    def _steps(self, rows: list[list[Json]]) -> list[Any]:
        if "Stepped" not in self._kinds:
            return []
        try:
            return self._pace.follow(rows)
        except _BROKEN:
            if len(rows) == 1:
                self._pace.forget()
                return []
        return [event for row in rows for event in self._steps([row])]

    def _event(self, raw: Json) -> Any:
        try:
            event = _decoded(raw, self._kinds)
        except _BROKEN:
            self._pace.forget()
            return None
        self._pace.note(event)
        return event


def _parsed(rows: bytes) -> list[Json] | None:
    """What stands in these lines; None where one of them is broken."""
    with suppress(ValueError, RecursionError):
        return list(json.loads(b"[" + rows + b"]"))
    return None


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
