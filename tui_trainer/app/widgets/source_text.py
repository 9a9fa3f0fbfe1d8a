"""Python source with line numbers and colours from the palette, read only. Tokens come from the standard library."""

from __future__ import annotations

import io
import keyword
import token
import tokenize

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel

Span = tuple[int, int, str]
"""Columns from, to, and a colour of the palette."""

SOFT = frozenset({"match", "case"})


class SourceText(ScrolledPanel):
    """One file. What cannot be tokenized, because it is broken, is shown without colours from there on."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = "Source"
        self._source = ""
        self.source_lines: list[str] = []
        self._spans: dict[int, list[Span]] = {}
        self.marked = 0
        """The line that is wrong; 0 for none."""
        self._above: list[str] = []
        self._wrapped: tuple[int, list[tuple[int, int, int]]] = (0, [])

    def show(self, title: str, source: str, *, problem: str = "", marked: int = 0, start: int = 0) -> None:
        """This file; `problem` is said above it in red, line `marked` is in red too, `start` lines are scrolled past."""
        if (title, source, marked) == (self.title, self._source, self.marked) and self._above == ([problem] if problem else []):
            return
        self.title, self._source, self.marked = title, source, marked
        self._above = [problem] if problem else []
        self.source_lines = [units.plain(one.expandtabs(4)) for one in source.splitlines()]
        self._spans, self._wrapped = coloured(source), (0, [])
        self.top = start
        self.draw()

    def total(self) -> int:
        return len(self._rows())

    def room(self) -> int:
        return max(super().room() - len(self._above), 0)

    def aside(self) -> Line:
        if self.total() <= self.room():
            return []
        rows = self._rows()[self.first() : self.first() + self.room()]
        return line((f"{rows[0][0] + 1}–{rows[-1][0] + 1} of {len(self.source_lines)}", self.ink.ink("dim"))) if rows else []

    def body(self, width: int, height: int) -> list[Line]:
        above = [line((clipped(f"✕ {one}", width), self.ink.ink("worse", bold=True))) for one in self._above]
        first = self.first()
        return [*above, *(self._drawn(*row) for row in self._rows()[first : first + height - len(above)])]

    def _gutter(self) -> int:
        return max(len(str(len(self.source_lines))), 2)

    def _rows(self) -> list[tuple[int, int, int]]:
        """(line, first column, last column) of each row: a line that is too long goes on below itself."""
        width = max(self.size.width - self._gutter() - 4, 20)
        if self._wrapped[0] != width:
            rows = [(at, start, end) for at, text in enumerate(self.source_lines) for start, end in _pieces(text, width)]
            self._wrapped = (width, rows)
        return self._wrapped[1]

    def _drawn(self, at: int, first: int, last: int) -> Line:
        ink, wrong, text = self.ink, at + 1 == self.marked, self.source_lines[at]
        number = str(at + 1) if first == 0 else ""
        spans = line((f"{number:>{self._gutter()}}  ", ink.ink("worse" if wrong else "faint")))
        if wrong:
            return [*spans, Segment(text[first:last], ink.ink("worse"))]
        if first:
            spans.append(Segment(" " * _indent(text, self._wrapped[0]), ink.ink()))
        left = first
        for start, end, colour in self._spans.get(at + 1, []):
            start, end = max(start, first), min(end, last)
            if start < end:
                spans += line((text[left:start], ink.ink()), (text[start:end], ink.ink(colour)))
                left = end
        return [*spans, Segment(text[left:last], ink.ink())]


def _pieces(text: str, width: int) -> list[tuple[int, int]]:
    """Where a line is cut to fit: after a blank where there is one, each piece under the first with a deeper indent."""
    pieces: list[tuple[int, int]] = []
    start = 0
    while start < len(text) or not pieces:
        room = width if start == 0 else width - _indent(text, width)
        end = start + room
        if end < len(text) and (blank := text.rfind(" ", start + room // 2, end)) > 0:
            end = blank + 1
        pieces.append((start, min(end, len(text))))
        start = end
    return pieces


def _indent(text: str, width: int) -> int:
    """Columns before a line that goes on: four more than it has itself, where there is room."""
    return min(len(text) - len(text.lstrip()) + 4, width // 3)


def coloured(source: str) -> dict[int, list[Span]]:
    """The coloured stretches of each line, by its number from 1, in order."""
    found: dict[int, list[Span]] = {}
    before = ""
    try:
        for one in tokenize.generate_tokens(io.StringIO(source).readline):
            if colour := _colour(one, before):
                _spread(one, colour, found)
            if one.type == token.NAME or one.string.strip():
                before = one.string
    except (tokenize.TokenError, SyntaxError):
        pass  # the rest stays plain: a broken file is shown all the same
    return found


def first_line(source: str) -> int:
    """How many lines stand before the first one of code: the text of the preset, and blank ones."""
    try:
        for one in tokenize.generate_tokens(io.StringIO(source).readline):
            if one.type == token.NAME:
                return one.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        return 0
    return 0


def _colour(one: tokenize.TokenInfo, before: str) -> str:
    kind = token.tok_name[one.type]
    if kind == "COMMENT":
        return "dim"
    if one.string.startswith(('"""', "'''")):
        return "dim"  # text for people: much of it, so it is calm
    if kind == "STRING" or kind.startswith("FSTRING"):
        return "best"
    if kind == "NUMBER":
        return "val"
    if kind == "NAME" and (keyword.iskeyword(one.string) or (one.string in SOFT and before == "")):
        return "you"
    return "train" if kind == "NAME" and before in {"def", "class"} else ""


def _spread(one: tokenize.TokenInfo, colour: str, found: dict[int, list[Span]]) -> None:
    """A token may reach over several lines."""
    for row in range(one.start[0], one.end[0] + 1):
        start = one.start[1] if row == one.start[0] else 0
        end = one.end[1] if row == one.end[0] else 1_000_000
        found.setdefault(row, []).append((start, end, colour))
