"""Settings of the run under the cursor, with its name, its note and what came of it: as much of it as there is room for."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets import run_facts
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line, width_of
from tui_trainer.app.widgets.run_facts import Fact

if TYPE_CHECKING:
    from tui_trainer.runs.history import History
    from tui_trainer.runs.store import Summary

LABEL = 11
APART = 3
"""Columns between two things in one row."""
LOW = 5
"""Rows under which the facts have one."""
LONGEST = 3
"""Rows of a note at most."""


class RunCard(Panel, can_focus=False):
    """Settings first, then a blank row and the facts; both go side by side where rows are few."""

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
        facts = self._packed(width)
        if height < LOW:
            facts = facts[:1]
            return [*self._cells(width, height - len(facts)), *facts]
        facts = facts[: max(height - len(self._settings) - 1, height // 2)]
        return [*self._cells(width, height - len(facts) - bool(facts)), *([[]] if facts else []), *facts]

    def _cells(self, width: int, rows: int) -> list[Line]:
        """Settings from top to bottom, side by side where rows are few: in as many columns as it takes, or as fit."""
        pairs = [(clipped(units.plain(name), LABEL - 1), units.plain(value)) for name, value in self._settings]
        if rows < 1 or not pairs:
            return []
        across = -(-len(pairs) // rows)
        if across == 1:
            return [self._pair(name, value, LABEL, width) for name, value in pairs]
        while across > 1 and self._taken(pairs[: rows * across], rows) > width:
            across -= 1
        lines: list[Line] = [[] for _ in range(min(rows, len(pairs)))]
        for at in range(across):
            part = pairs[at * rows : (at + 1) * rows]
            label, wide = _widths(part) if across > 1 else (LABEL, width)
            for row, (name, value) in zip(lines, part, strict=False):
                row += fitted(self._pair(name, value, label, wide), min(wide + APART, width), self.ink.ink())
        return lines

    def _taken(self, pairs: list[tuple[str, str]], rows: int) -> int:
        """Columns that these take side by side."""
        parts = [pairs[at : at + rows] for at in range(0, len(pairs), rows)]
        return sum(_widths(part)[1] + APART for part in parts) - APART

    def _pair(self, label: str, value: str, wide: int, width: int) -> Line:
        return [Segment(padded(label, wide - 1) + " ", self.ink.ink("dim")), Segment(clipped(value, width - wide), self.ink.ink())]

    def _packed(self, width: int) -> list[Line]:
        """The facts, short ones beside each other."""
        rows: list[Line] = []
        gap = Segment(" " * APART, self.ink.ink())
        alone = True
        for fact in self._facts:
            said = self._said(fact, width)
            if not alone and len(said) == 1 and width_of(rows[-1]) + APART + width_of(said[0]) <= width:
                rows[-1] = [*rows[-1], gap, *said[0]]
            else:
                rows += said
            alone = len(said) > 1
        return rows

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


def _widths(pairs: list[tuple[str, str]]) -> tuple[int, int]:
    """Columns of the labels with their blank, and of label and value together."""
    label = max(cell_len(name) for name, _ in pairs) + 1
    return label, label + max(cell_len(value) for _, value in pairs)
