"""Which runs a sweep is to have: the settings of each, checked, before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_trainer import config
from tui_trainer.config import ConfigError
from tui_trainer.runs.swept import Key
from tui_trainer.session.setup import Setup, configure
from tui_trainer.sweeps import MOST, Entry, Sweep, SweepError, laid


@dataclass(frozen=True, slots=True)
class Planned:
    """One run of a sweep that is to be made."""

    label: str
    setup: Setup

    @property
    def key(self) -> Key:
        return self.label, self.setup.config.seed


def plan(
    sweep: Sweep, given: Mapping[str, object], folders: Iterable[Path] = (), *, seeds: int = 1, only: Sequence[str] = ()
) -> list[Planned]:
    """The runs of a sweep with these settings laid over each, the first seed of all before the second of any.

    Raises ConfigError for what was given, SweepError for what the file says or for a label that it does not have.
    """
    folders = list(folders)
    entries = _chosen(sweep, only)
    if (count := sum(len(_seeds(entry, 0, given, seeds)) for entry in entries)) > MOST:
        raise SweepError(f"with all seeds these are {count} runs; a sweep has {MOST} at most", "seed")
    setups = [(entry, _setup(sweep, entry, given, folders)) for entry in entries]
    numbers = [_seeds(entry, setup.config.seed, given, seeds) for entry, setup in setups]
    return [
        Planned(entry.label, Setup(setup.config.but(seed=mine[at]), setup.preset, setup.dataset))
        for at in range(max(map(len, numbers), default=0))
        for (entry, setup), mine in zip(setups, numbers, strict=True)
        if at < len(mine)
    ]


def _seeds(entry: Entry, one: int, given: Mapping[str, object], seeds: int) -> list[int]:
    """Those of an entry that names them, then from the last one on until there are so many; else from the `one` that it has."""
    first = list(entry.seeds) if "seed" not in given else []
    first = first or [one]
    return list(dict.fromkeys([*first, *range(max(first) + 1, max(first) + 1 + seeds - len(first))]))


def _chosen(sweep: Sweep, only: Sequence[str]) -> list[Entry]:
    labels = {entry.label.casefold(): entry for entry in sweep.entries}
    for label in only:
        if label.casefold() not in labels:
            there = ", ".join(entry.label for entry in sweep.entries)
            raise SweepError(f"{sweep.name} has no run {label!r}; {config.nearest(label, labels)}there are {there}")
    wanted = {label.casefold() for label in only}
    return [entry for entry in sweep.entries if not wanted or entry.label.casefold() in wanted]


def _setup(sweep: Sweep, entry: Entry, given: Mapping[str, object], folders: Sequence[Path]) -> Setup:
    under = dict(entry.settings)
    if "dataset" in given and given["dataset"] != under.get("dataset"):
        under.pop("data", None)  # those settings belong to the dataset that is replaced
    try:
        return configure(laid(under, given), folders)
    except ConfigError as error:
        ours = [name for name in error.problems if name in given or name in _own(given)]
        if ours or "presets" in error.problems:
            raise
        name, text = next(iter(error.problems.items()))
        raise SweepError(f"sweep {sweep.name}, {entry.label!r}: {name}: {text}", name) from error


def _own(given: Mapping[str, object]) -> set[str]:
    """Names under which `configure` tells of what preset and dataset bring themselves."""
    knobs, data = given.get("knobs"), given.get("data")
    named = {f"data.{name}" for name in data} if isinstance(data, Mapping) else set()
    return named | (set(map(str, knobs)) if isinstance(knobs, Mapping) else set())
