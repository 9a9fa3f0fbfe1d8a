"""The pre-flight card: what a run will take, from a few batches that were really timed."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui_trainer import config as settings
from tui_trainer import units
from tui_trainer.app.widgets.bars import bar
from tui_trainer.app.widgets.fields import text_of
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line, width_of
from tui_trainer.config import Config
from tui_trainer.measured import Measured

VALUE_ENDS = 23
"""Columns of label and value together."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Fact(NamedTuple):
    """One row: a label, the figure, and a few words, in as many columns as there are."""

    label: str = ""
    value: str = ""
    notes: tuple[str, ...] = ()
    """From long to short; the first that fits is shown."""
    share: float | None = None
    """Drawn as a bar after the words."""


class SweepTold(NamedTuple):
    """What is known of a sweep before it starts."""

    runs: int
    makes: str
    """What makes them so many: `3 presets × 2 rates`; empty where one number says it."""
    seconds: float
    """Of those whose time can be told."""
    unknown: int
    """How many that is not."""
    words: str
    """How it is known."""
    first: str
    """Label of the first of them, for which the other figures hold."""

    @property
    def said(self) -> str:
        """`6 runs: 3 presets × 2 rates`"""
        runs = f"{units.count(self.runs)} run{'s' * (self.runs != 1)}"
        return f"{runs}: {self.makes}" if self.makes else runs

    @property
    def time(self) -> str:
        """The time of all, or that it is more than what is known; a dot where nothing is."""
        if not self.seconds:
            return units.UNKNOWN
        return f"over {units.duration(self.seconds)}" if self.unknown else units.duration(self.seconds)


