"""Which run the app has open: begun or gone on with here, attached to while another process trains it, or only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import session
from tui_trainer.app.leaving import Leaving
from tui_trainer.app.live import READING, Live
from tui_trainer.app.opening import Opening
from tui_trainer.app.pace import Pace
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import Preflight, Session

if TYPE_CHECKING:
    from tui_trainer.session import Resume

LONG = 20.0
"""Seconds for which a sentence stays that one has to read twice."""


class Taking(Leaving, Opening):
    """The part of the app that opens runs."""

    live: Live
    pace: Pace
    preflight: Preflight
    _goes_on = False
    """Whether the run that is open is to be resumed once its record was read."""
    _revival: session.Revival | None = None

    def say(self, text: str, seconds: float = 5.0) -> None:
        raise NotImplementedError

    @property
    def read_only(self) -> bool:
        """Whether the app only watches: nothing is sent, begun, resumed or deleted."""
        return self.live.read_only

    @property
    def busy(self) -> str:
        """Why no other run can be opened now, in words; empty where one can."""
        return "a run is live here: stop it first" if self.live.hosting else ""

    def begin(self, run: Run, resume: Resume | None = None) -> None:
        """Train this run here, from its beginning or from where `resume` says, and watch it."""
        assert not self.read_only
        started = Session(run)
        self.live.open(started, resuming=resume is not None)
        started.start(after=self.preflight, resume=resume)
        self.pace.hurry()

    def open_run(self, run: Run) -> bool:
        """Show a record, or a run that another process trains, on the Lab screen; whether that could be done."""
        self._goes_on = False
        if self.live.session is None or self.live.session.run.folder != run.folder:  # else it is open, and read, already
            if self.busy:
                self.say(self.busy)
                return False
            try:
                self.live.open(Session(run))
            except StoreError as error:  # it was deleted meanwhile, or somebody edited it
                self.say(str(error))
                return False
            self.live.poll(READING)
        self.pace.hurry()
        self.action_tab("Lab")
        self.lab.watch_run()
        return True

    def resume_run(self, run: Run) -> None:
        """Open a run and go on with it here, as the key on the Lab does; whatever stands against that is said."""
        if Session(run).alive:
            self.say(f"run {run.id} is being trained already: Enter attaches to it", LONG)
        elif self.open_run(run):
            self._goes_on = True
            self.look_at_resumed()

    def resume_lost(self) -> None:
        """Go on with every run that is lost, each in the background."""
        if self._revival is None:
            self._revival = session.Revival()
        self._revival.start()
        self.say("looking for runs that are lost", LONG)

    def look_at_resumed(self) -> None:
        """Called after each frame: a run is gone on with as soon as its record was read, and what came of others is said."""
        if self._goes_on and (self.live.held or not self.live.active):
            self._goes_on = False
            self.lab.action_go_on()  # which does nothing where somebody was faster
        if self._revival is not None and (said := self._revival.heard()):
            self.say(said, LONG)
