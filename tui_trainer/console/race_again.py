"""The command that repeats a race: what was typed for it, or the lists that its settings are made of."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tui_trainer import config, units
from tui_trainer.config import Config
from tui_trainer.console.resumable import PROGRAM
from tui_trainer.console.summary import suggested
from tui_trainer.session.race import Budget, Race

Place = tuple[str, str]
"""The group of a setting, empty for those of all runs, and its name."""


def again(race: Race, folders: Sequence[Path] = ()) -> str:
    """The command; nothing where no settings with lists give this race."""
    one = race.setups[0].config
    given = race.given if "preset" in race.given else listed([setup.config for setup in race.setups], folders)
    if "preset" not in given:
        return ""
    words = [PROGRAM, "race", str(given["preset"])]
    for name, value in {"dataset": one.dataset, **given, "seed": one.seed}.items():
        option = config.OWN.get(name) or config.option_of(name)
        if isinstance(value, Mapping):
            words += [word for own, word_of in value.items() for word in (option, f"{own}={word_of}")]
        elif isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        elif name != "preset":
            words += [option, str(value)]
    words += [*_budget(race.budget), *(word for folder in folders for word in ("--presets", str(folder)))]
    return units.plain(shlex.join(words))


def _budget(budget: Budget) -> list[str]:
    return [f"--{budget.unit}", f"{budget.amount:.12g}"]


def listed(configs: Sequence[Config], folders: Sequence[Path] = ()) -> dict[str, object]:
    """The settings, with lists in them, that give these configs but for their budgets; nothing where no lists do."""
    whole = [_places(asdict(one)) for one in configs]
    usual = [_places(suggested(one, folders)) for one in configs]
    wanted = {place for own, known in zip(whole, usual, strict=True) for place in own if own[place] != known.get(place)}
    places = [place for place in whole[0] if place in wanted | {("", "preset")}]
    if any(place not in own for own in whole for place in wanted):
        return {}  # a knob that not all of them have
    values = {place: list(dict.fromkeys(_word(own[place]) for own in whole)) for place in places}
    made = {tuple(_word(own[place]) for place in places) for own in whole}
    if math.prod(map(len, values.values())) != len(whole) or len(made) != len(whole):
        return {}
    given: dict[str, object] = {}
    for (group, name), words in values.items():
        if group:
            given[group] = {**_table(given.get(group)), name: ",".join(words)}
        else:
            given[name] = whole[0][group, name] if len(words) == 1 else ",".join(words)
    return given


def _places(settings: Mapping[str, object]) -> dict[Place, object]:
    """All settings, knob by knob; without budgets, and without those that are not there."""
    found: dict[Place, object] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= {(name, str(knob)): one for knob, one in value.items()}
        elif value is not None and name not in config.BUDGETS:
            found["", name] = value
    return found


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _word(value: object) -> str:
    """A value as one would type it, with every digit that it has."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)
