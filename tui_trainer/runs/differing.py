"""What differs between the settings of several runs, and between their preset files; what is the same is only counted."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from tui_trainer import units
from tui_trainer.config import OWN, Config
from tui_trainer.settings import BY_NAME

if TYPE_CHECKING:
    from tui_trainer.runs.side import Side

Settings = Mapping[str, object]
NAMES = tuple(one.name for one in fields(Config))


class Differing(NamedTuple):
    """One setting that is not the same in all runs."""

    name: str
    """Of the setting; `knob width` and `data noise` are those of preset and dataset."""
    values: tuple[object, ...]
    """One a letter, in their order; None where there is none, `Several` where the runs of one letter differ."""

    @property
    def label(self) -> str:
        """As the form calls it."""
        return BY_NAME[self.name].label if self.name in BY_NAME else self.name

    def words(self) -> tuple[str, ...]:
        """The values as one reads them."""
        return tuple(said(self.name, value) for value in self.values)


class Several(tuple[object, ...]):
    """What the runs that share a letter have, each value once."""


class PresetDiff(NamedTuple):
    """How the preset file of one run became that of others."""

    before: str
    """The letter of a run."""
    after: tuple[str, ...]
    """Letters of runs that have the same text."""
    lines: tuple[str, ...]
    """Unified diff."""
    edited: bool
    """Whether it is a preset of the same name, that was edited; else another one, of which hardly a line is the same."""


def flat(config: Config) -> dict[str, object]:
    """Every setting by its name, knobs and data settings among them."""
    found: dict[str, object] = {}
    for name in NAMES:
        value = getattr(config, name)
        if name in OWN:
            word = "knob" if name == "knobs" else name
            found |= {f"{word} {one}": own for one, own in value.items()}
        else:
            found[name] = value
    return found


def together(configs: Sequence[Config]) -> Settings:
    """Every setting of runs that share a letter."""
    rows = [flat(one) for one in configs]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _several([row.get(name) for row in rows]) for name in names}


def _several(values: Sequence[object]) -> object:
    """The one value, or all of them, in the same order whichever run was first."""
    once = list({repr(value): value for value in values}.values())
    if len(once) == 1:
        return once[0]
    numbers = all(isinstance(one, (int, float)) for one in once)
    return Several(sorted(once, key=lambda one: float(str(one)) if numbers else 0.0) if numbers else sorted(once, key=repr))


def differing(rows: Sequence[Settings]) -> list[Differing]:
    """The settings that are not the same in all of these, in the order of the form; knobs and data settings come last."""
    names = dict.fromkeys(name for row in rows for name in row)
    found = [Differing(name, tuple(row.get(name) for row in rows)) for name in names]
    apart = [one for one in found if any(value != one.values[0] for value in one.values)]
    return sorted(apart, key=lambda one: (one.name not in BY_NAME, one.name.startswith("data ")))


def same(rows: Sequence[Settings]) -> int:
    """How many settings are given in all of these, and equal."""
    return sum(value is not None and all(row.get(name) == value for row in rows[1:]) for name, value in rows[0].items())


def said(name: str, value: object) -> str:
    """A value as one reads it: `yes`, `3e-4`, `one-cycle`, `·` for none."""
    if value is None:
        return units.UNKNOWN
    if isinstance(value, Several):
        return ", ".join(said(name, one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return units.lr(value) if name in {"lr", "weight_decay"} else f"{value:g}"
    return str(value)


def preset_diffs(sides: Sequence[Side]) -> list[PresetDiff]:
    """The preset file of the first run beside every other that is not the same."""
    texts: dict[str, list[Side]] = {}
    for side in sides:
        texts.setdefault(side.preset_text, []).append(side)
    (_, (first, *_)), *others = texts.items()
    return [
        PresetDiff(
            first.letter,
            tuple(dict.fromkeys(one.letter for one in those)),
            _diff(first, those[0]),
            first.config.preset == those[0].config.preset,
        )
        for _, those in others
    ]


def _diff(one: Side, other: Side) -> tuple[str, ...]:
    before, after = one.preset_text.splitlines(), other.preset_text.splitlines()
    return tuple(difflib.unified_diff(before, after, _file(one), _file(other), n=2, lineterm=""))


def _file(side: Side) -> str:
    return f"{side.letter}/{side.config.preset}.py"
