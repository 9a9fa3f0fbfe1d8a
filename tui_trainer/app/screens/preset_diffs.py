"""How the preset files of settings differ, in full, over the screen it was called from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_trainer import units
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.differing import PresetDiff

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

COLOURS = {"+": "best", "-": "worse", "@": "you"}


class DiffPanel(ScrolledPanel):
    """Unified diffs under each other; what came begins with +, what went with −."""

    title = "Preset files"

    def __init__(self, diffs: Sequence[PresetDiff]) -> None:
        super().__init__(id="diffs")
        self._rows: list[tuple[str, str]] = []
        for one in diffs:
            others = ", ".join(one.after)
            what = "the same preset, edited" if one.edited else "another preset"
            self._rows += [*([("", "text")] if self._rows else []), (f"{one.before} → {others}   {what}", "bright")]
            self._rows += [(text, COLOURS.get(text[:1], "text")) for text in one.lines if not text.startswith(("---", "+++"))]

    def total(self) -> int:
        return len(self._rows)

    def aside(self) -> Line:
        return line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        shown = self._rows[first : first + height]
        return [line((clipped(units.plain(text.expandtabs(4)), width), self.ink.ink(colour))) for text, colour in shown]


class PresetDiffsScreen(Layer[None]):
    """`Esc` and `q` go back."""

    BINDINGS = [
        Binding("escape,q,f", "back", "back", key_display="Esc", tooltip="To the screen below", id="back"),
        Binding("g", "edge(False)", "top", tooltip="To the first line", id="top"),
        Binding("G", "edge(True)", "end", tooltip="To the last line", id="end"),
    ]

    def __init__(self, diffs: Sequence[PresetDiff]) -> None:
        self.diffs = DiffPanel(diffs)
        super().__init__(self.diffs)

    def keys(self) -> Keys:
        return [("↑↓", "scroll"), ("g", "top"), ("G", "end"), ("Esc", "back")]

    def action_edge(self, last: bool) -> None:
        self.diffs.action_move(1_000_000 if last else -1_000_000)

    def action_back(self) -> None:
        self.dismiss(None)
