"""Rows of styled text that repaint only the cells that changed: the ground of every widget of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_trainer import units
from tui_trainer.app import palette as palettes
from tui_trainer.app.palette import Palette

if TYPE_CHECKING:
    from textual import events

Line = list[Segment]


def line(*spans: tuple[str, Style] | Segment) -> Line:
    """A line from (text, style) pairs."""
    return [span if isinstance(span, Segment) else Segment(span[0], span[1]) for span in spans]


def width_of(spans: Iterable[Segment]) -> int:
    """Columns that these segments take."""
    return sum(cell_len(segment.text) for segment in spans)


def fitted(spans: Sequence[Segment], width: int, fill: Style) -> Line:
    """The spans cut or filled to exactly this many columns."""
    return Segment.adjust_line_length(list(spans), max(width, 0), style=fill)


def clipped(text: str, width: int, *, ellipsis: str = "…") -> str:
    """The text cut to this many columns, with an ellipsis where something is missing."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    kept = text
    while kept and cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept + ellipsis


class Rows(Widget):
    """A widget that is given whole lines and sends only what differs from the ones on the screen."""

    DEFAULT_CSS = """
    Rows { height: auto; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []
        self._made_for = 0
        """Columns that the lines were made for."""

    @property
    def ink(self) -> Palette:
        """The palette in force: the app's, or the dark one where the app has none."""
        found = getattr(self.app, "palette", None)
        return found if isinstance(found, Palette) else _DARK

    def lines(self, width: int, height: int) -> list[Line]:
        """What to draw in this room. Made anew at each `draw`; lines past `height` are not shown."""
        raise NotImplementedError

    def draw(self) -> None:
        """Make the lines again and repaint the cells that changed. Cheap when nothing did."""
        width, height = self.size
        if not self.is_mounted or width <= 0 or height <= 0:
            return
        ascii_only = bool(getattr(self.app, "ascii_only", False))
        ground = self.ink.ink()
        new = [fitted(_harmless(one), width, ground) for one in self.lines(width, height)[:height]]
        if ascii_only:
            new = [[Segment(_typed(part.text), part.style) for part in one] for one in new]
        new += [[Segment(" " * width, ground)] for _ in range(height - len(new))]
        old, self._lines, self._made_for = self._lines, new, width
        if len(old) != len(new):
            self.refresh()
        elif changed := [region for y, (a, b) in enumerate(zip(old, new, strict=True)) if (region := _changed(a, b, y))]:
            self.refresh(*changed)

    def redraw(self) -> None:
        """Forget what is on the screen and draw all of it: after a new palette."""
        self._lines = []
        self.draw()

    def on_mount(self) -> None:
        self.draw()

    def on_resize(self, event: events.Resize) -> None:
        self.redraw()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.ink.ink())
        strip = Strip(self._lines[y], self._made_for)
        # A new size is painted before it is told: longer lines would push what stands right of them off the screen.
        return strip if self._made_for == width else strip.adjust_cell_length(width, self.ink.ink())


_DARK = palettes.choose()


def _harmless(spans: Line) -> Line:
    """The same, with what would steer a terminal shown: the last guard, behind the widgets that know which names are not ours."""
    if all(span.text.isprintable() for span in spans):
        return spans
    return [Segment(units.plain(span.text), span.style) for span in spans]


def _typed(text: str) -> str:
    """The text in ASCII, as wide as it was: our glyphs have their own, a sign of a name becomes ? in each of its columns."""
    text = text.translate(palettes.ASCII)
    return text if text.isascii() else "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text)


def _changed(old: Line, new: Line, y: int) -> Region | None:
    """The smallest stretch of row `y` outside which both lines are the same."""
    if old == new:
        return None
    left = _same(old, new, _same_start)
    right = _same([*reversed(old)], [*reversed(new)], _same_end)
    return Region(left, y, max(width_of(new) - left - right, 1), 1)


def _same(old: Line, new: Line, part: Callable[[str, str], str]) -> int:
    """Columns that two lines share from their start: whole segments, then a part of the first that differs."""
    columns = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            return columns + (cell_len(part(a.text, b.text)) if a.style == b.style else 0)
        columns += cell_len(a.text)
    return columns


def _same_start(a: str, b: str) -> str:
    return a[: next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))]


def _same_end(a: str, b: str) -> str:
    return _same_start(a[::-1], b[::-1])
