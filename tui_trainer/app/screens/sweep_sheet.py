"""The sheet before a sweep: what it is, which runs, on which data, what is there already. It gives the queue, or nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Region
from textual.timer import Timer
from textual.widgets import Input

from tui_trainer import units
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.tab import put
from tui_trainer.app.sweeping import made
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.session import sweeping
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Sweep

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

MARGIN = 2
LABEL = 10
FIELD = 44
SETTLE = 0.25
"""Seconds without a key after which the dataset is looked at."""
MOST_RUNS = 3
"""Rows for the names of the runs."""


class SweepPanel(Rows):
    """Words, a field for the dataset, and buttons under them."""

    DEFAULT_CSS = """
    SweepPanel TextField { background: $lift; }
    """

    def __init__(self, sweep: Sweep) -> None:
        super().__init__(id="sheet")
        self.sweep = sweep
        self.state, self.problem = "", ""
        datasets = sweep.datasets
        self.field = TextField("dataset", datasets[0] if len(datasets) == 1 else "", path=True)
        self.field.placeholder = "as in the sweep" if len(datasets) != 1 else ""
        self.start = PushButton("start", "Start", first=True)
        self.over = PushButton("again", "Start over", first=True)
        self.cancel = PushButton("cancel", "Cancel", first=True)

    def compose(self) -> ComposeResult:
        yield from (self.field, self.start, self.over, self.cancel)

    def on_mount(self) -> None:
        for child in self.children:
            child.styles.position = "absolute"
        super().on_mount()

    def told(self, width: int) -> list[tuple[str, str]]:
        """Rows above the field: a label and its words."""
        room = max(width - 2 * MARGIN - LABEL, 20)
        count = len(self.sweep.entries)
        words = " · ".join(units.plain(entry.label).replace(" ", "\xa0") for entry in self.sweep.entries)
        names = [one.replace("\xa0", " ") for one in textwrap.wrap(words, room)]
        if len(names) > MOST_RUNS:
            names = [*names[: MOST_RUNS - 1], names[MOST_RUNS - 1][: room - 2] + " …"]
        source = [("from", one) for one in textwrap.wrap(units.plain(self.sweep.source), room)[:1]]
        return [*source, *((f"{count} run{'s' * (count != 1)}" if not at else "", one) for at, one in enumerate(names))]

    def rows(self, width: int) -> int:
        """With the rule, title, field, state, buttons, and blanks between."""
        return len(self.told(width)) + 8

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        ground, dim, text = ink.ink(on="raised"), ink.ink("dim", on="raised"), ink.ink("text", on="raised")
        room = width - 2 * MARGIN
        title = f"Sweep {units.plain(self.sweep.name)}"
        about = clipped(units.plain(self.sweep.about), room - len(title) - 3)
        rows: list[Line] = [line((title, ink.ink("bright", on="raised")), ("   " + about, text)), []]
        rows += [line((f"{label:<{LABEL}}", dim), (clipped(words, room - LABEL), text)) for label, words in self.told(width)]
        hint = clipped("folder:PATH takes its place", room - LABEL - FIELD - 2) if room - LABEL - FIELD > 30 else ""
        rows.append(line((f"{'dataset':<{LABEL + FIELD + 2}}", dim), (hint, dim)))
        if self.problem:
            rows.append(line((" " * LABEL, ground), (clipped("✕ " + self.problem, room - LABEL), ink.ink("worse", on="raised"))))
        else:
            rows.append(line((" " * LABEL, ground), (clipped(self.state, room - LABEL), dim)))
        lines = [[Segment(" " * MARGIN, ground), *one] for one in rows]
        return [
            line(("━" * width, ink.ink("you"))),
            *(fitted(one, width, ground) for one in [*lines, *([[]] * (height - len(lines) - 1))]),
        ]

    def arrange_fields(self, width: int) -> None:
        """The field on its row, the buttons on theirs."""
        y = 3 + len(self.told(width))
        x = MARGIN + LABEL
        put(self.field, Region(x, y, min(FIELD, width - x - MARGIN), 1))
        for button, size in ((self.start, 14), (self.over, 14), (self.cancel, 12)):
            shown = button is not self.over or self.over.label != ""
            put(button, Region(x, y + 3, size, 1) if shown else None)
            x += size + 2 if shown else 0


class SweepSheet(Layer[Queue]):
    """Answers with the queue to start; None for cancel."""

    BINDINGS = [Binding("escape", "cancel", "cancel", key_display="Esc", tooltip="Start nothing", id="cancel")]

    def __init__(self, sweep: Sweep, folders: tuple[Path, ...]) -> None:
        self.sheet = SweepPanel(sweep)
        super().__init__(self.sheet)
        self.sweep, self.folders = sweep, folders
        self._settling: Timer | None = None

    def on_mount(self) -> None:
        super().on_mount()
        self._look()
        self.set_focus(self.sheet.start)

    def place(self, size: Size) -> Region:
        bottom = size.height - (3 if size.airy else 2)
        rows = min(self.sheet.rows(size.width), bottom - 1)
        return Region(0, bottom - rows, size.width, rows)

    def lay_out(self) -> None:
        super().lay_out()
        self.sheet.arrange_fields(self.app.size.width)
        self.sheet.draw()

    def keys(self) -> Keys:
        return [("Tab", "next"), ("Enter", "start"), ("Esc", "cancel")]

    def _queue(self, *, again: bool = False) -> Queue | str:
        return made(self.sweep, self.sheet.field.value.strip(), self.folders, again=again)

    def _look(self) -> None:
        """What is wrong with the dataset, or what is there already and how long the rest may take."""
        found, sheet = self._queue(), self.sheet
        sheet.problem = found if isinstance(found, str) else ""
        sheet.state = "" if isinstance(found, str) else state(found)
        sheet.over.show("Start over" if isinstance(found, Queue) and found.kept else "")
        word = "Start" if isinstance(found, str) or not found.kept else "Go on" if found.waiting else "Results"
        sheet.start.show(word, faint=isinstance(found, str))
        sheet.field.mark(bool(sheet.problem))
        self.lay_out()

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self._look)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._start()

    @on(PushButton.Pressed)
    def _pressed(self, message: PushButton.Pressed) -> None:
        if message.button is self.sheet.cancel:
            self.dismiss(None)
        else:
            self._start(again=message.button is self.sheet.over)

    def _start(self, *, again: bool = False) -> None:
        found = self._queue(again=again)
        if isinstance(found, Queue):
            self.dismiss(found)
        else:
            self._look()

    def action_cancel(self) -> None:
        self.dismiss(None)


def state(queue: Queue) -> str:
    """`2 of 6 runs are there already, 2 h ago; 4 more take about 3 min`"""
    there, left = queue.going_on(), len(queue.waiting)
    if not left:
        return f"{there}; nothing is left to run"
    seconds = sweeping.estimate(queue.waiting)
    about = f"about {units.duration(seconds)} of training" if seconds is not None else ""
    return "; ".join(part for part in (there, about) if part) or "each run is kept, as any other is"
