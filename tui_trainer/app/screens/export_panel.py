"""Rows of the sheet that exports: what can be made, ticked or not, or what was said while it was made. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region

from tui_trainer import units
from tui_trainer.app.screens.tab import put
from tui_trainer.app.widgets.picker import Picker
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line
from tui_trainer.app.widgets.textfield import TextField

MARGIN = 2
LABEL = 16
TICK, NO_TICK = "■", "·"


class ExportPanel(Picker):
    """Title, the list, and the field of the folder under it; once it writes, what it says takes the place of the list."""

    HEAD = 2
    DEFAULT_CSS = """
    ExportPanel TextField { background: $lift; }
    """

    def __init__(self, title: str, fact: str, kinds: Mapping[str, str], folder: str) -> None:
        super().__init__(id="sheet")
        self.title, self.fact, self.kinds = title, fact, kinds
        self.chosen: set[str] = set()
        self.said: Sequence[str] = ()
        self.writing = False
        """Whether it writes, or has written: then the list is gone."""
        self.state, self.wrong = "", False
        self.field = TextField("to", folder, path=True)

    def compose(self) -> ComposeResult:
        yield self.field

    def count(self) -> int:
        return 0 if self.writing else len(self.kinds)

    @property
    def room(self) -> int:
        return max(self.size.height - self.HEAD - 3, 1)

    @property
    def rows(self) -> int:
        """With the rule, the title, the field, and a line on how it goes."""
        return self.HEAD + len(self.kinds) + 3

    def arrange_fields(self, width: int, height: int) -> None:
        put(self.field, Region(MARGIN + LABEL, height - 2, max(width - 2 * MARGIN - LABEL, 10), 1))

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        ground, dim = ink.ink(on="raised"), ink.ink("dim", on="raised")
        room = width - 2 * MARGIN
        fact = clipped(units.plain(self.fact), room - len(self.title) - 3)
        rows: list[Line] = [line((self.title, ink.ink("bright", on="raised")), ("   " + fact, ink.ink("text", on="raised")))]
        rows += self._said(room) if self.writing else [self._row(at, room) for at in self.window()]
        rows += [[]] * (height - 4 - len(rows))
        rows.append(line((clipped(self.state, room), ink.ink("worse" if self.wrong else "text", on="raised"))))
        rows.append(line((f"{'folder':<{LABEL}}", dim)))
        lines = [fitted([Segment(" " * MARGIN, ground), *one], width, ground) for one in [*rows, []]]
        return [line(("━" * width, ink.ink("you"))), *lines]

    def _row(self, at: int, room: int) -> Line:
        ink, here = self.ink, at == self.cursor and self.has_focus
        name = list(self.kinds)[at]
        on = "lift" if here else "raised"
        ticked = name in self.chosen
        cells = line(
            ("▌" if here else " ", ink.ink("you", on=on)),
            (TICK if ticked else NO_TICK, ink.ink("you" if ticked else "dim", on=on)),
            (f" {name:<{LABEL - 3}}", ink.ink("bright" if ticked else "text", bold=ticked, on=on)),
            (clipped(self.kinds[name], room - LABEL), ink.ink("dim", on=on)),
        )
        return fitted(cells, room, ink.ink(on=on))

    def _said(self, room: int) -> list[Line]:
        """The newest of what was said."""
        ink = self.ink
        shown = list(self.said)[-self.room :]
        colour = {"!": "warn"}
        return [line((clipped(units.plain(one), room), ink.ink(colour.get(one.strip()[:1], "text"), on="raised"))) for one in shown]
