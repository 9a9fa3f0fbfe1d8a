"""A race on the screen: begun, looked at in each frame, and never lost by whoever leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.app import SystemCommand

from tui_trainer import session, units
from tui_trainer.app import race_view
from tui_trainer.app.leaving import AT_ONCE, GRACE
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.sweeping import Sweeping
from tui_trainer.app.widgets.header import Spans
from tui_trainer.app.widgets.status import StatusView
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import Torch
from tui_trainer.session.hangup import Trained
from tui_trainer.session.race import Budget, Race, RaceError
from tui_trainer.session.raced import InHand
from tui_trainer.session.sweeping import Queue

ON_HERE = "a race goes on here: stop it first"


class Racing(Sweeping):
    """The part of the app that has a race."""

    torch: Torch
    race: Race | None = None
    """The race on the screen, also once it is over; None while there was none."""
    races: tuple[Race, ...] = ()
    """The same settings over the same budget, one seed each: what is compared. The last one is `race`."""
    guessing = False
    """Whether nothing is shown that tells who leads."""
    race_news = False
    """Whether the last look brought something that somebody waits for."""
    _next_race: tuple[Budget, int] | None = None
    """Budget and seed of the race that begins once this one has ended."""
    _race_shape: tuple[object, ...] = ()

    @property
    def race_live(self) -> bool:
        """Whether a race goes on here, and ends with this process."""
        return self.race is not None and (self.race.alive or not self.race.over)

    @property
    def busy(self) -> str:
        return super().busy or (ON_HERE if self.race_live else "")

    # ---- beginning -------------------------------------------------------------------------------------------

    def begin_race(self, race: Race) -> bool:
        """Let them race, on a screen of its own over the Lab; whether nothing else goes on that forbids it."""
        if why := "this only watches: nothing is started here" if self.read_only else self.busy:
            self.say(why)
            return False
        self.races = ()
        self._race(race)
        return True

    def _race(self, race: Race) -> None:
        self.race, self.guessing, self._next_race = race, False, None
        self.races = (*self.races, race)
        self.show_race()
        race.start(after=self.preflight)
        self.pace.hurry()

    def show_race(self) -> None:
        """Its screen, over the Lab."""
        from tui_trainer.app.screens.race import RaceScreen  # loaded when it is first wanted

        self.action_tab("Lab")
        tab = self.tab
        if isinstance(tab, RaceScreen):
            tab.begin()
        else:
            self.push_screen(RaceScreen())

    def leave_race(self) -> None:
        """Back to the Lab below it; the race itself can be gone back to."""
        from tui_trainer.app.screens.race import RaceScreen

        if not self.race_live and any(isinstance(screen, RaceScreen) for screen in self.screen_stack):
            self.action_tab("Lab")
            if isinstance(self.screen, RaceScreen):
                self.pop_screen()

    def race_again(self, budget: Budget | None = None) -> None:
        """The same settings again: over another budget from the same seed, else from the next seed. One that goes on is stopped."""
        race = self.race
        if race is None or self.read_only:
            return
        if not self.race_live and self.busy:
            self.say(self.busy)
            return
        seed = race.setups[0].config.seed
        self._next_race = (budget, seed) if budget is not None else (race.budget, seed + 1)
        if self.race_live and not race.over:
            race.stop()
        self.continue_race()

    def continue_race(self) -> None:
        """Called after each frame: the next race begins as soon as the threads of the one before are done."""
        race, wanted = self.race, self._next_race
        if race is None or wanted is None or self.race_live or self._then_exit or session.under_way() or self.screen.is_modal:
            return
        self._next_race = None
        budget, seed = wanted
        setups = [replace(one, config=one.config.but(seed=seed)) for one in race.setups]
        try:
            again = Race(setups, budget, race.labels, given=race.given)
        except (RaceError, StoreError) as error:
            self.say(str(error), seconds=60)
            return
        if budget != race.budget:
            self.races = ()
        self._race(again)

    # ---- looking ---------------------------------------------------------------------------------------------

    def poll_race(self) -> bool:
        """Take in what the records of all say by now; whether there was anything."""
        race, self.race_news = self.race, False
        if race is None or (race.over and not race.alive and self._race_shape[1:2] == (True,)):
            return False
        new = race.poll()
        shape = (id(race), race.over, race.paused, race.stopping, race.racing, *(lane.state for lane in race.lanes))
        self.race_news, self._race_shape = shape != self._race_shape, shape
        return new or self.race_news

    def race_status(self) -> tuple[list[Spans], StatusView] | None:
        """The header's corner and the status line, wherever a race goes on that is not in sight."""
        race = self.race
        if race is None or not self.race_live:
            return None
        return race_view.corner(race), race_view.status_view(race, loading=self.loading, hidden=self.guessing)

    @property
    def loading(self) -> str:
        """What of the program itself is not there yet."""
        return "" if self.torch.ready else "loading torch"

    def race_commands(self) -> Iterable[SystemCommand]:
        """What can be done with the race by name, from everywhere."""
        from tui_trainer.app.screens.race import RaceScreen

        if self.race is None or isinstance(self.screen, RaceScreen):
            return
        names = ", ".join(units.plain(label) for label in self.race.labels)
        yield SystemCommand("Race: show it", f"The race of {names}".replace("[", r"\["), lambda: self.call_later(self.show_race))

    # ---- what else is opened ---------------------------------------------------------------------------------

    def open_run(self, run: Run) -> bool:
        opened = super().open_run(run)
        if opened:
            self.leave_race()
        return opened

    def start_sweep(self, queue: Queue, count: int = 1) -> None:
        self.leave_race()
        super().start_sweep(queue, count)

    # ---- leaving ---------------------------------------------------------------------------------------------

    @property
    def trained(self) -> Trained | None:
        return InHand(self.race) if self.race is not None and self.race_live else super().trained

    def action_leave(self) -> None:
        race = self.race
        if race is None or not self.race_live or self._then_exit:
            super().action_leave()
        elif isinstance(self.screen, Sheet) and self.screen.offers("stop"):
            self.screen.choose("stop")
        elif race.stopping:
            self._then_exit = True
            self.say("this screen closes as soon as all have ended", seconds=60)
        else:
            self._close_layers()
            self.push_screen(self._leave_race_sheet(race), self._left_race)

    def _leave_race_sheet(self, race: Race) -> Sheet:
        clock = race_view.clock_view(race)
        left = f"{clock.left} {clock.words}".strip()
        choices = [
            Choice("go on", "Go on", "Esc", "stay here; nothing happens to the race"),
            Choice("stop", "Stop and keep", "X", "each finishes its batch, evaluates, saves"),
        ]
        return Sheet("Leave tui-trainer?", f"A race of {len(race.lanes)} goes on here: {left}.", choices)

    def _left_race(self, answer: str | None) -> None:
        if answer == "stop" and self.race is not None:
            self.race.stop()
            self._next_race, self._then_exit = None, True
            self.leave_when_ended()

    def leave_when_ended(self) -> None:
        if not (self._then_exit and self.race_live):
            super().leave_when_ended()

    def _stop_and_leave(self) -> None:
        race = self.race
        if race is None or not self.race_live:
            super()._stop_and_leave()
            return
        self._leaving = True
        race.stop()
        session.end_process(self._code, InHand(race), within=GRACE, terminal_gone=False)
        self.exit(return_code=self._code)

    def _end_run(self) -> None:
        race = self.race
        if race is not None and race.alive:
            if self._at_once:
                race.abandon()
            else:
                race.stop()
            race.wait(AT_ONCE if self._at_once else GRACE)
        if race is not None:
            while race.poll():
                pass
        super()._end_run()
