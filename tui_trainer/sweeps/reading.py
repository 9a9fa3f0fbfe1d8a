"""A sweep file, read: a base of settings, runs or a grid over it, and what a source published of each run.

A file is data: nothing in it is executed. Whether a preset has the knobs that are named is checked where presets are
known, see `session.sweeping`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tui_trainer import config, paths
from tui_trainer.config import OWN
from tui_trainer.sweeps.sweep import MOST, Entry, Published, Sweep, Wrong, label_of, laid

TOP = ("about", "source", "note", "base", "runs", "grid")
SHARES = ("test_accuracy", "val_accuracy", "best_val_accuracy", "target")
TABLES = ("classes", "parameters")
PUBLISHED = (*SHARES, "loss", *TABLES, "steps", "at_most", "note")


def read(path: Path) -> Sweep:
    """The sweep in this file. What is wrong in it becomes its `problem`."""
    import tomllib  # not before there is a file to read: the lab opens sooner

    sweep = Sweep(path.stem, path, yours=path.parent != paths.shipped_presets() / "sweeps")
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
    except Wrong as wrong:
        return replace(sweep, problem=f"{path.name}, {wrong}")


def _entries(raw: Mapping[str, object]) -> tuple[Entry, ...]:
    base = _settings(_table(raw.get("base", {}), "base"), "base")
    runs = raw.get("runs", [{}])
    if not isinstance(runs, list) or not runs:
        raise Wrong("runs", "tables of settings, each under [[runs]]")
    points = _points(_table(raw.get("grid", {}), "grid"))
    if len(runs) * len(points) > MOST:
        raise Wrong("grid" if len(points) > 1 else "runs", f"{len(runs) * len(points)} runs; a sweep has {MOST} at most")
    entries = []
    for number, one in enumerate(runs, 1):
        key = f"runs {number}" if "runs" in raw else "base"
        own = dict(_table(one, key))
        label, published = _text(own.pop("label", ""), f"{key} label"), own.pop("published", None)
        seeds = _seeds(own.pop("seeds", None), f"{key} seeds")
        if published is not None and "grid" in raw:
            raise Wrong(f"{key} published", "belongs to runs without a grid")
        told = _published(_table(published or {}, f"{key} published"), f"{key} published")
        for point in points:
            changes = laid(_settings(own, key), point)
            settings = laid(base, changes)
            _check(settings, changes, key)
            entries.append(Entry(label_of(label, point if label else changes), settings, told, seeds))
    labels = [entry.label for entry in entries]
    if twice := next((label for label in labels if labels.count(label) > 1), ""):
        raise Wrong("label", f"{twice!r} stands for two runs; each needs a label of its own")
    return tuple(entries)


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
            raise Wrong("grid", f"a sweep has {MOST} runs at most")
    points = []
    for chosen in itertools.product(*axes):
        point: dict[str, object] = {}
        for one in chosen:
            point = laid(point, one)
        points.append(_settings(point, "grid"))
    return points


def _settings(raw: Mapping[str, object], key: str) -> dict[str, object]:
    """Settings by name; whether their values can be used is checked when a run has all of its."""
    for name, value in raw.items():
        if name in OWN:
            for knob, one in _table(value, f"{key} {name}").items():
                if not isinstance(one, (str, int, float)):
                    raise Wrong(f"{key} {name}.{knob}", "a number, text, true or false")
        elif name not in config.BY_NAME:
            raise Wrong(f"{key} {name}", f"there is no such setting; {config.nearest(name, config.BY_NAME)}".rstrip("; "))
    return dict(raw)


def _check(settings: Mapping[str, object], changes: Mapping[str, object], key: str) -> None:
    if "preset" not in settings:
        raise Wrong(key, "which preset? There is none here and none in base")
    try:
        config.read({"dataset": "_"} | dict(settings))
    except config.ConfigError as error:
        name, text = next(iter(error.problems.items()))
        raise Wrong(f"{key if name in changes or key == 'base' else 'base'} {name}", text) from error


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
        raise Wrong(f"{key} at_most", "true or false")
    return Published(**given)  # type: ignore[arg-type]  # each was checked to be of its field's kind above


def _known(raw: Mapping[str, object], names: Sequence[str], key: str) -> None:
    for name in raw:
        if name not in names:
            raise Wrong(f"{key}{name}", f"there is no such key; {config.nearest(name, names)}there are {', '.join(names)}")


def _seeds(listed: object, key: str) -> tuple[int, ...]:
    """Seeds of its own; none where they are left to whoever runs it."""
    try:
        return () if listed is None else tuple(int(config.BY_NAME["seed"].parse(one)) for one in _list(listed, key))
    except ValueError as error:
        raise Wrong(key, str(error)) from error


def _table(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Wrong(key, "a table is needed")
    return value


def _list(value: object, key: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise Wrong(key, "a list of values, such as [0.1, 0.01]")
    return value


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise Wrong(key, "text in quotes")
    return " ".join(value.split())


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Wrong(key, "a number")
    return float(value)


def _share(value: object, key: str) -> float:
    share = _number(value, key)
    if not 0 <= share <= 1:
        raise Wrong(key, f"a share from 0 to 1; {share:g} % is {share / 100:g}" if share <= 100 else "a share from 0 to 1")
    return share
