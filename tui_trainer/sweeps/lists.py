"""Lists of settings, as a person types them with commas, become a sweep: every combination of them."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tui_trainer.config import BY_NAME, OWN, parse
from tui_trainer.datasets.folder import PREFIX
from tui_trainer.sweeps.sweep import MOST, Entry, Sweep, SweepError, label_of, laid

NAMED = 3
"""Values of a list that the name of its sweep has."""


class Axis(NamedTuple):
    """One setting that has several values; a knob, or a setting of the dataset's own, with its `group`."""

    group: str
    name: str
    values: tuple[object, ...]

    def point(self, value: object) -> dict[str, object]:
        return {self.group: {self.name: value}} if self.group else {self.name: value}

    @property
    def words(self) -> str:
        """`3 presets`"""
        word = BY_NAME[self.name].label if not self.group and self.name in BY_NAME else self.name
        plural = word if word.endswith("s") else f"{word}es" if word.endswith("ch") else f"{word}s"
        return f"{len(self.values)} {plural}"


def of_lists(given: Mapping[str, object], name: str = "", *, always: bool = False) -> Sweep | None:
    """Every combination of the settings that are given as lists, in text with commas; None where none is, unless `always`.

    Raises SweepError with the field that cannot be used. The name, where none is given, is the same for the same lists.
    """
    base, axes = _parted(given)
    if not axes and not always:
        return None
    if (count := math.prod(len(axis.values) for axis in axes)) > MOST:
        raise SweepError(f"{' × '.join(axis.words for axis in axes)} are {count} runs; a sweep has {MOST} at most")
    seeds = next((axis.values for axis in axes if axis.name == "seed" and not axis.group), ())
    others = [axis for axis in axes if axis.group or axis.name != "seed"]
    entries = []
    for chosen in itertools.product(*(axis.values for axis in others)):
        point: dict[str, object] = {}
        for axis, value in zip(others, chosen, strict=True):
            point = laid(point, axis.point(value))
        label = label_of("" if point else str(base.get("preset", "")), point)
        entries.append(Entry(label, laid(base, point), seeds=tuple(int(str(one)) for one in seeds)))
    about = " × ".join(axis.words for axis in axes) or f"{base.get('preset', '')} on {base.get('dataset', 'its dataset')}"
    return Sweep(name or _name(axes, entries), Path(), about=about, entries=tuple(entries), yours=True)


def _parted(given: Mapping[str, object]) -> tuple[dict[str, object], list[Axis]]:
    """What is the same in all runs, and what is not."""
    base: dict[str, object] = {}
    axes: list[Axis] = []
    for name, value in given.items():
        if value is None:
            continue
        if name in OWN and isinstance(value, Mapping):
            own: dict[str, object] = {}
            for knob, one in value.items():
                values = _values(name, str(knob), one)
                if len(values) > 1:
                    axes.append(Axis(name, str(knob), values))
                else:
                    own[str(knob)] = values[0]
            base |= {name: own} if own else {}
        elif len(values := _values("", name, value)) > 1:
            axes.append(Axis("", name, values))
        else:
            base[name] = values[0]
    first = ("preset", "dataset")
    axes.sort(key=lambda axis: first.index(axis.name) if not axis.group and axis.name in first else len(first))
    return base, axes


def _values(group: str, name: str, given: object) -> tuple[object, ...]:
    """The values of a field, as they count. One alone is left to whoever checks settings."""
    words = _split(name, given)
    found = tuple(_value(group, name, word, several=len(words) > 1) for word in words)
    if len(set(map(str, found))) < len(found):
        twice = next(str(one) for one in found if [str(other) for other in found].count(str(one)) > 1)
        raise SweepError(f"{_field(group, name)}: {twice} stands there twice", _field(group, name))
    return found


def _split(name: str, given: object) -> list[object]:
    if isinstance(given, (list, tuple)):
        return list(given)
    if not isinstance(given, str) or "," not in given or _is_folder(name, given.strip()):
        return [given]
    words = [word.strip() for word in given.split(",")]
    if not all(words):
        raise SweepError(f"{name}: {given!r} has a comma too many; a list goes like 1e-3,1e-2", name)
    return list(words)


def _is_folder(name: str, text: str) -> bool:
    """Whether this is one folder with a comma in its name."""
    return name == "dataset" and text.startswith(PREFIX) and Path(text.removeprefix(PREFIX)).expanduser().exists()


def _value(group: str, name: str, word: object, *, several: bool) -> object:
    if group:
        return _plain(word)
    if name not in BY_NAME:
        return word
    try:
        return BY_NAME[name].parse(word)
    except ValueError as error:
        if several:
            raise SweepError(f"{name}: {word}: {error}", name) from error
        return word


def _plain(word: object) -> object:
    """A value of a knob, whose kind only its preset knows: a number where it is one."""
    if not isinstance(word, str):
        return word
    for kind in (int, float):
        if (value := parse(kind, word)) is not None and math.isfinite(float(value)):
            return value
    return word.strip()


def _field(group: str, name: str) -> str:
    return f"{group}.{name}" if group else name


def _name(axes: Sequence[Axis], entries: Sequence[Entry]) -> str:
    """`mlp-cnn-lr-3f2a`: what is varied, and four digits that are the same for the same lists."""
    words: list[str] = []
    for axis in axes:
        presets = axis.name == "preset" and not axis.group
        words += [*map(str, axis.values[:NAMED]), *(["more"] if len(axis.values) > NAMED else [])] if presets else [axis.name]
    if not words:
        words = [str(entries[0].settings.get("preset", ""))]
    content = json.dumps([[entry.label, entry.settings, entry.seeds] for entry in entries], sort_keys=True, default=str)
    plain = "-".join(re.sub(r"[^A-Za-z0-9_.]+", "_", word) for word in words)
    return f"{plain}-{hashlib.sha256(content.encode()).hexdigest()[:4]}"
