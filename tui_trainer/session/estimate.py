"""How long runs take that are to be made, told from their budgets and from runs that were made here before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tui_trainer import config, datasets, units
from tui_trainer.config import Config
from tui_trainer.runs import store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.planned import Planned

FREE = ("seed", "device", "threads", "seconds", "save_every", "fit_batch")
"""Settings that do not change how long a step takes, or not in a way that can be told."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of several runs."""

    seconds: float
    """Of those whose time can be told."""
    known: int
    """How many these are."""
    count: int
    by_budget: bool = False
    """Whether all of them end after so many seconds, whatever happens."""

    @property
    def whole(self) -> float | None:
        """Seconds of all; None where nothing is known of one of them."""
        return self.seconds if self.known == self.count else None

    def words(self) -> str:
        """`about 3 min of training, as such runs took before`; empty where there is nothing to run."""
        if not self.count:
            return ""
        if not self.known:
            return (
                "how long they take is not known before the first has ended" if self.count > 1 else "how long it takes is not known"
            )
        about = f"about {units.duration(self.seconds)} of training"
        if self.known < self.count:
            return f"{about} for {self.known} of them, as such runs took before; of the others nothing is known yet"
        return f"{about}, by their budgets" if self.by_budget else f"{about}, as such runs took before"


def estimate(planned: Iterable[Planned]) -> float | None:
    """Seconds that these runs take; None where it cannot be told."""
    return told([(one, 1.0) for one in planned]).whole


def told(planned: Iterable[tuple[Planned, float]], before: Before | None = None) -> Estimate:
    """The same for parts of runs, from 0 to 1, with how much of it is known; `before` where that was looked at already."""
    found, seconds, known, count, by_budget = before or Before(), 0.0, 0, 0, True
    for one, share in planned:
        count += 1
        by_budget = by_budget and one.setup.config.budget[0] == "seconds"
        if (whole := found.seconds(one.setup.config, one.setup.splits[0])) is not None:
            seconds, known = seconds + share * whole, known + 1
    return Estimate(seconds, known, count, by_budget)


class Before:
    """The runs that were made here before, each read once and only when it is asked for."""

    def __init__(self) -> None:
        self._runs = store.everything()
        self._configs: dict[Run, Config | None] = {}
        self._rates: dict[str, float | None] = {}

    def seconds(self, wanted: Config, train: int = 0) -> float | None:
        """How long a run of these settings takes, as the newest one like it took; with the number of `train` samples, also as
        one would have that was stopped early."""
        unit, amount = wanted.budget
        if unit == "seconds":
            return amount
        key = json.dumps([unit, work(wanted)], sort_keys=True, default=str)
        if key not in self._rates:
            self._rates[key] = self._rate(wanted, train)
        rate = self._rates[key]
        return None if rate is None else rate * amount

    def _rate(self, wanted: Config, train: int) -> float | None:
        """Seconds for an epoch or a step."""
        part, unit = None, wanted.budget[0]
        steps = datasets.steps_per_epoch(train, wanted.batch_size) if unit == "epochs" and train else int(unit == "steps")
        pair = f"-{store.words(wanted.preset, wanted.dataset)}-"
        for run in self._runs:
            if pair not in run.name or (known := self._config(run)) is None or work(known) != work(wanted):
                continue
            summary = store.summary(run)
            if summary.status == "finished" and summary.epochs and known.budget[0] == unit:
                return summary.seconds / known.budget[1]
            if part is None and steps and summary.status == "stopped" and summary.steps:
                part = summary.seconds / summary.steps * steps
        return part

    def _config(self, run: Run) -> Config | None:
        if run not in self._configs:
            self._configs[run] = config_of(run)
        return self._configs[run]


def config_of(run: Run) -> Config | None:
    try:
        return run.config()
    except StoreError:  # somebody edited it, or a later version wrote it
        return None


def work(one: Config) -> dict[str, object]:
    """What decides how long a step takes: the settings but for those that are free, and the length of the run."""
    left_out = {*FREE, *config.BUDGETS, "lr", "momentum", "schedule"}
    return {name: value for name, value in asdict(one).items() if name not in left_out}
