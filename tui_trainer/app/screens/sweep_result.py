"""What came of a sweep: published beside measured, over the screen it was called from. Records are read one at a time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_trainer import units
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs import outcome, result
from tui_trainer.runs.outcome import Outcome
from tui_trainer.runs.result import Part
from tui_trainer.runs.swept import Swept
from tui_trainer.session import sweeping
from tui_trainer.sweeps import Sweep

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

NEXT = 0.01
"""Seconds between two records: keys get their turn in between."""
LABELLED = 24
"""Columns that a label has at least before columns at the right are left out."""
GAP = 2


class SweepResultPanel(ScrolledPanel):
    """The tables under each other, then the notes."""

    def __init__(self, sweep: Sweep, given: str) -> None:
        super().__init__(id="sweep")
        self.title = f"Sweep {units.plain(sweep.name)}"
        self.sweep, self.given = sweep, given
        self.found: dict[str, list[Outcome]] = {}
        self.left = 0
        """Records that are still to be read."""

    def legend(self, width: int) -> Line:
        words = [f"reading, {self.left} to go"] if self.left else ["published beside measured"]
        words += [self.given] if self.given else []
        return line((clipped(units.plain(" · ".join(words)), width), self.ink.ink("dim")))

    def aside(self) -> Line:
        return line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []

    def total(self) -> int:
        return len(self._all(self.size.width - 2))

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        return self._all(width)[first : first + height]

    def _all(self, width: int) -> list[Line]:
        rows: list[Line] = []
        for part in result.parts(self.sweep.entries, self.found):
            rows += [[], *self._table(part, width)]
        rows.append([])
        for name, text in result.notes(self.sweep, self.sweep.entries, self.found):
            wrapped = textwrap.wrap(units.plain(f"{name}: {text}"), max(width, 20), subsequent_indent="  ")
            rows += [line((one, self.ink.ink("dim"))) for one in wrapped]
        return rows[1:]

    def _table(self, part: Part, width: int) -> list[Line]:
        sizes = fitting(part, width)
        right = [heading in part.right for heading in part.headings]
        lines = []
        for number, row in enumerate((part.headings, *part.rows)):
            spans: Line = []
            for at, (cell, size) in enumerate(zip(row, sizes, strict=False)):
                text = clipped(units.plain(cell), size)
                shown = text.rjust(size) if right[at] else text.ljust(size)
                colour = "dim" if not number else self._colour(part.headings[at], cell)
                spans += line((shown + " " * GAP, self.ink.ink(colour)))
            lines.append(spans)
        return lines

    def _colour(self, heading: str, cell: str) -> str:
        if heading in {"points", "difference"}:
            return "worse" if cell.endswith("✕") else "best" if cell.endswith("✓") else "text"
        if heading == "record":
            return "worse" if cell.endswith(("failed", "diverged", "lost")) else "dim"
        return {"run": "bright", "measured": "bright", "published": "val", "time": "dim"}.get(heading, "text")


def fitting(part: Part, width: int) -> list[int]:
    """Columns of a table that fit: those at the right end go first, then labels are cut."""
    sizes = [max(len(units.plain(cell)) for cell in column) for column in zip(part.headings, *part.rows, strict=True)]
    label = min(sizes[0], LABELLED)
    while len(sizes) > 4 and label + sum(sizes[1:]) + GAP * len(sizes) > width + GAP:
        sizes.pop()
    sizes[0] = max(min(sizes[0], width - sum(sizes[1:]) - GAP * (len(sizes) - 1)), 8)
    return sizes


class SweepResultScreen(Layer[None]):
    """The tables; `Esc` and `q` go back."""

    BINDINGS = [
        Binding("escape,q", "back", "back", key_display="Esc", tooltip="To the screen below", id="back"),
        Binding("g", "edge(False)", "top", tooltip="To the first line", id="top"),
        Binding("G", "edge(True)", "end", tooltip="To the last line", id="end"),
    ]

    def __init__(self, sweep: Sweep, record: Swept, folders: Iterable[Path]) -> None:
        given = " ".join(f"{name} {value}" for name, value in record.given.items())
        self.table = SweepResultPanel(sweep, given)
        super().__init__(self.table)
        self._unread = sweeping.recorded(sweep, record, folders)

    def on_mount(self) -> None:
        super().on_mount()
        self._read()

    def _read(self) -> None:
        if self._unread:
            label, run = self._unread.pop(0)
            self.table.found.setdefault(label, []).append(outcome.read(run))
            self.set_timer(NEXT, self._read)
        self.table.left = len(self._unread)
        self.table.draw()

    def keys(self) -> Keys:
        return [("↑↓", "scroll"), ("g", "top"), ("G", "end"), ("Esc", "back")]

    def action_edge(self, last: bool) -> None:
        self.table.action_move(1_000_000 if last else -1_000_000)

    def action_back(self) -> None:
        self.dismiss(None)
