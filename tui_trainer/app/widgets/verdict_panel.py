"""What came of a comparison, in sentences, and below them what is not fair about it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.compare import Comparison

NARROWEST = 12


class VerdictPanel(ScrolledPanel):
    """Letters in their colours, what decides bright; a remark begins with `!`."""

    title = "Verdict"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}
        self._hint = ""
        self._wrapped: tuple[tuple[object, ...], list[Line]] = ((), [])

    def show(self, found: Comparison, colours: Mapping[str, str], hint: str = "") -> None:
        """`hint` stands after the remarks: a key that may mend what is unfair."""
        if found is not self._found or colours != self._colours or hint != self._hint:
            self._found, self._colours, self._hint = found, dict(colours), hint
            self.draw()

    def total(self) -> int:
        return len(self._all(self.size.width - 2))

    def aside(self) -> Line:
        return line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        return self._all(width)[first : first + height]

    def _all(self, width: int) -> list[Line]:
        key = width, id(self._found), tuple(self._colours.items()), self._hint, self.ink
        if key != self._wrapped[0]:
            self._wrapped = key, self._made(max(width, NARROWEST))
        return self._wrapped[1]

    def _made(self, width: int) -> list[Line]:
        found = self._found
        if found is None:
            return []
        rows: list[Line] = []
        sentences = [(text, "text") for text in found.verdicts[:-1]] + [(text, self._last()) for text in found.verdicts[-1:]]
        for text, colour in sentences:
            rows += [self._inked(one, colour) for one in textwrap.wrap(units.plain(text), width)]
        if found.remarks:
            rows.append([])
        for remark in found.remarks:
            rows += [
                self._inked(one, "warn") for one in textwrap.wrap(f"! {units.plain(remark.text)}", width, subsequent_indent="  ")
            ]
        if self._hint:
            key, _, rest = self._hint.partition(" ")
            rows.append(line(("  " + key, self.ink.ink("bright")), (" " + rest, self.ink.ink("dim"))))
        return rows

    def _last(self) -> str:
        """Of the last sentence, which says how it was tested, where anything was."""
        return "dim" if self._found is not None and self._found.method else "text"

    def _inked(self, text: str, colour: str) -> Line:
        """Letters of settings bold in their own colour, points bold."""
        ink, spans = self.ink, []
        for part in _PARTS.split(text):
            if part in self._colours:
                style = ink.ink(self._colours[part] if colour != "dim" else "dim", bold=True)
            elif _POINTS.fullmatch(part) and colour == "text":
                style = ink.ink("bright")
            else:
                style = ink.ink(colour)
            if part:
                spans.append(Segment(part, style))
        return spans


_PARTS = re.compile(r"(\b[A-Z]\d?\b|\b[\d.]+ points?\b)")
_POINTS = re.compile(r"[\d.]+ points?")
