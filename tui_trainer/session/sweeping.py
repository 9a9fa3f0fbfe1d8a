"""A sweep as a queue of runs: which are to be made, which are there already, which comes next, how long it may take.

It trains nothing. The command line and the screen take the next run from here and start it as they start any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tui_trainer import config, units
from tui_trainer.config import Config, ConfigError
from tui_trainer.runs import outcome, store, swept
from tui_trainer.runs.outcome import Outcome
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.runs.swept import Key, Swept
from tui_trainer.session.making import create
from tui_trainer.session.setup import Setup, configure
from tui_trainer.sweeps import Entry, Sweep, SweepError, laid

SETTLED = frozenset({"finished", "diverged"})
"""States of a run that would come out the same again."""
FREE = ("seed", "device", "threads", "seconds", "save_every", "fit_batch")
"""Settings that do not change how long a step takes, or not in a way that can be told."""


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
    setups = [(entry.label, _setup(sweep, entry, given, folders)) for entry in entries]
    return [
        Planned(label, Setup(setup.config.but(seed=setup.config.seed + more), setup.preset, setup.dataset))
        for more in range(seeds)
        for label, setup in setups
    ]


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
        raise SweepError(f"sweep {sweep.name}, {entry.label!r}: {name}: {text}") from error


def _own(given: Mapping[str, object]) -> set[str]:
    """Names under which `configure` tells of what preset and dataset bring themselves."""
    knobs, data = given.get("knobs"), given.get("data")
    named = {f"data.{name}" for name in data} if isinstance(data, Mapping) else set()
    return named | (set(map(str, knobs)) if isinstance(knobs, Mapping) else set())


class Queue:
    """The runs of one sweep, one after another. Those that are there already are not made again."""

    def __init__(self, sweep: Sweep, given: Mapping[str, object], planned: Sequence[Planned], *, again: bool = False) -> None:
        """Goes on with the newest record of the same sweep and settings, unless `again`. Raises StoreError while another
        process trains one of its runs."""
        self.sweep, self.given, self.planned = sweep, dict(given), list(planned)
        self.swept = None if again else latest(sweep, given)
        self._runs: dict[Key, Run] = {}
        if self.swept is not None:
            self._runs = made(self.swept, self.planned)
        states = {key: store.summary(run).status for key, run in self._runs.items()}
        if elsewhere := [self._runs[key].id for key, state in states.items() if state in store.ALIVE]:
            raise StoreError(f"run {elsewhere[0]} of sweep {sweep.name} is being trained: wait for it, or stop it first")
        self.waiting = [one for one in self.planned if states.get(one.key) not in SETTLED]
        self.kept = len(self.planned) - len(self.waiting)
        """How many were there already."""
        self.current: Planned | None = None

    @property
    def number(self) -> int:
        """Which of the runs is the current one, from 1."""
        return len(self.planned) - len(self.waiting)

    def begin_next(self) -> Run | None:
        """Make the folder of the next run and note it; None when there is none left. Raises StoreError.

        What cannot be made stays the next one.
        """
        if not self.waiting:
            return None
        one = self.waiting[0]
        run = create(one.setup)
        if self.swept is None:
            self.swept = swept.begin(self.sweep.name, self.given)
        self.swept.add(one.key, run)
        self._runs[one.key] = run
        self.current = self.waiting.pop(0)
        return run

    def going_on(self) -> str:
        """`4 of 6 runs are there already, begun 2 h ago`; empty for a sweep that begins."""
        if not self.kept or self.swept is None:
            return ""
        verb = "is" if self.kept == 1 else "are"
        return f"{self.kept} of {len(self.planned)} runs {verb} there already, {ago(self.swept.time)}"

    def outcomes(self) -> dict[str, list[Outcome]]:
        """What the runs came to, by label; those that were never begun are not in it."""
        found: dict[str, list[Outcome]] = {}
        for one in self.planned:
            if (run := self._runs.get(one.key)) is not None:
                found.setdefault(one.label, []).append(outcome.read(run))
        return found


def latest(sweep: Sweep, given: Mapping[str, object] | None = None) -> Swept | None:
    """The newest record of a sweep; with these settings, where they are named."""
    records = swept.everything(sweep.name)
    return next((one for one in records if given is None or one.given == dict(given)), None)


def made(record: Swept, planned: Iterable[Planned]) -> dict[Key, Run]:
    """Which of the planned runs a record has, with just these settings."""
    runs = record.runs()
    return {one.key: runs[one.key] for one in planned if one.key in runs and _config(runs[one.key]) == one.setup.config}


def _config(run: Run) -> Config | None:
    try:
        return run.config()
    except StoreError:  # somebody edited it, or a later version wrote it
        return None


def ago(when: float) -> str:
    """`2 h ago`, or `just now`."""
    age = units.age(max(time.time() - when, 0))
    return "just now" if age == "now" else f"{age} ago"


def estimate(planned: Iterable[Planned]) -> float | None:
    """Seconds that these runs take, from their budgets and from runs that were made here before; None where it cannot be told."""
    total = 0.0
    for one in planned:
        if (seconds := _seconds(one.setup.config)) is None:
            return None
        total += seconds
    return total


def _seconds(wanted: Config) -> float | None:
    unit, amount = wanted.budget
    if unit == "seconds":
        return amount
    pair = f"-{store.words(wanted.preset, wanted.dataset)}-"
    for run in store.everything():
        if pair not in run.name or (known := _config(run)) is None or _work(known) != _work(wanted):
            continue
        summary = store.summary(run)
        if summary.status == "finished" and summary.epochs and known.budget[0] == unit:
            return summary.seconds * amount / known.budget[1]
    return None


def _work(one: Config) -> dict[str, object]:
    """What decides how long a step takes: the settings but for those that are free, and the length of the run."""
    left_out = {*FREE, *config.BUDGETS, "lr", "momentum", "schedule"}
    return {name: value for name, value in asdict(one).items() if name not in left_out}


def recorded(sweep: Sweep, record: Swept, folders: Iterable[Path] = ()) -> list[tuple[str, Run]]:
    """The runs of a record by the labels of the sweep, in its order; without those that its file would now make otherwise."""
    runs = record.runs()
    order = {entry.label: number for number, entry in enumerate(sweep.entries)}
    found = sorted((key for key in runs if key[0] in order), key=lambda key: (order[key[0]], key[1]))
    try:
        wanted = {one.label: one.setup.config for one in plan(sweep, record.given, folders)}
    except (ConfigError, SweepError):  # a dataset or a preset is gone: the record stands for itself
        return [(key[0], runs[key]) for key in found]
    return [(label, runs[label, seed]) for label, seed in found if _config(runs[label, seed]) == wanted[label].but(seed=seed)]
