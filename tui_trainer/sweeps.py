"""Sweep files, found and read: a base of settings, runs or a grid over it, and what a source published of each run.

A file is data: nothing in it is executed. Whether a preset has the knobs that are named is checked where presets are
known, see `session.sweeping`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui_trainer import config, paths
from tui_trainer.config import OWN

TOP = ("about", "source", "note", "base", "runs", "grid")
SHARES = ("test_accuracy", "val_accuracy", "best_val_accuracy", "target")
TABLES = ("classes", "parameters")
PUBLISHED = (*SHARES, "loss", *TABLES, "steps", "at_most", "note")
MOST = 1000
"""Runs of one sweep."""


class SweepError(ValueError):
    """A sweep that is not there or cannot be used: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a source says that a run came to. Shares go from 0 to 1."""

    test_accuracy: float | None = None
    val_accuracy: float | None = None
    """After the last epoch."""
    best_val_accuracy: float | None = None
    target: float | None = None
    """A validation accuracy that the source asks for."""
    at_most: bool = False
    """Whether the accuracies are bounds that nothing measured may pass."""
    loss: float | None = None
    """Of the last batch that was learned from."""
    classes: Mapping[str, float] = field(default_factory=dict)
    """Share of each class that was found in the test."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """At the end, by name."""
    steps: tuple[float, ...] = ()
    """What every parameter is after each step; nan where the source does not tell."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of a sweep."""

    label: str
    settings: Mapping[str, object]
    """As `config.read` takes them, `knobs` and `data` among them."""
    published: Published = field(default_factory=Published)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep file as lists show it, and as a queue runs it."""

    name: str
    path: Path
    about: str = ""
    source: str = ""
    note: str = ""
    """What whoever repeats it should know: what the source leaves open."""
    entries: tuple[Entry, ...] = ()
    problem: str = ""
    """What is wrong with the file and where; empty when it can be used."""
    yours: bool = False
    """Whether it is the user's own, and not shipped."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """What its runs learn from, in their order."""
        return tuple(dict.fromkeys(str(entry.settings["dataset"]) for entry in self.entries if "dataset" in entry.settings))


class _Wrong(Exception):
    """Something in a sweep file that cannot be used: the key, and what would be right."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(f"{key}: {text}")


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Where sweeps are looked for: beside the presets; what lies in a later folder wins."""
    return [folder / "sweeps" for folder in (paths.shipped_presets(), paths.your_presets(), *map(Path, extra))]


def everything(extra: Iterable[Path] = ()) -> list[Sweep]:
    """All sweeps by name, also those that cannot be used."""
    found = _files(extra)
    return [read(found[name]) for name in sorted(found)]


def find(name: str, extra: Iterable[Path] = ()) -> Sweep:
    """The sweep of that name. Raises SweepError where there is none, or where its file cannot be used."""
    found = _files(extra)
    if name not in found:
        there = ", ".join(sorted(found)) or f"none in {paths.short(folders(extra)[0])}"
        raise SweepError(f"there is no sweep {name!r}; {config.nearest(name, found)}there are {there}")
    sweep = read(found[name])
    if sweep.problem:
        raise SweepError(sweep.problem)
    return sweep


