"""Settings of the run under the cursor, with its name, its note and what came of it: as much of it as there is room for."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets import run_facts
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line
from tui_trainer.app.widgets.run_facts import Fact

if TYPE_CHECKING:
    from tui_trainer.runs.history import History
    from tui_trainer.runs.store import Summary

LABEL = 11
COLUMN = 24
"""Columns of a setting at least, where they stand side by side."""
LOW = 5
"""Rows under which the facts share one."""
LONGEST = 3
"""Rows of a note at most."""


class RunCard(Panel, can_focus=False):
    """Settings first, then a blank row and the facts; settings go side by side where rows are few."""

    title = "Settings"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._run: Summary | None = None
        self._settings: list[tuple[str, str]] = []
        self._facts: list[Fact] = []

    def show(self, run: Summary | None, history: History | None = None) -> None:
        """What is known of this run; with its history, also what only the whole record says."""
        settings = run_facts.settings(run, history) if run is not None else []
        facts = run_facts.facts(run, history) if run is not None else []
        if (run, settings, facts) != (self._run, self._settings, self._facts):
            self._run, self._settings, self._facts = run, settings, facts
            self.draw()

    def aside(self) -> Line:
        return line((f"run {self._run.run.id}", self.ink.ink("dim"))) if self._run is not None else []

    def lines(self, width: int, height: int) -> list[Line]:
        return super().lines(width, height) if self._run is not None else []

    def body(self, width: int, height: int) -> list[Line]:
        if self._run is None or height < 1 or width < 1:
            return []
        if height < LOW:
            facts = [self._joined(width)] if self._facts else []
            return [*self._cells(width, height - len(facts), COLUMN), *facts]
        facts = [row for fact in self._facts for row in self._said(fact, width)]
        facts = facts[: max(height - len(self._settings) - 1, height * 2 // 3)]
        room = height - len(facts) - bool(facts)
        cells = self._cells(width, room, width if len(self._settings) <= room else COLUMN)
        return [*cells, *([[]] if facts else []), *facts]

    def _cells(self, width: int, rows: int, column: int) -> list[Line]:
        """Settings from top to bottom, in as many columns as fit where one is too short."""
        across = max(width // column, 1)
        each = width // across
        if rows < 1:
            return []
        rows = min(rows, -(-len(self._settings) // across)) if across > 1 else rows
        shown = self._settings[: rows * across]
        cells = [fitted(self._pair(name, value, each - 1), each, self.ink.ink()) for name, value in shown]
        return [[part for cell in cells[row::rows] for part in cell] for row in range(min(rows, len(cells)))]

    def _pair(self, label: str, value: str, width: int) -> Line:
        text = clipped(units.plain(value), width - LABEL)
        return [Segment(padded(label, LABEL - 1) + " ", self.ink.ink("dim")), Segment(text, self.ink.ink())]

    def _said(self, fact: Fact, width: int) -> list[Line]:
        """A fact in as many rows as it needs, a few at most."""
        words = f"{fact.words} " if fact.words else ""
        text = units.plain(fact.value)
        parts = textwrap.wrap(words + text, max(width, 1), break_on_hyphens=False) or [""]
        if len(parts) > LONGEST:
            parts = [*parts[: LONGEST - 1], " ".join(parts[LONGEST - 1 :])]
        first = parts[0].removeprefix(words)
        dim, style = self.ink.ink("dim"), self.ink.ink(fact.colour)
        rows = [line((words if first != parts[0] else "", dim), (clipped(first, width - len(words)), style))]
        return rows + [line((clipped(part, width), style)) for part in parts[1:]]

    def _joined(self, width: int) -> Line:
        """All facts in one row, as far as it goes."""
        dim, spans = self.ink.ink("dim"), list[Segment]()
        left = width
        for fact in self._facts:
            words = ("   " if spans else "") + (f"{fact.words} " if fact.words else "")
            if left - len(words) < 4:
                break
            text = clipped(units.plain(fact.value), left - len(words))
            spans += line((words, dim), (text, self.ink.ink(fact.colour)))
            left = width - sum(part.cell_length for part in spans)
        return spans
