"""Every way out of the app: the question before it, signals, a terminal that is gone. A run is never lost silently."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from textual.app import App
from textual.worker import Worker

from tui_trainer import commands, session, units
from tui_trainer.app import terminal
from tui_trainer.app.live import Live
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.session.hangup import Trained

GRACE = 15.0
"""Seconds that a run gets to finish its batch, evaluate and save before the process ends all the same."""
AT_ONCE = 0.5
"""The same where somebody asked twice: enough for its record to say that it was abandoned, unless a batch takes long."""
HUNG_UP, INTERRUPTED = 129, 130
"""Exit codes of the signals that are more than a request to stop."""


class Leaving(App[None]):
    """The part of the app that ends it."""

    live: Live
    crash: str
    hung_up = False
    """Whether the terminal is gone: nothing can be shown or printed any more."""
    handed_over = False
    """Whether a process in the background has the run now."""
    handing_over = False
    """Whether the run is on its way to a process in the background."""
    _handing: Worker[str] | None = None
    _leaving = False
    _then_exit = False
    _at_once = False
    _code = 0
    _gone: Callable[[], bool]
    _watch: AbstractContextManager[object] | None = None

    def say(self, text: str, seconds: float = 5.0) -> None:
        raise NotImplementedError

    def watch_terminal(self) -> None:
        """Listen to signals, and to whether the terminal is still there: that also while the event loop is stuck."""
        if self.is_headless:
            return
        terminal.listen(self.leave_by_signal)
        self._gone = terminal.HangUp()
        self._watch = session.on_hangup(lambda: self.trained)

    @property
    def trained(self) -> Trained | None:
        """What may be trained here, and has to be seen to before the process ends."""
        return self.live.session

    def action_leave(self) -> None:
        """Quit, or ask first while a run is live here; asked again while the question stands, stop and keep."""
        if isinstance(self.screen, Sheet) and self.screen.offers("stop"):
            self.screen.choose("stop")
        elif self.handing_over:
            self.say("handing over: this screen closes in a moment")
        elif self._then_exit or not self.live.hosting:
            self.exit()
        elif self.live.history.phase == "stopping":
            self._then_exit = True
            self.say("this screen closes as soon as the run has ended", seconds=60)
        else:
            self._close_layers()
            self.push_screen(self._leave_sheet(), self._left)

    def _leave_sheet(self) -> Sheet:
        choices = [
            Choice("detach", "Detach", "d", self._detaching()),
            Choice("stop", "Stop and keep", "X", "finishes the batch, evaluates, saves; can be resumed"),
            Choice("go on", "Go on", "Esc", "stay here; nothing happens to the run"),
        ]
        return Sheet("Leave tui-trainer?", self._fact(), choices, danger=self._abandoning(), hint=self._later())

    def _detaching(self) -> str:
        return "the run goes on without this screen; attach brings it back"

    def _later(self) -> str:
        run = self.live.session.run if self.live.session else None
        return f"later, from any login: tui-trainer attach {run.id}" if run else ""

    def detach(self) -> None:
        """Leave, and let the run go on: in the background where it is trained here. The screen closes once it does."""
        if not self.live.hosting or self.live.session is None:
            self.exit()
        elif not self.handing_over:
            self.handing_over = True
            self._handing = self.run_worker(self.live.session.hand_over, thread=True, exit_on_error=False, name="hand over")

    def _look_at_hand_over(self) -> None:
        """Close the screen once the run was taken over; where it was not, say why: training goes on here."""
        if self._handing is None or not self._handing.is_finished:
            return
        done, self._handing, self.handing_over = self._handing, None, False
        why = str(done.error) if done.error is not None else done.result
        if not why:
            self.handed_over = True
            self.exit()
        elif self._code:
            self._stop_and_leave()
        else:
            self.say(f"not detached: {why}", seconds=60)

    def ask_abandon(self) -> None:
        """End the run now? Asked, because steps are lost."""
        if not self.live.active or self.screen.is_modal:
            return
        stay = Choice("go on", "Go on", "Esc", "nothing happens to the run")
        stop = Choice("stop", "Stop and keep", "X", "finishes the batch, evaluates, saves")
        self.push_screen(Sheet("Abandon the run?", self._fact(), [stay, stop], danger=self._abandoning()), self._answered)

    def _close_layers(self) -> None:
        while len(self.screen_stack) > 1 and self.screen.is_modal:
            self.pop_screen()

    def _fact(self) -> str:
        history, run = self.live.history, self.live.session.run if self.live.session else None
        of = f" of {history.epochs_planned}" if history.epochs_planned else ""
        left = history.seconds_left
        more = f" and needs about {units.duration(left)} more" if left is not None and not history.paused else ""
        return f"The run {run.id if run else ''} is at epoch {max(history.epoch, 1)}{of}{more}."

    def _abandoning(self) -> Choice:
        history = self.live.history
        return Choice("abandon", "abandon", "A", f"end now, lose {units.count(max(history.step - history.kept, 0))} steps")

    def _answered(self, answer: str | None) -> None:
        if answer == "stop":
            self.live.send(commands.Stop())
        elif answer == "abandon":
            self.live.send(commands.Abandon())

    def _left(self, answer: str | None) -> None:
        self._answered(answer)
        if answer == "detach":
            self.detach()
        self._then_exit = answer in {"stop", "abandon"}
        self.leave_when_ended()

    def leave_when_ended(self) -> None:
        """Called after each frame: the screen closes as soon as the run that was asked to end has ended, or was handed over."""
        self._look_at_hand_over()
        if self._then_exit and not self.live.active:
            self.exit()

    def leave_by_signal(self, code: int) -> None:
        """On a hang-up the run goes on in the background; otherwise it is stopped, and its weights are kept. The terminal is
        restored, and the process ends with this code, or with 0 where the run goes on."""
        self._at_once = self._leaving and code == INTERRUPTED
        gone = self._gone()  # asked first: who is leaving already lets go of the terminal
        if self._leaving or self.handing_over or session.under_way():
            return
        self._code = code
        if code != HUNG_UP:
            self._stop_and_leave()
        elif gone:
            self.hung_up = True
            session.hang_up(self.trained)
        elif self.live.hosting:  # the signal alone: somebody wants the terminal back
            self.detach()
        else:
            self.exit(return_code=code)

    def _stop_and_leave(self) -> None:
        """Never depends on the event loop alone."""
        self._leaving = True
        if self.live.hosting:
            self.live.send(commands.Stop())
        session.end_process(self._code, self.live.session if self.live.hosting else None, within=GRACE, terminal_gone=False)
        self.exit(return_code=self._code)

    def end_run(self) -> int:
        """After the screen closed: let the run end, take in its last words, give the exit code."""
        with self._watch or nullcontext():
            try:
                self._end_run()
            except KeyboardInterrupt:  # asked twice
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                self._at_once, self._code = True, INTERRUPTED
                self._end_run()
        return self._code or (1 if self.crash else 0)

    def _end_run(self) -> None:
        live = self.live
        if self.handed_over:
            self._code = 0
            self._take_in_hand_over()
        elif live.session is not None and live.session.hosted:
            if live.hosting:  # it may have ended since the last look: then only its last words are to be read
                live.send(commands.Abandon() if self._at_once else commands.Stop())
            live.session.wait(AT_ONCE if self._at_once else GRACE)
            while live.poll():
                pass

    def _take_in_hand_over(self) -> None:
        """Read on until the record says who has the run."""
        until = time.monotonic() + 1.0
        while self.live.history.phase != "handed over" and time.monotonic() < until:
            if not self.live.poll():
                time.sleep(0.02)
