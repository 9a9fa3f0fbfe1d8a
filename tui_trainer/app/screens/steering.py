"""What the Lab asks of a run that goes on, and how one goes on that is over. Every question is a sheet; every answer a command."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from tui_trainer import commands, config, preset, session
from tui_trainer.app.screens.change_sheet import ChangeSheet, Commands
from tui_trainer.app.screens.memory_sheet import ANSWERS, memory_sheet
from tui_trainer.app.screens.more_sheet import MoreSheet
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.screens.tab import Tab
from tui_trainer.app.widgets.settings import ChangeWanted, RateDown, RateUp
from tui_trainer.checkpoints import BEST
from tui_trainer.config import ConfigError
from tui_trainer.events import OutOfMemory
from tui_trainer.runs.history import History
from tui_trainer.runs.remedy import remedy
from tui_trainer.runs.store import Run, StoreError

if TYPE_CHECKING:
    from tui_trainer.session import Resume

STEERS = frozenset({"pause", "one_batch", "scale", "stop", "detach", "change", "evaluate", "save", "finish_epoch"})
"""Actions that ask something of a run that goes on."""
HEEDS = 15.0
"""Seconds after something was asked in which a refusal is said in the status line too."""


class Steering(Tab):
    """The part of the Lab that acts on the run."""

    _asked_memory: OutOfMemory | None = None
    """The one that the sheet was last shown for by itself."""
    _resuming: Resume | None = None
    """How the run is being gone on with, until it trains again: whether its checkpoint can be used shows only then."""
    _heeding = 0.0
    _warned = 0

    @property
    def history(self) -> History:
        return self.trainer.live.history

    @property
    def stopping(self) -> bool:
        """Whether the run was asked to end and is at its last batch, evaluation and save."""
        return self.trainer.live.active and self.history.phase == "stopping"

    @property
    def waiting(self) -> OutOfMemory | None:
        """Set while the run holds because a batch did not fit into memory."""
        memory = self.history.memory
        return memory if memory is not None and memory.waiting and self.trainer.live.active else None

    @property
    def over(self) -> bool:
        """Whether there is a run on the screen that nobody trains."""
        live = self.trainer.live
        return live.session is not None and not live.active

    @property
    def kept(self) -> int:
        """Step of the checkpoint that the run would go on from; 0 where it would begin again."""
        return self.history.kept

    def may(self, action: str) -> bool | None:
        """Whether an action on the run does anything now; None where it does not, False where it is not even to be shown."""
        live = self.trainer.live
        if live.read_only:
            return False
        match action:
            case "abandon":
                return True if live.active else None
            case "go_on":
                return True if self.over or self.waiting else None
            case "as_steered":
                return True if self.over and self.history.changes else None
        return True if live.active and not self.stopping and not self.trainer.handing_over else None

    def heed(self) -> None:
        """Called each frame: a question that the run asks, and what it refused a moment ago."""
        memory = self.waiting
        if memory is None:
            self._asked_memory = None
        elif memory != self._asked_memory and self.trainer.screen is self and not self.trainer.live.read_only:
            self._asked_memory = memory
            self._ask_memory(memory)
        self._look_at_resumption()
        new, self._warned = self.history.warnings > self._warned, self.history.warnings
        if new and time.monotonic() < self._heeding:
            said = next((note.text for note in reversed(self.history.notes) if note.kind == "warning"), "")
            self.trainer.say(said, seconds=HEEDS)

    def _send(self, *asked: commands.Command) -> None:
        self._heeding = time.monotonic() + HEEDS
        for command in asked:
            self.trainer.live.send(command)

    # ---- a run that goes on ----------------------------------------------------------------------------------

    def action_pause(self) -> None:
        self._send(commands.Continue() if self.history.paused or self.waiting else commands.Pause())

    def action_one_batch(self) -> None:
        self._send(commands.Step())

    def action_finish_epoch(self) -> None:
        self._send(commands.FinishEpoch())

    def action_evaluate(self) -> None:
        self._send(commands.Evaluate())

    def action_save(self) -> None:
        self._send(commands.Save())

    @on(RateDown)
    def _rate_down(self) -> None:
        self.action_scale(0.5)

    @on(RateUp)
    def _rate_up(self) -> None:
        self.action_scale(2.0)

    def action_scale(self, factor: float) -> None:
        self._send(commands.ScaleLearningRate(factor))

    def action_stop(self) -> None:
        """Stop the run; in a sweep it is asked whether the others go on."""
        self.trainer.stop_run()

    def action_abandon(self) -> None:
        """End now: asked first, because work since the last checkpoint is lost."""
        self.trainer.ask_abandon()

    def action_detach(self) -> None:
        """Leave; the run goes on in the background."""
        self.trainer.detach()

    @on(ChangeWanted)
    def _change_wanted(self, message: ChangeWanted) -> None:
        self.action_change(message.name)

    def action_change(self, first: str = "lr") -> None:
        """A field for each setting that can be changed now; where memory is short, the question about it."""
        if not self.may("change") or self.trainer.screen is not self:
            return
        if self.waiting is not None:
            first = "batch_size"
        if (now := self._config_now()) is not None:
            samples = self.history.started.train_size if self.history.started else 0
            sheet = ChangeSheet(now, samples=samples, regression=self.history.regression, first=first)
            self.trainer.push_screen(sheet, self._changed)

    def _config_now(self) -> config.Config | None:
        """The settings that the run has by now."""
        known = config.overlay(self.trainer.live.config, self.history.config)
        if self.history.lr is not None:
            known["lr"] = self.history.lr
        try:
            return config.read(known)
        except ConfigError as error:  # a record of another version
            self.trainer.say(f"the settings of this run cannot be read: {error}")
            return None

    def _changed(self, asked: Commands | None) -> None:
        self._send(*(asked or ()))

    def _ask_memory(self, memory: OutOfMemory) -> None:
        self.trainer.push_screen(memory_sheet(memory, self.history.lr), self._answer_memory)

    def _answer_memory(self, answer: str | None) -> None:
        if answer in ANSWERS:
            self._send(ANSWERS[answer])

    # ---- a run that is over ----------------------------------------------------------------------------------

    def action_go_on(self) -> None:
        """Resume: where it was, after a divergence at the suggested rate, and a finished run for longer."""
        history, live = self.history, self.trainer.live
        if self.waiting is not None:
            self._ask_memory(self.waiting)
        elif live.active or live.session is None:
            return
        elif history.ended is not None and history.ended.reason == "finished":
            if (now := self._config_now()) is not None:
                sheet = MoreSheet(live.session.run.id, now.budget)
                self.trainer.push_screen(sheet, lambda text: self.resume(session.Resume(budget=text)) if text else None)
        elif history.ended is not None and history.ended.reason == "diverged" and not self.kept:
            self.action_again()
        else:
            needed = remedy(history.ended, history.short)
            self.resume(session.Resume(asked=(needed,) if needed else ()))

    def action_again(self) -> None:
        """Start from the beginning."""
        raise NotImplementedError

    def resume(self, wanted: Resume) -> None:
        """Go on with the run here; where its last checkpoint is of no use, the best one is offered."""
        live = self.trainer.live
        if live.active or live.session is None:
            return
        if why := self.trainer.forbidden:
            self.trainer.say(why)
            return
        run = live.session.run
        try:
            found = session.resumption(run, wanted)
        except StoreError as error:
            self._offer_best(run, wanted, str(error))
            return
        for sentence in found.says:
            self.trainer.say(sentence, seconds=HEEDS)
        self.trainer.begin(run, wanted)
        self._resuming = wanted
        self.watch_run()

    def _look_at_resumption(self) -> None:
        live, wanted = self.trainer.live, self._resuming
        if wanted is None or live.session is None:
            return
        if live.session.problem and not live.active and self.trainer.screen is self:
            self._resuming = None
            self._offer_best(live.session.run, wanted, live.session.problem)
        elif live.session.alive and not live.behind and self.history.phase in {"training", "paused"}:
            self._resuming = None

    def watch_run(self) -> None:
        """Show the run that the app has open."""
        raise NotImplementedError

    def _offer_best(self, run: Run, wanted: Resume, why: str) -> None:
        best = session.Resume(BEST, wanted.budget, wanted.asked)
        if wanted.checkpoint == BEST or self.history.saved_best is None or _refusal(run, best):
            self.trainer.say(why, seconds=60)
            return
        kept = self.history.saved_best
        choices = [
            Choice("best", f"Go on from best of epoch {kept.epoch}", "g", f"its weights and all else of step {kept.step}"),
            Choice("go on", "Leave it", "Esc", "nothing happens to the run"),
        ]
        fact = f"{why.partition('; best.pt')[0]}."
        sheet = Sheet("The last checkpoint cannot be used.", fact, choices, escape="leave it")
        self.trainer.push_screen(sheet, lambda answer: self.resume(best) if answer == "best" else None)

    def action_as_steered(self) -> None:
        """The same run again, with everything that was changed by hand, at the same steps."""
        live = self.trainer.live
        if live.active or live.session is None:
            return
        before = live.session.run
        given = {name: value for name, value in live.config.items() if value is not None}
        try:
            copy = replace(preset.read(before.preset_file), name=str(given["preset"]))
            setup = session.configure(given, chosen=copy)
            run = session.create(setup, steering=self.history.changes, preset_file=before.preset_file)
        except (ConfigError, StoreError) as error:
            self.trainer.say(str(error), seconds=60)
            return
        self.trainer.begin(run)
        self.watch_run()


def _refusal(run: Run, wanted: Resume) -> str:
    """Why a run cannot be resumed so; empty where it can."""
    try:
        session.resumption(run, wanted)
    except StoreError as error:
        return str(error)
    return ""
