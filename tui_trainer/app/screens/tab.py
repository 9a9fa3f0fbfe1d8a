"""What the four tabs have in common: header, status line, footer, the keys that work everywhere, and places for panels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from tui_trainer.app.keys import named
from tui_trainer.app.layout import SMALLEST, Size
from tui_trainer.app.widgets.footer import Footer, KeyChosen
from tui_trainer.app.widgets.header import Header, Spans, TabChosen
from tui_trainer.app.widgets.rows import Line, Rows, line
from tui_trainer.app.widgets.status import StatusLine

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.app.app import TrainerApp
    from tui_trainer.runs.store import Run

Keys = list[tuple[str, str]]


class TooSmall(Rows):
    """What is said where the screen has no room, with the state line below it."""

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        text = f"needs {SMALLEST[0]}×{SMALLEST[1]}, this is {self.app.size.width}×{self.app.size.height}"
        return [[] for _ in range((height - 1) // 2)] + [line((text.center(width), ink.ink("warn")))]


class Tab(Screen[None]):
    """One of the tabs. A subclass composes `panels`, gives `places` for each size, and draws in `show`."""

    TAB: ClassVar[str] = ""
    ORDER: ClassVar[tuple[str, ...]] = ()
    """Ids of the panels that the keys 1 to 7 jump to."""
    OVER: ClassVar[bool] = False
    """Whether it lies over the tab of that name, and goes back to it."""

    BINDINGS = [
        Binding("q", "app.leave", "quit", tooltip="Leave; asks first while a run is live", id="quit"),
        Binding("question_mark,f1", "app.help", "help", key_display="?", tooltip="All keys of this screen", id="help"),
        Binding("escape", "out", "back", tooltip="One layer out; never quits, never touches training", id="out"),
        Binding("f2", "app.tab('Lab')", "Lab", tooltip="Set up, train, watch", id="lab"),
        Binding("f3", "app.tab('Runs')", "Runs", tooltip="All runs", id="runs"),
        Binding("f4,i", "app.tab('Inspect')", "inspect", key_display="i", tooltip="Which classes, which pictures", id="inspect"),
        Binding(
            "f5,p", "app.tab('Presets')", "presets", key_display="p", tooltip="The architectures and their source", id="presets"
        ),
        Binding(
            "E", "app.export", "export", tooltip="Take along: this screen as a picture, runs as files and as a script", id="export"
        ),
        Binding("z", "zoom", "zoom", tooltip="Give the focused panel the whole screen, and back", id="zoom"),
        *(Binding(str(n), f"jump({n})", "panel", key_display="1-7", tooltip="Jump to a panel", show=n == 1) for n in range(1, 8)),
        Binding("ctrl+z", "app.suspend_process", "suspend", tooltip="Back to the shell; fg returns", id="suspend"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.header = Header(id="header")
        self.status = StatusLine(id="status")
        self.footer = Footer(id="footer")
        self.too_small = TooSmall(id="too-small")
        self.zoomed: str | None = None

    @property
    def trainer(self) -> TrainerApp:
        """The app, by its own type."""
        from tui_trainer.app.app import TrainerApp  # the app imports its screens

        assert isinstance(self.app, TrainerApp)
        return self.app

    def panels(self) -> Iterable[Widget]:
        """The widgets between header and status line, each with an id that `places` names."""
        raise NotImplementedError

    def places(self, size: Size) -> Mapping[str, Region]:
        """Where each panel stands; those that are not named are hidden."""
        raise NotImplementedError

    def show(self) -> None:
        """Draw what the app knows now. Called once a frame; cheap where nothing changed."""
        raise NotImplementedError

    def keys(self) -> Keys:
        """Five to seven keys for the footer, for the focused panel."""
        raise NotImplementedError

    def corner(self) -> list[Spans]:
        """What stands at the right end of the header in several lengths, longest first; the run that is open where it is empty."""
        return []

    def commands(self) -> Iterable[SystemCommand]:
        """What can be done here by name beside what has a key."""
        return ()

    def to_export(self) -> Sequence[Run]:
        """The runs that are taken along from here."""
        return ()

    def to_compare(self) -> Sequence[str]:
        """What `compare` is to be asked for the leaderboard of this screen; nothing where there is none."""
        return ()

    def main_panel(self) -> str | None:
        """The panel that `z` gives the screen while none has the focus."""
        return None

    def compose(self) -> ComposeResult:
        yield self.header
        yield from self.panels()
        yield self.status
        yield self.footer
        yield self.too_small

    def on_mount(self) -> None:
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def on_screen_resume(self) -> None:
        self.lay_out()
        self.show()

    def on_descendant_focus(self) -> None:
        self.footer.show(self.keys())

    def on_tab_chosen(self, message: TabChosen) -> None:
        self.trainer.action_tab(message.name)

    def on_key_chosen(self, message: KeyChosen) -> None:
        if (name := named(message.key)) is not None:
            self.trainer.simulate_key(name)

    def lay_out(self) -> None:
        """Put every panel in its place for the size of the terminal."""
        width, height = self.app.size
        size = Size(width, height)
        edges = {
            "header": Region(0, 0, width, 1),
            "status": Region(0, height - 2, width, 1),
            "footer": Region(0, height - 1, width, 1),
        }
        if size.too_small:
            places: Mapping[str, Region] = {"too-small": Region(0, 0, width, height - 1), "status": Region(0, height - 1, width, 1)}
        elif self.zoomed:
            whole = Region(0, 1, width, height - 3)
            places = edges | {self.zoomed: whole}
        else:
            places = edges | dict(self.places(size))
        for child in self.children:
            put(child, places.get(child.id or ""))
        self.footer.show(self.keys())

    def action_zoom(self) -> None:
        focused = self.focused
        while focused is not None and focused.parent is not self:
            focused = focused.parent if isinstance(focused.parent, Widget) else None
        wanted = (focused.id if focused is not None else None) or self.main_panel()
        self.zoomed = None if self.zoomed else wanted
        self.lay_out()
        self.show()

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        else:
            self.set_focus(None)

    def action_jump(self, number: int) -> None:
        names = [name for name in self.ORDER if (found := self.query(f"#{name}")) and found.first().display]
        if number <= len(names):
            if self.zoomed:
                self.zoomed = names[number - 1]
                self.lay_out()
            panel = self.query_one(f"#{names[number - 1]}")
            target = panel if panel.can_focus else next((one for one in panel.query("*") if one.can_focus), None)
            if target is not None:
                target.focus()


def put(widget: Widget, place: Region | None) -> None:
    """Show the widget at this place of the screen, or hide it where there is none."""
    if place is None or place.width <= 0 or place.height <= 0:
        widget.display = False
        return
    widget.styles.offset = (place.x, place.y)
    widget.styles.width, widget.styles.height = place.width, place.height
    widget.display = True
