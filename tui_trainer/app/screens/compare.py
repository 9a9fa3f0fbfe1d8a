"""Compare: settings side by side, their curves over each other, and what came of it. It composes, binds and forwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.geometry import Region
from textual.widget import Widget

from tui_trainer.app.field import Field
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.tab import Keys, Tab


class CompareScreen(Tab):
    """Over the screen it was called from; `Esc` goes back there."""

    TAB = "Runs"
    OVER = True

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def panels(self) -> Iterable[Widget]:
        return ()

    def places(self, size: Size) -> Mapping[str, Region]:
        return {}

    def show(self) -> None:
        self.trainer.show_status()

    def keys(self) -> Keys:
        return [*self.field.keys(), ("Esc", "back"), ("?", "help")]

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        else:
            self.app.pop_screen()
