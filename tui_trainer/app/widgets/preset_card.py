"""What a preset says of itself: its text, the settings it suggests, and its knobs with their help."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.config import BY_NAME

if TYPE_CHECKING:
    from tui_trainer.preset import Preset


class PresetCard(Panel, can_focus=False):
    """Shows one preset; what has no room is left to its source."""

    title = "Preset"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._preset: Preset | None = None

    def show(self, preset: Preset | None) -> None:
        if preset is not self._preset:
            self._preset = preset
            self.title = units.plain(preset.name) if preset else "Preset"
            self.draw()

    def aside(self) -> Line:
        return line(("yours", self.ink.ink("you"))) if self._preset and self._preset.yours else []

    def wanted(self, width: int) -> int:
        """Rows it would like in this width, with its rule."""
        return 1 + len(self.body(width - 2, 1000))

    def body(self, width: int, height: int) -> list[Line]:
        found = self._preset
        if found is None or width < 10:
            return []
        if found.problem:
            wrapped = textwrap.wrap(units.plain(found.problem), width - 2)
            return [
                line(("✕ " if not at else "  ", self.ink.ink("worse")), (one, self.ink.ink("worse")))
                for at, one in enumerate(wrapped)
            ]
        figures = [*self._defaults(width), *self._knobs(width)]
        text = [*self._text(found.about, width, "bright"), *self._text(found.text, width, "text")]
        room = max(height - len(figures) - 1, 3)
        if len(text) > room:
            text = [*text[: room - 1], line(("… e shows all of it", self.ink.ink("dim")))]
        return [*text, [], *figures][:height]

    def _text(self, text: str, width: int, colour: str) -> list[Line]:
        """Paragraphs, wrapped, with a blank row between them."""
        ink = self.ink.ink(self.ink.hex(colour) if self.ink.tints else colour)
        rows: list[Line] = []
        for paragraph in text.strip().split("\n\n"):
            words = _unmarked(" ".join(one.strip() for one in paragraph.splitlines()))
            if words:
                rows += [*([[]] if rows or colour == "text" else []), *(line((one, ink)) for one in textwrap.wrap(words, width))]
        return rows

    def _defaults(self, width: int) -> list[Line]:
        assert self._preset is not None
        pairs = [(BY_NAME[name].label if name in BY_NAME else name, _said(value)) for name, value in self._preset.defaults.items()]
        return self._pairs("suggests", [f"{label} {value}" for label, value in pairs], width)

    def _knobs(self, width: int) -> list[Line]:
        assert self._preset is not None
        ink, rows = self.ink, []
        column = max((cell_len(one.name) for one in self._preset.knobs), default=0)
        column = min(column, 14)
        values = max((cell_len(_said(one.default)) for one in self._preset.knobs), default=0)
        for knob in self._preset.knobs:
            value = padded(_said(knob.default), min(values, 12))
            help_text = knob.help or (f"one of {', '.join(map(str, knob.choices))}" if knob.choices else "")
            words = textwrap.wrap(units.plain(help_text), max(width - column - len(value) - 4, 8)) or [""]
            name = line((padded(knob.name, column) + "  ", ink.ink()), (value + "  ", ink.ink("bright")))
            indent = line((" " * (column + len(value) + 4), ink.ink()))
            rows += [[*(indent if at else name), *line((one, ink.ink("dim")))] for at, one in enumerate(words)]
        return [[], line(("knobs", ink.ink("dim"))), *rows] if rows else []

    def _pairs(self, label: str, words: list[str], width: int) -> list[Line]:
        """`suggests  dataset digits · optimizer adam`, wrapped between pairs."""
        ink = self.ink
        if not words:
            return []
        wrapped = textwrap.wrap(" · ".join(one.replace(" ", "\u00a0") for one in words), width - len(label) - 2)
        starts = [label, *[" " * len(label)] * (len(wrapped) - 1)]
        return [
            line((start + "  ", ink.ink("dim")), (units.plain(one).replace("\u00a0", " "), ink.ink()))
            for start, one in zip(starts, wrapped, strict=True)
        ]


def _unmarked(text: str) -> str:
    """Markdown without its marks, and without what would steer a terminal."""
    return units.plain(re.sub(r"(\*\*|\*|`)(\S|\S.*?\S)\1", r"\2", text))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        units.lr(value)
        if isinstance(value, float) and 0 < value < 0.1
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
