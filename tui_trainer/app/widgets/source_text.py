"""Python source with line numbers and colours from the palette, read only. Tokens come from the standard library."""

from __future__ import annotations

import io
import keyword
import token
import tokenize

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.rows import Line, line
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

    def show(self, title: str, source: str, *, problem: str = "", marked: int = 0, start: int = 0) -> None:
        """This file; `problem` is said above it in red, line `marked` is in red too, `start` lines are scrolled past."""
        if (title, source, marked) == (self.title, self._source, self.marked) and self._above == ([problem] if problem else []):
            return
        self.title, self._source, self.marked = title, source, marked
        self._above = [problem] if problem else []
        self.source_lines = [units.plain(one.expandtabs(4)) for one in source.splitlines()]
        self._spans = coloured(source)
        self.top = start
        self.draw()

    def total(self) -> int:
        return len(self.source_lines)

    def room(self) -> int:
        return max(super().room() - len(self._above), 0)

    def aside(self) -> Line:
        return line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        above = [line((f"✕ {one}", self.ink.ink("worse", bold=True))) for one in self._above]
        rows = range(first, min(first + height - len(above), self.total()))
        return [*above, *(self._numbered(at) for at in rows)]

    def _numbered(self, at: int) -> Line:
        ink, wrong = self.ink, at + 1 == self.marked
        text = self.source_lines[at]
        number = Segment(f"{at + 1:>{max(len(str(self.total())), 2)}}  ", ink.ink("worse" if wrong else "faint"))
        if wrong:
            return [number, Segment(text, ink.ink("worse"))]
        spans, left = [number], 0
        for start, end, colour in self._spans.get(at + 1, []):
            spans += line((text[left:start], ink.ink()), (text[start:end], ink.ink(colour)))
            left = end
        return [*spans, Segment(text[left:], ink.ink())]


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
