"""The list of presets: name, whose it is, and its one line; a broken one in red with what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.picker import Picker
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line

if TYPE_CHECKING:
    from tui_trainer.preset import Preset


class PresetList(Picker):
    """Given the presets that the filter lets through."""

    title = "Presets"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.presets: list[Preset] = []
        self._empty = ""

    def show(self, presets: Sequence[Preset], empty: str = "") -> None:
        """These presets; `empty` is said where there are none."""
        here = self.current
        self.presets, self._empty = list(presets), empty
        if here is not None:
            self.cursor = next((at for at, one in enumerate(self.presets) if one.path == here.path), self.cursor)
        self.draw()

    @property
    def current(self) -> Preset | None:
        return self.presets[self.cursor] if 0 <= self.cursor < len(self.presets) else None

    def count(self) -> int:
        return len(self.presets)

    def aside(self) -> Line:
        broken = sum(bool(one.problem) for one in self.presets)
        words = [(f"{broken} broken  ", self.ink.ink("worse"))] if broken else []
        return line(*words, (f"{len(self.presets)}", self.ink.ink("dim")))

    def lines(self, width: int, height: int) -> list[Line]:
        if not self.presets:
            return [self.rule(width), line((" " + clipped(self._empty, width - 2), self.ink.ink("dim")))]
        return [self.rule(width), *(self._row(at, width) for at in self.window())]

    def _row(self, at: int, width: int) -> Line:
        one, here = self.presets[at], at == self.cursor
        on = "lift" if here else "ground"
        ink = self.ink
        names = min(max(len(one.name) for one in self.presets), 16)
        colour = "worse" if one.problem else "bright" if here else "text"
        mark = "yours " if one.yours else ""
        about = f"✕ {one.problem}" if one.problem else one.about
        room = width - names - len(mark) - 5
        left = line(
            ("▌" if here else " ", ink.ink("you", on=on)),
            (padded(one.name, names), ink.ink(colour, bold=here, on=on)),
            ("  ", ink.ink(on=on)),
            (mark, ink.ink("you", on=on)),
            (clipped(units.plain(about), room), ink.ink("worse" if one.problem else "dim", on=on)),
        )
        return [*fitted(left, width - 1, ink.ink(on=on)), Segment(" ", ink.ink())]
