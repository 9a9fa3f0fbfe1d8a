"""Settings with lists among them: every value checked by itself, then every combination made into a run of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tui_trainer import sweeps
from tui_trainer.config import OWN, ConfigError
from tui_trainer.datasets.folder import PREFIX
from tui_trainer.preset import Preset
from tui_trainer.session.setup import Setup, configure
from tui_trainer.sweeps import Sweep, SweepError


@dataclass(frozen=True, slots=True)
class Several:
    """What lists stand for: a sweep, and the settings of each of its entries, with the first of its seeds."""

    given: Mapping[str, object]
    """What it was made from."""
    sweep: Sweep
    labelled: tuple[tuple[str, Setup], ...]
    """The label of each entry, and what it is given."""
    seeds: int = 1
    """Runs of each entry, where seeds are listed."""

    @property
    def setups(self) -> tuple[Setup, ...]:
        return tuple(setup for _, setup in self.labelled)

    @property
    def count(self) -> int:
        """How many runs that makes."""
        return len(self.labelled) * self.seeds

    @property
    def words(self) -> str:
        """`3 presets × 2 rates`"""
        return self.sweep.about


def is_list(given: Mapping[str, object]) -> bool:
    """Whether any of these has several values."""
    return any(len(values) > 1 for _, _, values in _lists(given))


def several(given: Mapping[str, object], presets: Mapping[str, Preset]) -> Several:
    """What these settings, as text with commas, stand for.

    Raises ConfigError with a sentence for each setting or knob that cannot be used, which begins with the value that is wrong.
    """
    if problems := _problems(given, presets):
        raise ConfigError(problems)
    try:
        sweep = sweeps.of_lists(given, always=True)
    except SweepError as error:
        name = error.field.removeprefix("knobs.")
        raise ConfigError({name or "preset": str(error).removeprefix(f"{error.field}: ")}) from error
    assert sweep is not None  # there is always one
    labelled = []
    for entry in sweep.entries:
        wanted = dict(entry.settings) | ({"seed": entry.seeds[0]} if entry.seeds else {})
        try:
            labelled.append((entry.label, _configured(wanted, presets)))
        except ConfigError as error:
            raise ConfigError({name: f"with {entry.label}: {text}" for name, text in error.problems.items()}) from error
    return Several(dict(given), sweep, tuple(labelled), len(sweep.entries[0].seeds) or 1)


def _problems(given: Mapping[str, object], presets: Mapping[str, Preset]) -> dict[str, str]:
    """What is wrong with any value, by the name of its setting, beside the first value of every other list."""
    found: dict[str, str] = {}
    first = {name: _first(value, name) for name, value in given.items()}
    lists = [(group, name, values) for group, name, values in _lists(given) if len(values) > 1]
    for group, name, values in lists:
        known = f"{group}.{name}" if group == "data" else name
        for value in values:
            try:
                _configured(_with(first, group, name, value), presets)
            except ConfigError as error:
                if known in error.problems and known not in found:
                    found[known] = f"{value or 'nothing'}: {error.problems[known]}"
    alone = {f"{group}.{name}" if group == "data" else name for group, name, _ in lists}
    try:
        _configured(first, presets)
    except ConfigError as error:
        found |= {name: text for name, text in error.problems.items() if name not in alone}
    return found


def _configured(given: Mapping[str, object], presets: Mapping[str, Preset]) -> Setup:
    return configure(given, chosen=presets.get(str(given.get("preset", ""))))


def _lists(given: Mapping[str, object]) -> Iterator[tuple[str, str, list[str]]]:
    """The values of each setting: its group, where preset or dataset bring it, its name, what stands in it."""
    for name, value in given.items():
        if name in OWN and isinstance(value, Mapping):
            yield from ((name, str(knob), _values(str(knob), one)) for knob, one in value.items())
        else:
            yield "", name, _values(name, value)


def _values(name: str, value: object) -> list[str]:
    text = str(value)
    alone = name == "start_from" or (name == "dataset" and text.startswith(PREFIX))
    return [text] if alone else [one.strip() for one in text.split(",")]


def _first(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return {knob: _values(str(knob), one)[0] for knob, one in value.items()}
    return _values(name, value)[0]


def _with(first: Mapping[str, object], group: str, name: str, value: str) -> dict[str, object]:
    if not group:
        return {**first, name: value}
    own = first[group]
    assert isinstance(own, Mapping)
    return {**first, group: {**own, name: value}}
