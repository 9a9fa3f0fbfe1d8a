"""The lanes of a race: figures that are read from afar, and beside each how far it is and by how much it is behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets import digits
from tui_trainer.app.widgets.bars import clear, sides
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line, width_of

if TYPE_CHECKING:
    from textual import events

SMALL, USUAL = 1, 2
"""Sizes of the figures: three rows, and five."""
ROOMY = 100
"""Columns from which the margins are wide."""
LEAST_LANE = 24
"""Columns that a lane has at least beside its figure."""
WIDEST = "00.0"
THICK = 4
"""The size of figures from which the bars are thick too."""


@dataclass(frozen=True, slots=True)
class LaneView:
    """What one lane shows. A figure is made of the signs that `digits` knows."""

    name: str
    colour: str
    figure: str = "·"
    unit: str = ""
    length: float = 0.0
    """From 0 to 1: how far it is."""
    leads: bool = False
    said: str = ""
    """Words after the name: by how much it leads, or what became of it."""
    said_in: str = "best"
    """The colour of these words."""
    behind: str = ""
    """How far behind the leader, with its sign."""
    seen: str = ""
    epoch: str = ""
    speed: str = ""
    parameters: str = ""
    faded: bool = False
    """Whether it is out of the race."""


@dataclass(frozen=True, slots=True)
class LanesView:
    """All lanes in their order, which never changes, and the place of the leader, where the others have their mark."""

    lanes: tuple[LaneView, ...] = ()
    mark: float | None = None
    clock: LaneView | None = None
    """Below them, where nothing else shows it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How large a lane is drawn."""

    size: int
    """Columns of a dot of its figure."""
    block: int
    """Rows of it."""
    typed: bool = False
    """Whether there are no blocks."""


class LaneChosen(Message):
    """A lane was asked to be opened, by its number from 0."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Lanes(Rows, can_focus=True):
    """Lanes below each other, with figures as large as `size` says."""

    BINDINGS = [
        Binding("up,k", "move(-1)", "lane", key_display="↑↓", tooltip="To the lane above", id="lane-up"),
        Binding("down,j", "move(1)", "lane", key_display="↑↓", tooltip="To the lane below", id="lane-down"),
        Binding("enter", "choose", "open", tooltip="Open the run of this lane, once the race is over", id="open-lane"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = LanesView()
        self.size_of_figures = USUAL
        self.block = digits.rows(USUAL) + 1
        """Rows from one lane to the next."""
        self.size_of_clock = 0
        self.cursor = 0

    def show(self, view: LanesView) -> None:
        """Draw this; nothing at all happens when it looks the same as before."""
        if view != self._view:
            self._view = view
            self.draw()

    def fit(self, size: int, block: int, clock: int = 0) -> None:
        """Figures of this size, and so many rows for each lane; `clock` is the size of that below them."""
        if (size, block, clock) != (self.size_of_figures, self.block, self.size_of_clock):
            self.size_of_figures, self.block, self.size_of_clock = size, block, clock
            self.draw()

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        view = self._view
        drawn = Drawn(self.size_of_figures, self.block, typed=bool(getattr(self.app, "ascii_only", False)))
        room = figure_columns(view, self.size_of_figures)
        rows: list[Line] = []
        for number, lane in enumerate(view.lanes):
            marked = self.has_focus and number == min(self.cursor, len(view.lanes) - 1)
            rows += lane_lines(lane, view.mark, self.ink, width, room, drawn, marked=marked)
        if view.clock is not None and self.size_of_clock:
            rows += lane_lines(view.clock, None, self.ink, width, room, replace(drawn, size=self.size_of_clock), marked=False)
        return rows

    def action_move(self, by: int) -> None:
        count = max(len(self._view.lanes), 1)
        self.cursor = (min(self.cursor, count - 1) + by) % count
        self.draw()

    def action_choose(self) -> None:
        self.post_message(LaneChosen(min(self.cursor, max(len(self._view.lanes), 1) - 1)))

    def on_click(self, event: events.Click) -> None:
        number = event.y // max(self.block, 1)
        if number < len(self._view.lanes):
            again, self.cursor = number == self.cursor and event.chain > 1, number
            self.draw()
            if again:
                self.action_choose()


def figure_columns(view: LanesView, size: int) -> int:
    """Columns that all figures have room in; never fewer than two places before and one after the point take."""
    clock = [view.clock.figure] if view.clock is not None else []
    return max(digits.columns(text, size) for text in (WIDEST, *clock, *(lane.figure for lane in view.lanes)))


def lane_lines(
    lane: LaneView, mark: float | None, ink: Palette, width: int, room: int, drawn: Drawn, *, marked: bool
) -> list[Line]:
    """The rows of one lane: its figure at the left in `room` columns, right of it name, bar and counts."""
    wide = width >= ROOMY
    margin, gap = (2, 4) if wide else (1, 2)
    right = 2 if wide else 1
    colour = "faint" if lane.faded else lane.colour
    figure = digits.digits(lane.figure, drawn.size, typed=drawn.typed)
    body_width = max(width - margin - room - 2 - gap - right, 0)
    body = _body(lane, mark, ink, body_width, len(figure), drawn.size)
    ground, lines = ink.ink(), []
    for at in range(drawn.block):
        text = figure[at] if at < len(figure) else ""
        unit = lane.unit if at == 0 else ""
        edge = ("▌" if marked and at < len(figure) else " ", ink.ink("you"))
        left = line(edge, (" " * (margin - 1), ground), (text, ink.ink(colour)), (" " + unit if unit else "", ink.ink(colour)))
        left = fitted(left, margin + room + 2 + gap, ground)
        lines.append([*left, *(body[at] if at < len(body) else [])])
    return lines


def _body(lane: LaneView, mark: float | None, ink: Palette, width: int, rows: int, size: int) -> list[Line]:
    """Name, gap, bar and counts in so many rows; in three rows the gap shares that of the name."""
    at = None if mark is None or lane.leads or not lane.behind else _column(mark, width)
    named, counted = _name(lane, ink, width), _counts(lane, ink, width)
    if rows < 5:
        return [_with_gap(named, lane, at, ink, width, _parameters(lane, ink)), _bar(lane, at, ink, width), counted]
    thick = max(size // 2, 1) if size >= THICK else 1
    top = sides(named, _fitting(named, _parameters(lane, ink), width), width, ink.ink())
    bars = [_bar(lane, at, ink, width, thick=thick > 1, middle=row == thick // 2) for row in range(thick)]
    above = max((rows - 2 - thick - 1) // 2, 0)
    blanks: list[Line] = [[] for _ in range(above)]
    return [top, *blanks, _gap(lane, at, ink), *bars, counted]


def _name(lane: LaneView, ink: Palette, width: int) -> Line:
    """`★ cnn   leads by 7.6 points`"""
    star = line(("★ ", ink.ink("best"))) if lane.leads else []
    said = f"   {lane.said}" if lane.said else ""
    room = width - width_of(star)
    name = clipped(lane.name, max(room - len(said), min(room, 8)))
    spans = [*star, Segment(name, ink.ink("dim" if lane.faded else "bright"))]
    left = width - width_of(spans)
    return [*spans, Segment(clipped(said, left), ink.ink(lane.said_in, bold=lane.said_in == "best"))] if left > 4 else spans


def _parameters(lane: LaneView, ink: Palette) -> Line:
    return line((lane.parameters, ink.ink("dim"))) if lane.parameters else []


def _fitting(left: Line, right: Line, width: int) -> Line:
    """The right part where both have room."""
    return right if width_of(left) + width_of(right) + 2 <= width else []


def _with_gap(named: Line, lane: LaneView, at: int | None, ink: Palette, width: int, right: Line) -> Line:
    """The name, the gap where the leader's mark is or else right after the name; what stands at the right end elsewhere is there,
    or between the two, or nowhere."""
    if at is None:
        return sides(named, _fitting(named, right, width), width, ink.ink())
    if width_of(named) + 2 + len(lane.behind) > width:
        named = _name(lane, ink, max(width - 2 - len(lane.behind), 0))
    start = max(at - len(lane.behind), width_of(named) + 2)
    spans = [*fitted(named, start, ink.ink()), Segment(lane.behind, ink.ink("dim"))]
    if _fitting(spans, right, width):
        return sides(spans, right, width, ink.ink())
    first = [*named, Segment("   ", ink.ink()), *right]
    if width_of(first) + 2 > start:
        return spans
    return [*fitted(first, start, ink.ink()), Segment(lane.behind, ink.ink("dim"))]


def _gap(lane: LaneView, at: int | None, ink: Palette) -> Line:
    """`−7.6` left of the leader's mark, or right of it where there is no room."""
    if at is None:
        return []
    start = at - len(lane.behind) if at >= len(lane.behind) else at + 1
    return line((" " * start, ink.ink()), (lane.behind, ink.ink("dim")))


def _column(share: float, width: int) -> int:
    return min(round(min(max(share, 0.0), 1.0) * width), width - 1)


def _bar(lane: LaneView, at: int | None, ink: Palette, width: int, *, thick: bool = False, middle: bool = True) -> Line:
    """One row of the way done with its head, the way that is left, and the mark of the leader's place; of a thick one, the row in
    the middle has the way that is left."""
    if width <= 0:
        return []
    colour = "faint" if lane.faded else lane.colour
    head = _column(lane.length, width)
    signs, looks = ["─" if middle else " "] * width, ["line"] * width
    for column in range(head + (thick and lane.length > 0)):
        signs[column], looks[column] = "█" if thick else "━", colour
    if lane.length > 0 and not thick:
        signs[head], looks[head] = "►", colour
    if at is not None and at > head:
        signs[at], looks[at] = "┊", "best"
    spans: Line = []
    start = 0
    for column in range(1, width + 1):
        if column == width or looks[column] != looks[start]:
            spans.append(Segment("".join(signs[start:column]), ink.ink(looks[start], bold=looks[start] == "best")))
            start = column
    return spans


def _counts(lane: LaneView, ink: Palette, width: int) -> Line:
    """`360 000 pictures seen` at the left, `epoch 8 · 4 812 img/s` at the right."""
    left = line((lane.seen, clear(ink)))
    words = [word for word in (lane.epoch, lane.speed) if word]
    right: Line = []
    for at, word in enumerate(words):
        right += line((" · " if at else "", ink.ink("faint")), (word, ink.ink("text" if word == lane.epoch else "dim")))
    if not _fitting(left, right, width):
        right = line((words[-1], ink.ink("dim"))) if words else []
    return sides(left, _fitting(left, right, width), width, ink.ink())