def _files(extra: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders(extra):
        try:
            found |= {path.stem: path for path in folder.glob("*.toml") if not path.name.startswith((".", "_")) and path.is_file()}
        except OSError:
            continue
    return found


def read(path: Path) -> Sweep:
    """The sweep in this file. What is wrong in it becomes its `problem`."""
    import tomllib  # not before there is a file to read: the lab opens sooner

    sweep = Sweep(path.stem, path, yours=path.parent != folders()[0])
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return replace(sweep, problem=f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}")
    except (ValueError, RecursionError) as error:  # not TOML, or not UTF-8
        return replace(sweep, problem=f"{path.name} is not TOML: {str(error) or 'it is nested too deeply'}")
    try:
        _known(raw, TOP, "")
        texts = {key: _text(raw.get(key, ""), key) for key in ("about", "source", "note")}
        return replace(sweep, **texts, entries=_entries(raw))  # type: ignore[arg-type]  # three texts, by their own names
    except _Wrong as wrong:
        return replace(sweep, problem=f"{path.name}, {wrong}")


def _entries(raw: Mapping[str, object]) -> tuple[Entry, ...]:
    base = _settings(_table(raw.get("base", {}), "base"), "base")
    runs = raw.get("runs", [{}])
    if not isinstance(runs, list) or not runs:
        raise _Wrong("runs", "tables of settings, each under [[runs]]")
    points = _points(_table(raw.get("grid", {}), "grid"))
    if len(runs) * len(points) > MOST:
        raise _Wrong("grid" if len(points) > 1 else "runs", f"{len(runs) * len(points)} runs; a sweep has {MOST} at most")
    entries = []
    for number, one in enumerate(runs, 1):
        key = f"runs {number}" if "runs" in raw else "base"
        own = dict(_table(one, key))
        label, published = _text(own.pop("label", ""), f"{key} label"), own.pop("published", None)
        if published is not None and "grid" in raw:
            raise _Wrong(f"{key} published", "belongs to runs without a grid")
        told = _published(_table(published or {}, f"{key} published"), f"{key} published")
        for point in points:
            changes = laid(_settings(own, key), point)
            settings = laid(base, changes)
            _check(settings, changes, key)
            entries.append(Entry(label_of(label, point if label else changes), settings, told))
    labels = [entry.label for entry in entries]
    if twice := next((label for label in labels if labels.count(label) > 1), ""):
        raise _Wrong("label", f"{twice!r} stands for two runs; each needs a label of its own")
    return tuple(entries)


def label_of(label: str, settings: Mapping[str, object]) -> str:
    """What a run is called: its own label, then the settings that differ, as in `lr 0.1, width 64`."""
    words = [label] if label else []
    for name, value in settings.items():
        own = value.items() if name in OWN and isinstance(value, Mapping) else [(name, value)]
        words += [f"{key} {shown:g}" if isinstance(shown, float) else f"{key} {shown}" for key, shown in own]
    return ", ".join(words) or "as it is"


def _points(grid: Mapping[str, object]) -> list[dict[str, object]]:
    """Every combination of what the grid lists."""
    axes: list[list[dict[str, object]]] = []
    for name, values in grid.items():
        if name in OWN:
            own = _table(values, f"grid {name}")
            axes += [[{name: {knob: value}} for value in _list(listed, f"grid {name}.{knob}")] for knob, listed in own.items()]
        else:
            axes.append([{name: value} for value in _list(values, f"grid {name}")])
        if math.prod(map(len, axes)) > MOST:
            raise _Wrong("grid", f"a sweep has {MOST} runs at most")
    points = []
    for chosen in itertools.product(*axes):
        point: dict[str, object] = {}
        for one in chosen:
            point = laid(point, one)
        points.append(_settings(point, "grid"))
    return points


def laid(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`over` laid on `under`, knob by knob."""
    laid = config.overlay(under, over)
    for name in OWN:
        below, above = under.get(name), over.get(name)
        if isinstance(below, Mapping) and isinstance(above, Mapping):
            laid[name] = {**below, **above}
    return laid


def _settings(raw: Mapping[str, object], key: str) -> dict[str, object]:
    """Settings by name; whether their values can be used is checked when a run has all of its."""
    for name, value in raw.items():
        if name in OWN:
            for knob, one in _table(value, f"{key} {name}").items():
                if not isinstance(one, (str, int, float)):
                    raise _Wrong(f"{key} {name}.{knob}", "a number, text, true or false")
        elif name not in config.BY_NAME:
            raise _Wrong(f"{key} {name}", f"there is no such setting; {config.nearest(name, config.BY_NAME)}".rstrip("; "))
    return dict(raw)


def _check(settings: Mapping[str, object], changes: Mapping[str, object], key: str) -> None:
    if "preset" not in settings:
        raise _Wrong(key, "which preset? There is none here and none in base")
    try:
        config.read({"dataset": "_"} | dict(settings))
    except config.ConfigError as error:
        name, text = next(iter(error.problems.items()))
        raise _Wrong(f"{key if name in changes or key == 'base' else 'base'} {name}", text) from error


def _published(raw: Mapping[str, object], key: str) -> Published:
    _known(raw, PUBLISHED, key + " ")
    given: dict[str, object] = {name: _share(raw[name], f"{key} {name}") for name in SHARES if name in raw}
    if "loss" in raw:
        given["loss"] = _number(raw["loss"], f"{key} loss")
    for name in TABLES:
        check = _share if name == "classes" else _number
        given[name] = {
            one: check(value, f"{key} {name}.{one}") for one, value in _table(raw.get(name, {}), f"{key} {name}").items()
        }
    if "steps" in raw:
        given["steps"] = tuple(_number(value, f"{key} steps") for value in _list(raw["steps"], f"{key} steps"))
    given["note"] = _text(raw.get("note", ""), f"{key} note")
    if not isinstance(given.setdefault("at_most", raw.get("at_most", False)), bool):
        raise _Wrong(f"{key} at_most", "true or false")
    return Published(**given)  # type: ignore[arg-type]  # each was checked to be of its field's kind above


def _known(raw: Mapping[str, object], names: Sequence[str], key: str) -> None:
    for name in raw:
        if name not in names:
            raise _Wrong(f"{key}{name}", f"there is no such key; {config.nearest(name, names)}there are {', '.join(names)}")


def _table(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _Wrong(key, "a table is needed")
    return value


def _list(value: object, key: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise _Wrong(key, "a list of values, such as [0.1, 0.01]")
    return value


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(key, "text in quotes")
    return " ".join(value.split())


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Wrong(key, "a number")
    return float(value)


def _share(value: object, key: str) -> float:
    share = _number(value, key)
    if not 0 <= share <= 1:
        raise _Wrong(key, f"a share from 0 to 1; {share:g} % is {share / 100:g}" if share <= 100 else "a share from 0 to 1")
    return share
