"""How long runs will take that were not begun, and how that is known: from their budgets, from runs like them that were
made here, from batches that were timed. What none of these tells stays unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_trainer.config import Config
from tui_trainer.measured import Measured
from tui_trainer.session.estimate import Before, work
from tui_trainer.session.setup import Setup

MOST_TIMED = 12
"""Kinds of work of which batches are timed before anybody asked to start."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds of training, and for how many of the runs which source was asked."""

    seconds: float = 0.0
    """Of the runs that can be told."""
    by_budget: int = 0
    earlier: int = 0
    timed: int = 0
    unknown: int = 0

    @property
    def words(self) -> str:
        """How it is known, in a phrase; what is still missing."""
        found = ["earlier runs like these"] if self.earlier else []
        found += ["batches timed here"] if self.timed else []
        if not self.seconds:
            return "how long is not known yet" if self.unknown else ""
        known = f"from {' and '.join(found)}" if found else "each run ends by the clock"
        left = f"; {self.unknown} run{'s' * (self.unknown != 1)} not timed yet"
        return known + left * bool(self.unknown)


class Forecaster:
    """Remembers what was timed, and what earlier runs took."""

    def __init__(self) -> None:
        self._timed: dict[str, Measured] = {}
        self._before: Before | None = None
        self.version = 0
        """Changes with all that it learns."""

    def learn(self, found: Measured | None) -> None:
        """Take in what was measured of a config."""
        if found is not None and isinstance(found.key, Config):
            self.version += self._timed.get(_kind(found.key)) is not found
            self._timed[_kind(found.key)] = found

    def forget(self) -> None:
        """Another run has ended, or a preset changed: look again."""
        self._before = None
        self.version += 1

    def measured(self, wanted: Config) -> Measured | None:
        """What was measured of a config, or of one whose steps take as long."""
        return self._timed.get(_kind(wanted))

    def of(self, setups: Iterable[Setup]) -> Forecast:
        """What these runs will take together."""
        total, counts = 0.0, {"by_budget": 0, "earlier": 0, "timed": 0, "unknown": 0}
        for setup in setups:
            seconds, source = self._seconds(setup.config)
            total += seconds
            counts[source] += 1
        return Forecast(total, **counts)

    def next_to_time(self, setups: Sequence[Setup]) -> Setup | None:
        """One of which a few batches should be timed: the first of all, then whatever cannot be told."""
        kinds = {_kind(setup.config): setup for setup in reversed(setups)}
        if not setups:
            return None
        if self.measured(setups[0].config) is None:
            return setups[0]
        left = [one for kind, one in kinds.items() if kind not in self._timed and self._seconds(one.config)[1] == "unknown"]
        return left[-1] if left and sum(kind in self._timed for kind in kinds) < MOST_TIMED else None

    def _seconds(self, wanted: Config) -> tuple[float, str]:
        unit, amount = wanted.budget
        if unit == "seconds":
            return amount, "by_budget"
        self._before = self._before or Before()
        if (seconds := self._before.seconds(wanted)) is not None:
            return seconds, "earlier"
        timed = self._timed.get(_kind(wanted))
        if timed is None or timed.problem:
            return 0.0, "unknown"
        epochs = amount if unit == "epochs" else amount / max(timed.steps_per_epoch, 1)
        return timed.epoch_seconds * epochs, "timed"


def _kind(one: Config) -> str:
    """What decides how long a step takes."""
    return json.dumps(work(one), sort_keys=True, default=str)
