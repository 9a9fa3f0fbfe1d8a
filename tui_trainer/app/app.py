"""The app: it holds the run on the screen, looks at its log a few times a second, and ends cleanly whatever happens.

It never holds a model, a tensor or a trainer, and never opens a file of a run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from tui_trainer import paths, session
from tui_trainer.app import edges, terminal
from tui_trainer.app import palette as palettes
from tui_trainer.app.crashing import Crashing
from tui_trainer.app.editing import Editing
from tui_trainer.app.keys import shown
from tui_trainer.app.lighting import Lighting
from tui_trainer.app.live import READING, Live
from tui_trainer.app.meter import Machine, Meter
from tui_trainer.app.pace import FASTEST, Pace
from tui_trainer.app.palette import Palette
from tui_trainer.app.picks import Picks
from tui_trainer.app.racing import Racing
from tui_trainer.app.screens.lab import LabScreen
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run
from tui_trainer.session import Preflight, Session, Torch
from tui_trainer.session.race import Race

IDLE = 0.25
"""Seconds between two looks while nothing runs."""
CATCHING_UP = 0.005
"""Seconds between two looks while a long record is read: keys get their turn in between."""
SAYING = 5.0
"""Seconds for which a sentence stays in the status line."""
FRAME_LOST = 0.5
"""Seconds after which a frame that did not come out is given up: one that waits for a sheet or a palette goes with it."""


class TrainerApp(Racing, Editing, Lighting, Crashing):
    """The whole of the screen."""

    TITLE = "tui-trainer"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    AUTO_FOCUS = None
    BINDINGS = [
        Binding("ctrl+c", "leave", "quit", show=False, priority=True, tooltip="Leave; again: stop and keep", id="interrupt"),
        Binding("ctrl+q", "leave", "quit", show=False, priority=True, id="quit-at-once"),
    ]

    def __init__(
        self,
        given: Mapping[str, object] | None = None,
        *,
        start: bool = False,
        preset_folders: Iterable[Path] = (),
        palette: Palette | None = None,
        ascii_only: bool = False,
        attach: Run | None = None,
        read_only: bool = False,
        race: Race | None = None,
    ) -> None:
        """Raises StoreError where the settings of the run to `attach` to cannot be read."""
        self.sent = terminal.Counter()
        super().__init__(driver_class=terminal.counting(self.get_driver_class(), self.sent))
        self.given = dict(given or {})
        self.preset_folders = tuple(preset_folders)
        self.ascii_only = ascii_only
        self.live = Live(read_only=read_only)
        if attach is not None:
            self.live.open(Session(attach))
            self.given |= {name: value for name, value in self.live.config.items() if value is not None}
        self.pace = Pace()
        self.meter = Meter()
        self.torch = Torch()
        if start or race is not None:
            self.torch.open()
        self.preflight = Preflight()
        self.looking = Picks()
        self.saying = ""
        self._start_at_once, self._race_at_once = start, race
        self._undrawn = False
        self._frame = 0
        self._frame_waits_since: float | None = None
        self.take_palette(palette or palettes.choose())

    # ---- what is on the screen -------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        lab = LabScreen(self.given)
        if self.live.session is not None:
            self.live.poll(READING)
            lab.face = "run"
        return lab

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(repaint=True, layout=True))
        self.watch_terminal()
        self.call_after_refresh(self._first_frame_is_out)

    def _first_frame_is_out(self) -> None:
        """The form has still to say what it holds; that frame is the first whole one."""
        self._look()
        self.set_interval(FRAME_LOST / 2, self._look_for_lost_frame)
        self.call_after_refresh(self._first_frame_is_whole)

    def _first_frame_is_whole(self) -> None:
        """Only now is there time for torch: importing it earlier would delay the first frame by a second."""
        self._prepare_to_train()
        if self._race_at_once is not None:
            self.begin_race(self._race_at_once)
        elif self._start_at_once:
            self.lab.action_start()

    def _prepare_to_train(self) -> None:
        """Load torch as soon as a run may begin here: who only watches another process never pays for it."""
        if not (self.live.active or self.live.reading or self.read_only):
            self.torch.start()
        elif not self.live.reading:
            session.collect_again()

    def _look(self) -> None:
        """Take in what happened, draw it where drawing may cost again or somebody waits for it, and come back."""
        if not self.is_running or self._exit:
            return
        self.pace.begin()
        read = self.live.poll(READING if (behind := self.live.reading) else 0.0)
        self._undrawn = self.poll_race() or self._undrawn or read
        caught_up = behind and not self.live.reading
        draw = not self._undrawn or self.pace.due or self.live.news or self.race_news or caught_up
        if draw:
            self.redraw_status()
        elif behind:
            self.show_status()
        self._frame += 1
        self._frame_waits_since = time.monotonic()
        self.call_after_refresh(self._looked, draw and self._undrawn, self._frame)

    def _look_for_lost_frame(self) -> None:
        """Textual drops what waits for the next refresh of a screen that is closed: then nothing would ever move again."""
        since = self._frame_waits_since
        if since is not None and time.monotonic() - since > FRAME_LOST:
            self._looked(False, self._frame)

    def _looked(self, drew: bool, frame: int) -> None:
        if not self.is_running or self._exit or frame != self._frame or self._frame_waits_since is None:
            return
        self._frame_waits_since = None
        self.pace.end(drew)
        self._undrawn = self._undrawn and not drew
        self._prepare_to_train()
        wait = FASTEST if self.live.active or self.race_live or self.pace.eager else IDLE
        self.set_timer(CATCHING_UP if self.live.reading else wait, self._look)
        self.leave_when_ended()
        self.look_at_resumed()
        self.continue_sweep()
        self.continue_race()

    def on_key(self) -> None:
        self.pace.hurry()

    def say(self, text: str, seconds: float = SAYING) -> None:
        """A sentence in the status line, for a few seconds."""
        self.saying = text
        self.set_timer(seconds, lambda: self._unsay(text))
        self.redraw_status()

    def _unsay(self, text: str) -> None:
        if self.saying == text:
            self.saying = ""
            self.redraw_status()

    def redraw_status(self) -> None:
        """Draw all of the tab in sight that changed."""
        if self.tab is not None and self.tab.is_mounted:
            with self.batch_update():
                self.tab.show()

    def show_status(self) -> None:
        """Header and status line of the tab in sight."""
        tab = self.tab
        if tab is None:
            return
        live, lab, raced = self.live, self.lab, self.race_status()
        if raced is not None:
            tab.header.show(tab.TAB, raced[0])
            tab.status.show(edges.saying(raced[1], self.saying))
            return
        tab.header.show(tab.TAB, tab.corner() or edges.corner(live, self.torch))
        loading = "loading torch" if live.hosting and not self.torch.ready else ""
        view = edges.state(live, lab.form, loading=loading, scrubbed=lab.run_face.scrubbed)
        view = edges.letting_go(edges.placed(view, self.sweep_place)) if self.handing_over else edges.placed(view, self.sweep_place)
        tab.status.show(edges.saying(view, self.saying or edges.reading(live)))

    @property
    def machine(self) -> Machine:
        """What the program costs, sampled once a second."""
        live = self.live
        return self.meter.now(live.history, live=live.active, screen_bytes=self.sent.sent, elsewhere=live.attached)

    # ---- runs ------------------------------------------------------------------------------------------------

    def fill_form(self, raw: Mapping[str, object]) -> None:
        """Fill the setup form and show it, unless a race goes on."""
        assert not self.read_only
        if self.race_live:
            self.say(self.busy)
            return
        self.leave_race()
        self.action_tab("Lab")
        self.lab.fill(raw)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "samples" and self.read_only)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key on this screen, by name."""
        seen: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            name = binding.action.removeprefix("app.")
            if active.enabled and binding.tooltip and name not in seen and not name.startswith(("jump", "command_palette")):
                seen.add(name)
                title = f"{binding.description.capitalize()} ({binding.key_display or shown(binding.key)})"
                run = partial(self.call_later, self.run_action, binding.action, active.node)
                yield SystemCommand(title, binding.tooltip, run)
        if not self.read_only:
            yield SystemCommand("Resume all lost runs", "Each in the background, from where it was saved", self.resume_lost)
            yield from self.sweep_commands()
        yield from self.race_commands()
        if self.tab is not None and screen is self.tab:
            yield from self.tab.commands()
        yield SystemCommand("Light or dark", "Swap the light and the dark look", self.action_light)
        yield SystemCommand("Screenshot", "A picture of the screen, as SVG or PNG", lambda: self.set_timer(0.1, self.action_export))


