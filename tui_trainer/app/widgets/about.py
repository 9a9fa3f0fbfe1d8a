"""What a preset says of itself, beside the form."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tui_trainer import paths
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.units import plain

if TYPE_CHECKING:
    from tui_trainer.preset import Preset

_MARKS = re.compile(r"\*\*(.+?)\*\*|`([^`]*)`|(?<![\w*])\*(\S[^*]*)\*(?![\w*])")


class AboutCard(Panel):
    """The description, wrapped; what to try stands back a little."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self._path: Path | None = None
        self._problem = ""
        self._yours = False

    def show(self, preset: Preset | None) -> None:
        """What a preset says of itself; nothing where there is none."""
        self.title = plain(preset.name) if preset else ""
        self._path = preset.path if preset else None
        self._yours = preset is not None and preset.yours
        self._text = f"{preset.about}\n\n{preset.text}" if preset else ""
        self._problem = plain(preset.problem) if preset else ""
        self.draw()

    def aside(self) -> Line:
        if self._path is None:
            return []
        whole = paths.short(self._path)
        fits = self._yours and len(whole) <= self.size.width - len(self.title) - 12
        return line((plain(whole if fits else f"{self._path.parent.name}/{self._path.name}"), self.ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        indent = " " if width >= 44 else ""
        room = width - 2 * len(indent)
        if self._problem:
            return [line((indent + row, ink.ink("worse"))) for row in textwrap.wrap(f"✕ {self._problem}", room)][:height]
        return [line((indent + row, ink.ink("dim" if quiet else "text"))) for row, quiet in fitting(self._text, room, height)]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, each as one line, without what Markdown marks them with."""
    whole = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return [plain(_MARKS.sub(lambda mark: mark.group(1) or mark.group(2) or mark.group(3) or "", part)) for part in whole if part]


def fitting(text: str, width: int, height: int) -> list[tuple[str, bool]]:
    """As much as there is room for, in whole sentences, as rows with whether they say what to try.

    The first paragraph comes first, then what to try, then the rest.
    """
    said = paragraphs(text)
    tries = [row for part in said if _is_try(part) for row in _wrap(part, width)]
    rest = [part for part in said if not _is_try(part)]
    rows = [row for part in rest[:1] for row in _wrap(part, width)]
    if len(rows) + len(tries) > height:
        tries = []
    room = height - len(rows) - len(tries)
    for part in rest[1:]:
        kept = _sentences(part, width, room)
        rows += kept
        room -= len(kept)
        if room <= 0 or kept != _wrap(part, width):
            break
    return [(row, False) for row in rows[:height]] + [(row, True) for row in tries]


def _is_try(part: str) -> bool:
    return part.lower().startswith("try")


def _wrap(part: str, width: int) -> list[str]:
    return textwrap.wrap(part, max(width, 10))


def _sentences(part: str, width: int, height: int) -> list[str]:
    """The whole sentences at the beginning of a paragraph that fit this room."""
    rows: list[str] = []
    text = ""
    for sentence in re.split(r"(?<=[.!?]) +", part):
        text = f"{text} {sentence}".strip()
        if len(wrapped := _wrap(text, width)) > height:
            break
        rows = wrapped
    return rows
