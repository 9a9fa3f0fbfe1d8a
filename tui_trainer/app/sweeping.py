"""A sweep on the screen: asked for, shown on its board, stopped, and what came of it at the end."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.markup import escape

from tui_trainer import commands, config, sweeps, units
from tui_trainer.app.queued import Queued
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.sweep_field import RecordField, SweepField
from tui_trainer.runs import swept
from tui_trainer.runs.store import StoreError
from tui_trainer.runs.swept import Swept
from tui_trainer.session import sweeping
from tui_trainer.session.race import Race, RaceError
from tui_trainer.session.several import Several
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Published, Sweep

if TYPE_CHECKING:
    from tui_trainer.app.comparing import Comparing
    from tui_trainer.app.looking import Looking
    from tui_trainer.app.sweep_plan import Judged, Typed

GOES_ON = Choice("go on", "Go on", "Esc", "nothing happens")


def _as_it_is(text: str) -> str:
    """Text of a person's file for the palette, which reads markup."""
    return escape(units.plain(text))


class Sweeping(Queued):
    """The part of the app that has sweeps."""

    preset_folders: tuple[Path, ...]
    _field: SweepField | None = None
    """Of the sweep that goes on, or did last."""
    _seen: tuple[Comparing, Looking] | None = None
    """What its board had read and how it was looked at: letters stay where it is opened again."""
    _asked_before: dict[str, Typed]

    def begin_race(self, race: Race) -> bool:
        """Let these settings race, on a screen of their own; whether that could be done."""
        raise NotImplementedError

    # ---- from the palette ------------------------------------------------------------------------------------

    def sweep_commands(self) -> Iterable[SystemCommand]:
        """Every sweep by name, those of lists as well that were run, and what came of them."""
        done = {record.name for record in swept.everything()}
        files = sweeps.everything(self.preset_folders)
        for one in (*files, *swept.without_file(files)):
            name, about = _as_it_is(one.name), _as_it_is(one.problem or one.about)
            yield SystemCommand(f"Sweep: {name}", about, partial(self.call_later, self.ask_sweep, one))
            if one.name in done and not one.problem:
                show = partial(self.call_later, self.show_sweep, one)
                what = "What was published beside what was measured" if published(one) else "All of it side by side"
                yield SystemCommand(f"Sweep results: {name}", what, show)

    def ask_sweep(self, sweep: Sweep, *, of_lists: bool = False) -> None:
        """What it is, and how it is to be run; asked before anything starts."""
        if why := self.forbidden:
            self.say(why)
        elif sweep.problem:
            self.say(sweep.problem, seconds=20)
        else:
            from tui_trainer.app.screens.sweep_sheet import SweepSheet  # loaded when it is first wanted
            from tui_trainer.app.sweep_plan import begun_before

            key = "" if of_lists else sweep.name
            before = self._known_asked().get(key) or begun_before(sweep)
            if of_lists:
                before = replace(before, dataset="")  # it stands in the form
            sheet = SweepSheet(
                sweep,
                self.preset_folders,
                before,
                self.lab.setup_face.forecaster,
                of_lists=of_lists,
                remember=partial(self._known_asked().__setitem__, key),
            )
            self.push_screen(sheet, self._asked)

    def ask_lists(self, several: Several) -> None:
        """The same of the lists in the form."""
        self.ask_sweep(several.sweep, of_lists=True)

    def _known_asked(self) -> dict[str, Typed]:
        """What stood in the sheet of each sweep when it was open last: nothing that was typed is lost."""
        if not hasattr(self, "_asked_before"):
            self._asked_before = {}
        return self._asked_before

    def _asked(self, found: Judged | None) -> None:
        if found is None:
            return
        self._known_asked().clear()
        if found.queue is not None:
            self.start_sweep(found.queue, found.parallel)
        elif found.budget is not None:
            try:
                race = Race([one.setup for one in found.planned], found.budget, [one.label for one in found.planned])
            except (RaceError, StoreError) as error:
                self.say(str(error), seconds=60)
                return
            self.begin_race(race)

    def start_sweep(self, queue: Queue, count: int = 1) -> None:
        """Begin with the first run that is left; where none is, show what came of it."""
        self._field, self._seen = SweepField(queue, self), None
        self.action_tab("Lab")
        if queue.over:
            self._show_end(queue)
        elif self.start_queue(queue, count) and self.crew is None:
            self.lab.watch_run()

    # ---- what came of it -------------------------------------------------------------------------------------

    @property
    def board_ready(self) -> bool:
        """Whether a sweep goes on, or went on since the app was opened."""
        return self._field is not None

    @property
    def of_board(self) -> bool:
        """Whether the run that is open is one of that sweep's."""
        shown = self.live.session.run if self.live.session is not None else None
        return self._field is not None and any(shown in runs for _, runs in self._field.entries())

    def show_board(self) -> None:
        """The runs of the sweep that goes on, or did last, side by side."""
        from tui_trainer.app.screens.compare import CompareScreen

        if self._field is None or self._on_board:
            return
        board = CompareScreen(self._field)
        if self._seen is not None:
            board.comparing, board.looking = self._seen
        self._seen = board.comparing, board.looking
        self.push_screen(board)

    @property
    def _on_board(self) -> bool:
        """Whether the board is in sight, be it under a sheet."""
        return self._field is not None and getattr(self.tab, "field", None) is self._field

    def show_sweep(self, sweep: Sweep, record: Swept | None = None) -> None:
        """What came of this record or of the newest: beside what was published, where something was; else side by side."""
        found = record or sweeping.latest(sweep)
        if found is None:
            self.say(f"nothing was run of {sweep.name} yet")
        elif published(sweep):
            from tui_trainer.app.screens.sweep_result import SweepResultScreen

            self.push_screen(SweepResultScreen(sweep, found, self.preset_folders))
        else:
            from tui_trainer.app.screens.compare import CompareScreen

            runs = sweeping.recorded(sweep, found, self.preset_folders)
            self.push_screen(CompareScreen(RecordField(sweep.name, runs, found.told().states)))

    def end_sweep(self) -> None:
        queue = self.queue
        self.let_go_of_sweep()
        if queue is None or queue.swept is None:
            return
        if self.screen is self.lab and self.lab.face == "run":  # never over somebody who types in the form
            self._show_end(queue)
        elif not self._on_board:
            self.say(f"sweep {queue.sweep.name} is over: Ctrl+P, Sweep results", seconds=20)

    def _show_end(self, queue: Queue) -> None:
        if published(queue.sweep) and queue.swept is not None:
            self.show_sweep(queue.sweep, queue.swept)
        else:
            self.show_board()

    # ---- stopping --------------------------------------------------------------------------------------------

    def ask_skip(self) -> None:
        """Done with the run on the Lab?"""
        if self.queue is None or not self.live.active or self.screen.is_modal:
            return
        skip = Choice("skip", "Skip it", "k", "stops and keeps it; the sweep does not come back to it")
        fact = self._fact() if self.crew is None else f"{super()._fact()} It is the one in the lab."
        self.push_screen(Sheet("Skip this run?", fact, [GOES_ON, skip]), self._stopped)

    def ask_stop(self) -> None:
        """This run, or the sweep with it?"""
        if not (self.live.active or self.crew is not None) or self.screen.is_modal:
            return
        choices = [
            GOES_ON,
            Choice("stop", "Stop this run", "X", "keeps it for later; then the next"),
            Choice("skip", "Skip it", "k", "keeps it, and never comes back to it"),
            Choice("stop sweep", "Stop the sweep", "S", "stops all; it goes on later where it was"),
        ]
        danger = self._abandoning() if self.live.hosting else None
        self.push_screen(Sheet("Stop the run or the sweep?", self._fact(), choices, danger, self._later()), self._stopped)

    def _stopped(self, answer: str | None) -> None:
        match answer:
            case "skip":
                self.skip_run()
            case "stop":
                self.live.send(commands.Stop())
            case "stop sweep":
                self.stop_sweep()
            case "abandon":
                self._last_of_sweep = True
                self.live.send(commands.Abandon())

    def ask_abandon(self) -> None:
        """In a sweep the question is also whether to go on with the next run."""
        if self.queue is None:
            super().ask_abandon()
        else:
            self.ask_stop()

    def stop_run(self) -> None:
        """Stop the run; in a sweep it is asked whether the others go on."""
        if self.queue is None:
            self.live.send(commands.Stop())
        else:
            self.ask_stop()

    def _fact(self) -> str:
        if self.queue is None:
            return super()._fact()
        name = units.plain(self.queue.sweep.name)
        if self.crew is not None:
            return f"{len(self.crew.live)} runs of sweep {name} go on at once: {self.queue.place} by now."
        return f"{super()._fact()} It is run {self.queue.place} of sweep {name}."

    # ---- leaving ---------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        asking = isinstance(self.screen, Sheet) and self.screen.offers("stop")
        if self.crew is None or self._then_exit or asking:
            super().action_leave()
            return
        count = len(self.crew.live)
        choices = [
            Choice(
                "detach", "Leave them", "d", f"{count} run{'s go' if count > 1 else ' goes'} on without this screen; the rest waits"
            ),
            Choice("stop", "Stop and keep", "X", "each finishes its batch, evaluates, saves; all can go on later"),
            Choice("go on", "Go on", "Esc", "stay here; nothing happens to them"),
        ]
        self._close_layers()
        self.push_screen(Sheet("Leave tui-trainer?", self._fact(), choices, hint=self._later()), self._left_crew)

    def _left_crew(self, answer: str | None) -> None:
        if answer == "stop":
            self.stop_sweep()
            self._then_exit = True
        elif answer == "detach":
            self.exit()

    def leave_when_ended(self) -> None:
        if self._then_exit and self.crew is not None:
            self.crew.ended()
            if self.crew.live:
                return
        super().leave_when_ended()

    def _stop_and_leave(self) -> None:
        if self.crew is not None:
            self.crew.stop()
        super()._stop_and_leave()

    def _detaching(self) -> str:
        return super()._detaching() if self.queue is None else "this run goes on without this screen; the sweep's others wait"

    def _later(self) -> str:
        return super()._later() if self.queue is None else f"the others, later: {self.sweep_command}"

    @property
    def sweep_command(self) -> str:
        """What goes on with the sweep that goes on here, from a shell; empty while there is none."""
        if self.queue is None:
            return ""
        given = [word for name, value in self.queue.given.items() for word in (config.option_of(name), shlex.quote(str(value)))]
        folders = [word for folder in self.preset_folders for word in ("--presets", shlex.quote(str(folder)))]
        return " ".join(["tui-trainer sweep", shlex.quote(self.queue.sweep.name), *given, *folders])


def published(sweep: Sweep) -> bool:
    """Whether its source gives figures to set the measured ones beside."""
    return any(entry.published != Published() for entry in sweep.entries)
