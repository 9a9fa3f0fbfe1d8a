"""The notes: what happened, newest on top, then the most mistaken pairs and what it amounts to.

Texts longer than the panel is wide go on below: the newest as far as there is room, older ones where there is plenty.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded, told_apart
from tui_trainer.app.widgets.confusion import pair_line
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from tui_trainer.runs.history import Confused, History, Note
    from tui_trainer.runs.verdict import Verdict

AIRY = 8  # rows from which there is a blank one, a second pair, and the time in the rule
PLENTY = 16  # rows from which every note has as many as it needs
NARROW = 38  # columns under which there is no heading and no tail
MARKS = {
    "rate": ("•", "you"),
    "threads": ("•", "dim"),
    "pause": ("‖", "dim"),
    "go on": ("▸", "dim"),
    "warning": ("!", "warn"),
    "test": ("✓", "best"),
}
VERDICTS = {"good": ("✓", "best"), "warn": ("!", "warn"), "bad": ("✕", "worse")}
TAIL = " last epoch"  # goes first where the verdict is too long


class NotesPanel(ScrolledPanel):
    """Shows `History.notes`, the top of `History.confused()` and a verdict."""

    title = "Notes"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._key: tuple[object, ...] | None = None
        self._notes: list[Note] = []
        self._pairs: list[Confused] = []
        self._verdict: Verdict | None = None
        self._elapsed = ""
        self._best = 0
        self._called: tuple[str, ...] = ()

    def show(self, history: History, epoch: int | None = None) -> None:
        """Repaints when a note, an evaluation, the end or the elapsed second is new; with an `epoch`, as it was after that one."""
        seen = history.at_epoch(epoch) if epoch is not None else None
        seconds = seen.seconds if seen is not None else max(history.seconds, 0.0)
        elapsed = f"{units.duration(seconds)} elapsed" if history.started else ""
        newest = history.notes[-1] if history.notes else None
        key = (
            id(history),
            epoch,
            len(history.notes),
            newest,
            history.evaluation,
            history.ended,
            len(history.loss.nonfinite),
            elapsed,
        )
        if key == self._key:
            return
        same = self._key is not None and self._key[:2] == key[:2]
        self._key = key
        before = len(self._notes)
        self._notes = [note for note in reversed(history.notes) if seen is None or note.step <= seen.step]
        if self.top > 0:  # what is being read stays where it is
            self.top = self.top + sum(self._heights()[: max(len(self._notes) - before, 0)]) if same else 0
        self._pairs, self._called = history.confused(2, epoch), history.classes
        self._verdict = history.verdict() if seen is None else None  # it is of the newest epoch
        self._elapsed = elapsed
        self._best = history.best.step if history.best else 0
        self.draw()

    def aside(self) -> Line:
        text = self.extent() if self.first() > 0 else self._elapsed
        return line((text, self.ink.ink("dim"))) if text and self.size.height >= AIRY else []

    def total(self) -> int:
        return sum(self._heights())

    def room(self) -> int:
        return self._layout(self.size.width - 2, self.size.height - 1)[0]

    def _layout(self, width: int, height: int) -> tuple[int, int, bool, bool]:
        """Rows for notes, rows for pairs, whether there is a blank row, and a heading. Small rooms keep the newest notes."""
        left = height - (1 if self._verdict else 0)
        pairs = min(len(self._pairs), 2 if height >= AIRY else 1 if height >= 4 else 0)
        left -= pairs
        blank = height >= AIRY and bool(pairs or self._verdict)
        heading = height >= 9 and width >= NARROW and pairs > 0
        return max(left - blank - heading, 0), pairs, blank, heading

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        if not self._notes and not self._verdict:
            return [line(("nothing yet", ink.ink("dim")))] if height > 0 else []
        room, pairs, blank, heading = self._layout(width, height)
        found = list(self._shown(self.first(), room, width))
        if blank:
            found.append([])
        if heading:
            found.append(line(("most mistaken", ink.ink("dim"))))
        names = max((cell_len(units.plain(name)) for pair in self._pairs for name in pair[:2]), default=3)
        tail = max((len(f" → {'':>7}  {pair.count:>3} of {pair.of}") for pair in self._pairs), default=0)
        counts = 2 * names + tail <= width
        names = max(3, min(names, (width - 10) // 2))
        short = dict(zip(self._called, told_apart(self._called, names), strict=True))
        for pair in self._pairs[:pairs]:
            said = [short.get(name, name) for name in pair[:2]]
            found.append(pair_line(ink, said, pair.count, pair.of, names, counts=counts))
        if self._verdict:
            found.append(self._verdict_line(self._verdict, width))
        return found

    def _column(self) -> int:
        """Columns of the number of an epoch."""
        return max((len(str(note.epoch)) for note in self._notes if note.kind == "val"), default=1)

    def _heights(self) -> list[int]:
        """Rows of each note."""
        room = self.size.width - 3 - self._column()
        return [len(self._wrapped(at, room)) for at in range(len(self._notes))]

    def _wrapped(self, at: int, room: int) -> list[str]:
        """The text of a note in rows of so many columns."""
        note, rows = self._notes[at], self.room()
        text = units.plain(note.text)
        most = rows if rows >= PLENTY or not at else max(rows // 3, 1)
        if note.kind == "val" or most < 2 or cell_len(text) <= room or room < 1:
            return [text]
        parts = textwrap.wrap(text, room, break_on_hyphens=False)
        return parts if len(parts) <= most else [*parts[: most - 1], " ".join(parts[most - 1 :])]

    def _shown(self, first: int, room: int, width: int) -> Iterator[Line]:
        """The rows from `first` on, as many as there is room for."""
        column = self._column()
        for at, height in enumerate(self._heights()):
            if room <= 0:
                return
            if first < height:
                rows = self._note(at, column, width)[first : first + room]
                yield from rows
                room -= len(rows)
            first = max(first - height, 0)

    def _note(self, at: int, column: int, width: int) -> list[Line]:
        note = self._notes[at]
        if note.kind != "val":
            return self._event(note, self._wrapped(at, width - column - 1), column, width)
        return [self._evaluation(note, column) if note.value is not None else self._fit(note, column, width)]

    def _fit(self, note: Note, column: int, width: int) -> Line:
        """`5 val 0.008 ★ MAE 0.071  R² 0.984   9.4 s`, without the time and then without R² where that is too long"""
        ink = self.ink
        errors = "".join(f" {word:<11}" for word in remarks.errors(note.mae, None))
        fit = "".join(f"{word:<10}" for word in remarks.errors(None, note.r2))
        took = f"{units.duration(note.took):>6}" if note.took else ""
        room = width - column - 13 - len(errors)
        fit, took = (fit, took) if len(fit + took) <= room else (fit, "") if len(fit.rstrip()) <= room else ("", "")
        return line(
            (f"{note.epoch:>{column}} ", ink.ink("dim")),
            (f"val {units.loss(note.loss):<6} ", ink.ink()),
            ("★" if note.step == self._best else " ", ink.ink("best")),
            (errors + fit, ink.ink()),
            (took, ink.ink("dim")),
        )

    def _evaluation(self, note: Note, column: int) -> Line:
        """`5 val 71.8 %  0.862 ★  9.4 s`"""
        ink = self.ink
        accuracy = units.percent(note.value)
        star = "★" if note.step == self._best else " "
        return line(
            (f"{note.epoch:>{column}} ", ink.ink("dim")),
            (f"val {accuracy:<8}{units.loss(note.loss):>5} ", ink.ink()),
            (star, ink.ink("best")),
            (f"{units.duration(note.took):>7}" if note.took else "", ink.ink("dim")),
        )

    def _event(self, note: Note, texts: list[str], column: int, width: int) -> list[Line]:
        """`• rate 1e-3 → 3e-4  step 1 408`, in as many rows as it has texts"""
        ink = self.ink
        glyph, colour = MARKS.get(note.kind, ("•", "dim"))
        step = f"step {units.count(note.step)}"
        detail = note.detail or (step if note.step and step not in note.text else "")
        room = width - column - 1
        if cell_len(texts[-1]) + cell_len(detail) + 2 > room:
            detail = ""
        rows = [
            line((padded("" if at else glyph, column, right=True) + " ", ink.ink(colour)), (clipped(text, room), ink.ink()))
            for at, text in enumerate(texts)
        ]
        rows[-1] += line((f"  {units.plain(detail)}" if detail else "", ink.ink("dim")))
        return rows

    def _verdict_line(self, verdict: Verdict, width: int) -> Line:
        ink = self.ink
        glyph, colour = VERDICTS[verdict.kind]
        text = verdict.text if width >= NARROW else verdict.text.removesuffix(TAIL)
        if cell_len(text) > width - 2:
            text = text.removesuffix(TAIL)
        return line((f"{glyph} ", ink.ink(colour)), (clipped(units.plain(text), width - 2), ink.ink()))