@dataclass(frozen=True)
class Outcome:
    """What is left when the screen is closed: for whoever prints the last words."""

    code: int
    """Exit code of the process."""
    history: History
    run: Run | None
    """The run that was on the screen, if any."""
    terminal_gone: bool
    race: Race | None = None
    """The race that was on the screen last, if any."""
    sweep: str = ""
    """The command that goes on with the sweep that went on here, if any."""


def run(
    given: Mapping[str, object],
    *,
    start: bool = False,
    preset_folders: Iterable[Path] = (),
    theme: str = "auto",
    ascii_only: bool | None = None,
    attach: Run | None = None,
    read_only: bool = False,
    race: Race | None = None,
) -> Outcome:
    """Open the app, and come back when it is closed and the run that it trained has ended or was handed over.

    `attach` is a run to open at once; with `read_only` nothing is asked of any run, and none is begun. `race` begins at once.
    Raises StoreError where the settings of that run cannot be read.
    """
    light = paths.light_ground() if theme == "auto" else theme == "light"
    app = TrainerApp(
        given,
        start=start,
        preset_folders=preset_folders,
        palette=palettes.choose(light=light, depth=paths.colours()),
        ascii_only=(paths.plain_locale() or not terminal.speaks_utf8()) if ascii_only is None else ascii_only,
        attach=attach,
        read_only=read_only,
        race=race,
    )
    with session.quiet():
        app.run()
    code = app.end_run()
    shown = app.live.session.run if app.live.session else None
    return Outcome(code, app.live.history, shown, app.hung_up, app.race, app.sweep_command)
