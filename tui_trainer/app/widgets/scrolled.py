"""A panel with more rows than room: arrows, j and k, Page Up and Page Down move its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_trainer.app.widgets.panel import Panel

if TYPE_CHECKING:
    from textual import events


class ScrolledPanel(Panel):
    """Subclasses say how many rows there are and for how many there is room; `top` is the first one shown."""

    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
    ]

    top = 0

    def total(self) -> int:
        """Rows there are."""
        raise NotImplementedError

    def room(self) -> int:
        """Rows that can be shown at once."""
        return max(self.size.height - 1, 0)

    def first(self) -> int:
        """`top` within bounds: there may be fewer rows or more room than when it was set."""
        return max(0, min(self.top, self.total() - self.room()))

    def extent(self) -> str:
        """`6–10 of 23`: where the window stands."""
        first = self.first()
        return f"{first + 1}–{min(first + self.room(), self.total())} of {self.total()}"

    def action_move(self, rows: int) -> None:
        top = self.first() + rows
        self.top = max(0, min(top, self.total() - self.room()))
        self.draw()

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.room() - 1, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)
