"""How long a race is, and what each racer gets of it. Knows no thread and no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tui_trainer import config, datasets, sweeps, units
from tui_trainer.session import planned
from tui_trainer.session.setup import Setup
from tui_trainer.sweeps import label_of

UNITS = ("seconds", "samples", "steps")
MOST = 4
"""Settings that can be told apart on one screen."""
SHARED = ("dataset", "data", "image_size", "validation", "seed", "device")
"""Settings that have to be the same: else there is nothing to compare."""
OTHER = {"seed": "so that all learn from the same batches", "device": "one device that they take turns on"}


class RaceError(ValueError):
    """Settings that cannot race: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a race is: seconds of the whole race by the clock, or samples or steps of each."""

    unit: str
    """One of UNITS."""
    amount: float

    def words(self) -> str:
        """`equal seconds`, as the header of the race has it."""
        return f"equal {self.unit}"

    def total(self) -> str:
        """`20 s`, `100 000 samples`"""
        if self.unit == "seconds":
            return units.duration(self.amount)
        return f"{units.count(int(self.amount))} {self.unit}"


def entrants(given: Mapping[str, object], folders: Iterable[Path] = ()) -> list[Setup]:
    """Whoever races where these settings are given, as text, with lists in them. Raises SweepError and ConfigError."""
    lists = sweeps.of_lists(given, "race", always=True)
    assert lists is not None
    return [one.setup for one in planned.plan(lists, {}, folders)]


def plan(setups: Sequence[Setup], budget: Budget) -> list[Setup]:
    """The same settings, each with its part of the budget. Raises RaceError where they cannot race, with what differs."""
    if not 2 <= len(setups) <= MOST:
        raise RaceError(f"two to {MOST} settings race, not {len(setups)}")
    if budget.unit not in UNITS or budget.amount <= 0:
        raise RaceError(f"a race is so many {', '.join(UNITS[:-1])} or {UNITS[-1]} long, not {budget.amount:g} {budget.unit}")
    for name in SHARED:
        values = [getattr(one.config, name) for one in setups]
        if other := next((value for value in values[1:] if value != values[0]), None):
            why = OTHER.get(name, "else there is nothing to compare")
            raise RaceError(f"all in a race need the same {config.BY_NAME[name].label}, {why}: not {values[0]} and {other}")
    return [_with(one, budget, len(setups)) for one in setups]


def _with(setup: Setup, budget: Budget, count: int) -> Setup:
    unit, amount = _each(setup, budget, count)
    return Setup(setup.config.but(**{unit: amount}), setup.preset, setup.dataset)


def _each(setup: Setup, budget: Budget, count: int) -> tuple[str, float]:
    """What one of so many racers gets, in a unit that runs know."""
    if budget.unit == "seconds":
        return "seconds", budget.amount / count
    if budget.unit == "steps":
        return "steps", int(budget.amount)
    return "steps", steps_for(int(budget.amount), setup.splits[0], setup.config.batch_size)


def steps_for(samples: int, train_size: int, batch_size: int) -> int:
    """The first step after which so many samples were learned from; the last batch of an epoch may be short."""
    of_epoch = datasets.steps_per_epoch(train_size, batch_size)
    in_epoch = min(train_size, of_epoch * batch_size)
    whole, rest = divmod(samples, in_epoch)
    return max(1, whole * of_epoch + -(-rest // batch_size))


def samples_after(steps: int, train_size: int, batch_size: int) -> int:
    """How many samples were learned from in so many steps."""
    of_epoch = datasets.steps_per_epoch(train_size, batch_size)
    whole, rest = divmod(steps, of_epoch)
    return whole * min(train_size, of_epoch * batch_size) + min(rest * batch_size, train_size)


def told_apart(setups: Sequence[Setup]) -> list[str]:
    """What tells them from each other: the preset, where there are several, then the settings in which those of one differ."""
    given = [asdict(one.config) for one in setups]
    alone = len({one["preset"] for one in given}) == 1
    found = []
    for one in given:
        alike = [other for other in given if other["preset"] == one["preset"]]
        differing: dict[str, object] = {}
        for name, value in one.items():
            if name == "preset" or all(other[name] == value for other in alike):
                continue
            if name in config.OWN and isinstance(value, dict):
                others = [other[name] for other in alike]
                value = {knob: own for knob, own in value.items() if any(other.get(knob) != own for other in others)}
            differing[name] = value
        found.append(label_of("" if alone and differing else str(one["preset"]), differing))
    return [text if found.count(text) == 1 else f"{text} ({number})" for number, text in enumerate(found, 1)]
