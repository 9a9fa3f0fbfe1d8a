"""What a run does when it is asked something: between two batches, while it is paused, and during an evaluation.

Whoever asks has checked the request already; the trainer checks it again, and says what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_trainer import commands as ask
from tui_trainer import steering, units
from tui_trainer.commands import Command
from tui_trainer.config import BUDGETS, BY_NAME, Config
from tui_trainer.engine import augment, optim
from tui_trainer.engine.over import HANDED_OVER, Over
from tui_trainer.engine.prepare import Ready, usual_loss
from tui_trainer.events import Continued, Event, HandedOver, LearningRateChanged, Noted, Paused, SettingChanged, Stopping

if TYPE_CHECKING:
    from tui_trainer.engine.judge import Judge
    from tui_trainer.engine.rate import Rate
    from tui_trainer.engine.reports import RunClock
    from tui_trainer.engine.saves import Saves

NAP = 0.02
"""Seconds between two looks for commands while paused."""


class Obeying:
    """The part of the trainer that obeys."""

    ready: Ready
    config: Config
    emit: Callable[[Event], None]
    commands: Callable[[], list[Command]]
    sleep: Callable[[float], None]
    saves: Saves
    judge: Judge
    rate: Rate
    time: RunClock
    lr: float
    step: int
    steps: int
    paused: bool
    said_paused: bool
    stopping: bool
    to_epoch_end: bool
    resized: bool
    evaluation_asked: bool
    batches_asked: int
    steering: list[LearningRateChanged | SettingChanged]
    epoch: int
    stop_at: tuple[str, float] | None = None
    """How much of the budget it is to use, where it was asked to stop before the end."""

    # What the trainer brings

    def over(self) -> bool:
        raise NotImplementedError

    def left(self) -> int:
        raise NotImplementedError

    def is_judged(self) -> bool:
        raise NotImplementedError

    def validate(self) -> None:
        raise NotImplementedError

    def save(self, *, asked: bool = False) -> bool:
        raise NotImplementedError

    def plan(self) -> None:
        raise NotImplementedError

    # Obey

    def attend(self) -> None:
        """Does what was asked since the last look, and the evaluation that was asked for."""
        self.obey(self.commands())
        self.try_now()

    def try_now(self) -> None:
        """The evaluation that was asked for, if any was."""
        if not self.evaluation_asked:
            return
        if not self.step or self.is_judged():
            text = "these weights have been tried already" if self.step else "nothing has been learned yet that could be tried"
            self.emit(Noted("info", text, self.step))
        self.validate()
        self.evaluation_asked = False

    def obey(self, heard: list[Command]) -> None:
        """Does what was asked, in order. An abandoned run ends right here; one that is handed over is left."""
        for command in heard:
            self.saves.step = -1  # what was saved of this step may not be how the run is from now on
            match command:
                case ask.Abandon():
                    raise Over("abandoned")
                case ask.HandOver():
                    self.hand_over()
                case ask.Stop() if not self.stopping:
                    self.stopping = True
                    self.emit(Stopping(self.step))
                case ask.StopAt(unit, amount):
                    self.set_stop(unit, amount)
                case ask.Pause():
                    self.paused, self.to_epoch_end = True, False
                case ask.Continue():
                    self.paused, self.to_epoch_end, self.batches_asked = False, False, 0
                case ask.Step():
                    self.paused, self.to_epoch_end = True, False
                    self.batches_asked += 1
                case ask.FinishEpoch():
                    self.paused, self.to_epoch_end, self.batches_asked = False, True, 0
                case ask.Evaluate():
                    self.evaluation_asked = True
                case ask.Save():
                    self.save(asked=True)
                case ask.FitBatch() if not self.config.fit_batch:  # memory is not short: it is told for when it will be
                    self.config = self.config.but(fit_batch=True)
                    self.emit(Noted("info", "where memory is short, it goes on with the largest batch that fits", self.step))
                case ask.SetLearningRate(lr) | ask.Set("lr", lr):
                    self.change("lr", lr)
                case ask.ScaleLearningRate(factor):
                    self.change("lr", self.current_rate() * factor)
                case ask.Set(name, value):
                    self.change(name, value)

    def set_stop(self, unit: str, amount: float) -> None:
        """Stop there; not at all where that is 0, or where the run ends anyway."""
        budget, whole = self.config.budget
        if amount <= 0 or (unit == budget and amount >= whole):
            self.stop_at = None
        elif unit not in BUDGETS:
            self._refuse(f"the run can stop after so many {', '.join(BUDGETS)}, not {unit}")
        elif self.stop_at != (unit, amount):
            self.stop_at = unit, amount
            said = f"{amount:,.10g}".replace(",", " ")
            self.emit(Noted("info", f"it is to stop at {said} {unit if amount != 1 else unit[:-1]}", self.step))

    def is_stop_due(self) -> bool:
        """Whether it has come to where it was to stop; from then on it is stopping."""
        if self.stop_at is None or not self.step:
            return False
        unit, amount = self.stop_at
        if unit == "epochs":
            due = self.epoch > amount or (self.epoch >= amount and not self.left())
        else:
            due = (self.step if unit == "steps" else self.time.seconds()) >= amount
        if due:
            self.stop_at, self.stopping = None, True
            self.emit(Stopping(self.step))
        return due

    def hold(self) -> None:
        """While paused: waits, without spinning and with the run's clock standing, until there is something to do."""
        while self.paused and not self.over():
            if self.batches_asked:
                self.batches_asked -= 1
                break
            self.time.hold()
            if self.saves.pause_is_due(self.step):
                self.save()
            if not self.said_paused:
                self.said_paused = True
                self.emit(Paused(self.step, self.time.seconds()))
            self.sleep(NAP)
            self.attend()
        self.time.go_on()
        if self.said_paused and not self.paused:
            self.said_paused = False
            self.emit(Continued(self.step, self.time.seconds()))

    def hand_over(self) -> None:
        """Leave the run to another process, which goes on from `last.pt`. Without one nothing is left."""
        self.saves.flush(self.time.seconds())
        if not self.save():
            self.emit(Noted("warning", "the run cannot be handed over, because it cannot be saved; it goes on here", self.step))
            return
        self.emit(HandedOver(self.step, self.time.seconds()))
        raise Over(HANDED_OVER)

    # Change

    def steer(self) -> None:
        """The changes of an earlier run that are due at the next step."""
        while self.steering and self.steering[0].step <= self.step + 1:
            change = self.steering.pop(0)
            if change.step == self.step + 1:
                self.change("lr" if isinstance(change, LearningRateChanged) else change.name, change.new)

    def change(self, name: str, raw: float) -> None:
        """From the next step on. What cannot be is refused with a note."""
        try:
            name = steering.setting(name)
            old = self.current_rate() if name == "lr" else float(getattr(self.config, name))
        except ValueError as error:
            self._refuse(str(error))
            return
        data = self.ready.data
        try:
            new = steering.value(self.config, name, raw, samples=len(data.train), regression=data.task == "regression")
            self._apply(name, old, new)
            self.saves.step = -1  # what lies there does not know of it: while paused it is written anew
        except ValueError as error:
            why = f": {error}" if isinstance(error, steering.Fixed) else f"; it has to be {error}"
            self._refuse(f"the {BY_NAME[name].label} stays at {_said(name, old)}{why}")

    def _refuse(self, text: str) -> None:
        self.emit(Noted("warning", text, self.step))

    def _apply(self, name: str, old: float, new: float) -> None:
        seconds = self.time.seconds()
        if name == "lr":
            self.rate.change(new, self.step, seconds)
            self.emit(LearningRateChanged(self.step + 1, old, new, seconds))
            return
        if new == old:
            return
        if name in {"momentum", "weight_decay"}:
            optim.set_value(self.ready.optimizer, name, old, new)
        if name == "label_smoothing" and self.ready.built.loss is not None:
            raise ValueError(f"what the preset's own loss makes it: {self.config.preset} takes no label smoothing")
        self.config = self.config.but(**{name: new})
        self.ready = replace(self.ready, config=self.config)
        if name == "label_smoothing":
            self.ready = replace(self.ready, loss=augment.for_mixed(usual_loss(self.config, self.ready.data)))
            self.judge.use(self.ready)
        if name == "batch_size":
            self.resized = True
            self.plan()
            self.rate.plan_anew(self.steps, self.step)
        planned = self.ready.steps_per_epoch
        self.emit(SettingChanged(self.step + 1, name, old, new, seconds, self.steps, planned))

    def current_rate(self) -> float:
        """Of the next step."""
        return self.rate.at(self.step, self.time.seconds())

    def follow_schedule(self) -> None:
        """The rate of the step to come."""
        if (lr := self.rate.base if self.rate.stands else self.current_rate()) != self.lr:
            self.lr = lr
            optim.set_rate(self.ready.optimizer, lr)


def _said(name: str, value: float) -> str:
    return units.lr(value) if name in {"lr", "weight_decay"} else f"{value:g}"
