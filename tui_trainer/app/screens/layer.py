"""What opens over a screen: see-through around its panel, so that the charts and the live status line stay in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widget import Widget

from tui_trainer.app.keys import named
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.tab import put
from tui_trainer.app.widgets.footer import Footer, KeyChosen

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.app.app import TrainerApp
    from tui_trainer.app.screens.tab import Keys

Answer = TypeVar("Answer")


class Layer(ModalScreen[Answer]):
    """A panel and a footer of its own over the screen below. A subclass gives the panel, its place and the keys."""

    def __init__(self, panel: Widget) -> None:
        super().__init__()
        self.panel = panel
        self.footer = Footer(id="footer")

    @property
    def trainer(self) -> TrainerApp:
        """The app, by its own type."""
        from tui_trainer.app.app import TrainerApp  # the app imports its screens

        assert isinstance(self.app, TrainerApp)
        return self.app

    def place(self, size: Size) -> Region:
        """Where the panel stands: between header and status line."""
        return Region(0, 1, size.width, max(size.height - 3, 1))

    def keys(self) -> Keys:
        """Keys for the footer."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.panel
        yield self.footer

    def on_mount(self) -> None:
        self.styles.background = "transparent"
        for child in self.children:
            child.styles.position = "absolute"
        self.set_focus(self.panel)
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def on_key_chosen(self, message: KeyChosen) -> None:
        if (key := named(message.key)) is not None:
            self.app.simulate_key(key)

    def lay_out(self) -> None:
        """Put panel and footer in their places for the size of the terminal."""
        size = Size(*self.app.size)
        put(self.panel, self.place(size))
        put(self.footer, Region(0, size.height - 1, size.width, 1))
        self.footer.show(self.keys())
