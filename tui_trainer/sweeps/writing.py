"""A sweep as text that gives the same sweep when it is read: to be kept under a name, and beside what was run of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path

from tui_trainer import paths
from tui_trainer.sweeps.reading import SHARES, TABLES, read
from tui_trainer.sweeps.sweep import Entry, Published, Sweep, SweepError


def as_toml(sweep: Sweep) -> str:
    """Each run in full, with its label."""
    lines = [f"{key} = {_value(text)}" for key in ("about", "source", "note") if (text := getattr(sweep, key))]
    for entry in sweep.entries:
        lines += ["", "[[runs]]", *_entry(entry)]
    return "\n".join(lines).lstrip("\n") + "\n"


def keep(sweep: Sweep, name: str) -> Path:
    """Among the user's own, as a file of that name. Raises SweepError where another has the name, or where it cannot be written."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", name):
        raise SweepError(f"a sweep cannot be called {name!r}: letters, digits, - _ and ., at most 60", "name")
    path = paths.your_presets() / "sweeps" / f"{name}.toml"
    if path.exists():
        if read(path).entries == sweep.entries:
            return path
        raise SweepError(f"there is another sweep {name} in {paths.short(path.parent)}: give this one another name", "name")
    unfinished = path.with_name(f".{name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(as_toml(sweep), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise SweepError(f"{paths.short(path)} cannot be written: {(error.strerror or str(error)).lower()}", "name") from error
    return path


def _entry(entry: Entry) -> list[str]:
    lines = [f"label = {_value(entry.label)}"]
    lines += [f"seeds = {_value(list(entry.seeds))}"] if entry.seeds else []
    lines += [f"{_key(name)} = {_value(value)}" for name, value in entry.settings.items()]
    told = _published(entry.published)
    return [*lines, f"published = {_value(told)}"] if told else lines


def _published(told: Published) -> dict[str, object]:
    found = {name: value for name in (*SHARES, "loss") if (value := getattr(told, name)) is not None}
    found |= {name: dict(value) for name in TABLES if (value := getattr(told, name))}
    found |= {"steps": list(told.steps)} if told.steps else {}
    found |= {"at_most": True} if told.at_most else {}
    return found | ({"note": told.note} if told.note else {})


def _value(value: object) -> str:
    """As TOML has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if not math.isfinite(value):
            return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        case int() | float():
            return repr(value)
        case Mapping():
            inside = ", ".join(f"{_key(str(name))} = {_value(one)}" for name, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)