class PreflightCard(Panel):
    """Parameters, multiply-adds, memory, steps, and the time that an epoch and the whole run will take."""

    title = "Pre-flight"

    def __init__(self, *, id: str | None = None, now: Callable[[], float] = time.time) -> None:
        super().__init__(id=id)
        self._now = now
        self._measured: Measured | None = None
        self._busy = ""
        self._config: Config | None = None
        self._valid = True
        self._wrong: tuple[str, ...] = ()
        self._fetch = 0
        self._problem = ""
        self._sweep: SweepTold | None = None

    def show(
        self,
        measured: Measured | None,
        busy: str,
        config: Config | None,
        valid: bool,
        wrong: Sequence[str] = (),
        fetch: int = 0,
        problem: str = "",
        sweep: SweepTold | None = None,
    ) -> None:
        """`config` is the last valid one; `wrong` names the settings that are not, where something is; `fetch` is how many
        bytes of the dataset are not here yet; `problem` is what is wrong with the dataset, which the form has no room for;
        `sweep` where there is more than one run, whose first the figures are of."""
        self._sweep = sweep
        self._measured, self._busy, self._config, self._valid = measured, busy, config, valid
        self._wrong, self._fetch = tuple(wrong), fetch
        self._problem = problem or (measured.problem if measured else "")
        self.draw()

    def aside(self) -> Line:
        if self._busy:
            text = self._busy
        elif self._measured and not self._measured.problem:
            text = f"measured, {self._measured.batches} batches"
        else:
            text = ""
        return line((text, self.ink.ink("dim"))) if text else []

    def body(self, width: int, height: int) -> list[Line]:
        indent = 1 if width >= 44 else 0
        room = width - 2 * indent
        below = self._below(room)[:height]
        if self._sweep is not None:
            pad = (" " * indent, self.ink.ink())
            return [line(pad, *row) for row in self._of_sweep(self._sweep, room, height, below)]
        rows = [self._row(fact, room) for fact in self._facts()]
        if self._problem:
            rows = rows[: max(height - len(below) - 1, 0)]  # the sentence counts for more than figures
        blank: Line = []
        gaps = height - len(rows) - len(below) - bool(below)
        if gaps >= 1 and rows:
            rows.insert(3, blank)
        if gaps >= 2:
            rows.insert(0, blank)
        if below:
            rows += [blank] * (gaps >= 0 and bool(rows)) + below
        pad = (" " * indent, self.ink.ink())
        return [line(pad, *row) for row in rows]

    def _of_sweep(self, sweep: SweepTold, width: int, height: int, below: list[Line]) -> list[Line]:
        """How many runs, how long, how that is known; then what was measured of the first."""
        ink, dim = self.ink, self.ink.ink("dim")
        done = self._done(sweep.seconds) if not sweep.unknown and sweep.seconds else ()
        rows = [line((clipped(sweep.said, width), ink.ink("bright"))), self._row(Fact("in all", sweep.time, done), width)]
        rows += [line((one, dim)) for one in textwrap.wrap(sweep.words, width)]
        first = [line((clipped(f"the first: {units.plain(sweep.first)}", width), dim))]
        first += [self._row(fact, width) for fact in self._facts()[:5]]
        if below:
            return [*rows, [], *below][:height]
        blank: list[Line] = [[]] if len(rows) + len(first) < height else []
        return [*blank, *rows, [], *first][:height]

    def _facts(self) -> list[Fact]:
        told = self._measured or Measured()
        known = not told.problem and told.parameters > 0
        free = f"of {_gigabytes(told.memory_free)} free"
        pictures = len(told.input_shape) == 3
        speed = f"{units.speed(told.samples_per_second)} {'img/s' if pictures else 'samples/s'}"
        label, took, note = self._whole(told if known else None)
        config = self._config
        batch = text_of(config.batch_size) if config else ""
        if not known:
            unknown = [Fact(name, units.UNKNOWN) for name in ("parameters", "multiply-adds", "memory", "steps", "one epoch")]
            return [*unknown, Fact(label, units.UNKNOWN)]
        return [
            Fact(
                "parameters",
                units.count(told.parameters),
                (f"{units.size(told.weight_bytes)} of weights", units.size(told.weight_bytes)),
            ),
            Fact("multiply-adds", units.short_count(told.multiply_adds), ("a picture" if pictures else "a sample",)),
            Fact(
                "memory",
                units.size(told.memory),
                (free, f"of {_gigabytes(told.memory_free)}") if told.memory_free else (),
                told.memory / told.memory_free if told.memory_free else None,
            ),
            Fact("steps", units.count(told.steps_per_epoch), (f"an epoch, of {batch}" if batch else "an epoch", "an epoch")),
            Fact("one epoch", units.duration(told.epoch_seconds), (speed,)),
            Fact(label, took, note),
        ]

    def _whole(self, told: Measured | None) -> tuple[str, str, tuple[str, ...]]:
        """Label, time and words of the whole run."""
        unit, amount = self._config.budget if self._config else ("epochs", 1)
        if unit == "seconds":
            label, seconds = "the run", float(amount)
        elif unit == "steps":
            label = f"{units.count(round(amount))} steps"
            seconds = told.epoch_seconds * amount / max(told.steps_per_epoch, 1) if told else 0.0
        else:
            few = NUMBERS[round(amount)] if amount < len(NUMBERS) else units.count(round(amount))
            label = f"{few} epochs" if amount != 1 else "all of it"
            seconds = told.epoch_seconds * amount if told else 0.0
        if told is None:
            return label, units.UNKNOWN, ()
        return label, units.duration(seconds), self._done(seconds)

    def _done(self, seconds: float) -> tuple[str, ...]:
        """When so many seconds will be over, within a day."""
        at = time.strftime("%H:%M", time.localtime(self._now() + seconds))
        return (f"done about {at}", at) if seconds < 86400 else ()

    def _row(self, fact: Fact, width: int) -> Line:
        ink = self.ink
        ends = min(VALUE_ENDS, max(width * 6 // 10, 20))
        value = fact.value.rjust(ends - len(fact.label) - 1)
        colour = "bright" if fact.value != units.UNKNOWN else "dim"
        row = line((fact.label + " ", ink.ink("dim")), (value, ink.ink(colour)))
        room = width - width_of(row) - 2
        note = next((text for text in fact.notes if len(text) <= room), "")
        if note:
            row += line(("  " + note, ink.ink("dim")))
        left = width - width_of(row) - 2
        if fact.share is not None and left >= 6:
            row += line(("  ", ink.ink()), *bar(ink, max(fact.share, 0.05), min(left, 10), "text"))
        return row

    def _below(self, width: int) -> list[Line]:
        """What must be known about the figures: a problem, or which settings they hold for."""
        ink = self.ink
        if self._problem:
            rows = textwrap.wrap(units.plain(self._problem), width - 2, break_on_hyphens=False)
            return [line((("✕ " if index == 0 else "  ") + row, ink.ink("worse"))) for index, row in enumerate(rows)]
        if self._fetch:
            amount = units.file_size(self._fetch)
            texts = (f"the dataset is not here yet: {amount} are fetched first", f"{amount} are fetched first", f"fetches {amount}")
            text = next((text for text in texts if len(text) <= width - 2), texts[-1])
            return [line(("◌ ", ink.ink("dim")), (clipped(text, width - 2), ink.ink()))]
        if not self._valid and self._measured and self._config:
            one = self._valid_one()
            texts = (f"figures for {one}, the last valid one", f"for {one}, the last valid one", f"for {one}")
            text = next((text for text in texts if len(text) <= width - 2), texts[-1])
            return [line(("! ", ink.ink("warn", bold=True)), (clipped(text, width - 2), ink.ink("warn")))]
        return []

    def _valid_one(self) -> str:
        """The first wrong setting with the value that the figures hold for: `batch 128`."""
        name = next((one for one in self._wrong if one in settings.BY_NAME), "")
        if not name or not self._config or (value := getattr(self._config, name)) is None:
            return "these settings"
        return f"{settings.BY_NAME[name].label} {text_of(value)}"


def _gigabytes(amount: int) -> str:
    """8 GB: free memory, where tenths say nothing."""
    return f"{round(amount / 1e9)} GB" if amount >= 4e9 else units.size(amount)
