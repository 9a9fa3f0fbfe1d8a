"""A sweep on the screen: a queue of runs, each started as the form starts one, and what came of them at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from textual.app import SystemCommand
from textual.markup import escape

from tui_trainer import commands, session, sweeps, units
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.taking import Taking
from tui_trainer.config import ConfigError
from tui_trainer.runs import swept
from tui_trainer.runs.store import StoreError
from tui_trainer.runs.swept import Swept
from tui_trainer.session import sweeping
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Sweep, SweepError


def _as_it_is(text: str) -> str:
    """Text of a person's file for the palette, which reads markup."""
    return escape(units.plain(text))


class Sweeping(Taking):
    """The part of the app that goes on with the next run when one has ended."""

    preset_folders: tuple[Path, ...]
    queue: Queue | None = None
    """The sweep that goes on; None while there is none."""
    _last_of_sweep = False
    """Whether the sweep ends with the run that goes on."""

    @property
    def busy(self) -> str:
        return super().busy or ("a sweep goes on here: stop it first" if self.queue is not None else "")

    # ---- from the palette ------------------------------------------------------------------------------------

    def sweep_commands(self) -> Iterable[SystemCommand]:
        """Every sweep by name, and what came of those that were run."""
        done = {record.name for record in swept.everything()}
        for one in sweeps.everything(self.preset_folders):
            name, about = _as_it_is(one.name), _as_it_is(one.problem or one.about)
            yield SystemCommand(f"Sweep: {name}", about, partial(self.call_later, self.ask_sweep, one))
            if one.name in done and not one.problem:
                show = partial(self.call_later, self.show_sweep, one)
                yield SystemCommand(f"Sweep results: {name}", "What was published beside what was measured", show)

    def ask_sweep(self, sweep: Sweep) -> None:
        """What it is, and on which data; asked before anything starts."""
        if self.live.active or self.queue is not None:
            self.say("a run is live here: stop it first")
        elif sweep.problem:
            self.say(sweep.problem, seconds=20)
        else:
            from tui_trainer.app.screens.sweep_sheet import SweepSheet  # loaded when it is first wanted

            self.push_screen(SweepSheet(sweep, self.preset_folders), self._asked)

    def _asked(self, queue: Queue | None) -> None:
        if queue is not None:
            self.start_sweep(queue)

    def show_sweep(self, sweep: Sweep, record: Swept | None = None) -> None:
        """What was published beside what was measured, of this record or of the newest."""
        from tui_trainer.app.screens.sweep_result import SweepResultScreen

        if (found := record or sweeping.latest(sweep)) is None:
            self.say(f"nothing was run of {sweep.name} yet")
        else:
            self.push_screen(SweepResultScreen(sweep, found, self.preset_folders))

    # ---- the queue -------------------------------------------------------------------------------------------

    def start_sweep(self, queue: Queue) -> None:
        """Begin with the first run that is left."""
        self.queue, self._last_of_sweep = queue, False
        self.action_tab("Lab")
        if self._begin_next():
            self.lab.watch_run()

    def continue_sweep(self) -> None:
        """Called after each frame: the next run begins as soon as the one before has ended and its thread is done."""
        live = self.live
        if self.queue is None or live.active or self._then_exit or self.handing_over or session.under_way():
            return
        if isinstance(self.screen, Sheet):
            return  # the question is about the run that was live: its answer must not hit the next
        if live.session is not None and live.session.hosted and live.session.alive:
            return  # it still writes its last words
        if self._last_of_sweep or (live.history.ended is not None and live.history.ended.reason == "abandoned"):
            self._end_sweep()
        elif self._begin_next() and self.lab.face == "run":
            self.lab.run_face.look_at_all()
            self.lab.show()

    def _begin_next(self) -> bool:
        assert self.queue is not None
        try:
            begun = self.queue.begin_next()
        except StoreError as error:
            self.queue = None
            self.say(str(error), seconds=60)
            return False
        if begun is None:
            self._end_sweep()
            return False
        if begun.elsewhere:
            self.live.open(session.Session(begun.run))
        else:
            self.begin(begun.run, begun.resume)
        return True

    def _end_sweep(self) -> None:
        """The sweep is over, or a person ended it: what came of it, where nothing else is being looked at."""
        queue, self.queue = self.queue, None
        if queue is None or queue.swept is None:
            return
        queue.let_go()
        tab = self.tab
        if tab is not None and self.screen is tab and tab.TAB == "Lab":
            self.show_sweep(queue.sweep, queue.swept)
        else:
            self.say(f"sweep {queue.sweep.name} is over: Ctrl+P, Sweep results", seconds=20)

    @property
    def sweep_place(self) -> str:
        """`sweep day1-width 2 of 6`; empty while there is none."""
        queue = self.queue
        return f"sweep {queue.sweep.name} {queue.number} of {len(queue.planned)}" if queue is not None else ""

    # ---- stopping --------------------------------------------------------------------------------------------

    def ask_stop(self) -> None:
        """This run, or the sweep with it?"""
        if not self.live.active or self.screen.is_modal:
            return
        choices = [
            Choice("go on", "Go on", "Esc", "nothing happens"),
            Choice("stop", "Stop this run", "X", "finishes the batch, saves; then the next"),
            Choice("stop sweep", "Stop the sweep", "S", "stops this run, and begins no other"),
        ]
        self.push_screen(Sheet("Stop the run or the sweep?", self._fact(), choices, danger=self._abandoning()), self._stopped)

    def _stopped(self, answer: str | None) -> None:
        self._last_of_sweep = answer in {"stop sweep", "abandon"}
        self._answered("stop" if answer == "stop sweep" else answer)

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
        return f"{super()._fact()} It is run {self.queue.number} of {len(self.queue.planned)} of sweep {self.queue.sweep.name}."

    # ---- leaving ---------------------------------------------------------------------------------------------

    def _detaching(self) -> str:
        return super()._detaching() if self.queue is None else "this run goes on without this screen; the sweep's others wait"

    def _later(self) -> str:
        return super()._later() if self.queue is None else f"the others, later: tui-trainer sweep {self.queue.sweep.name}"


def made(sweep: Sweep, dataset: str, folders: Iterable[Path], *, again: bool = False) -> Queue | str:
    """The queue of a sweep on this dataset, empty for its own; or what is wrong with it, in a sentence."""
    given: Mapping[str, object] = {} if dataset in {"", *sweep.datasets} else {"dataset": dataset}
    try:
        return Queue(sweep, given, sweeping.plan(sweep, given, folders), again=again)
    except ConfigError as error:
        return "; ".join(f"{name}: {text}" for name, text in error.problems.items())
    except (SweepError, StoreError) as error:
        return str(error)
