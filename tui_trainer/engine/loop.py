"""The training loop, top to bottom: forward, backward, step; ten times a second report what happened and obey.

Nothing here waits for a screen, and nothing a screen does can change a number, except through a command.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_

from tui_trainer import datasets
from tui_trainer.checkpoints import LAST
from tui_trainer.commands import Command
from tui_trainer.engine import diverging, model, prepare, room, state
from tui_trainer.engine.augment import Targets
from tui_trainer.engine.diverging import Batch
from tui_trainer.engine.governor import Governor
from tui_trainer.engine.judge import Judge
from tui_trainer.engine.obeying import Obeying
from tui_trainer.engine.over import HANDED_OVER, Over
from tui_trainer.engine.prepare import Ready
from tui_trainer.engine.probes import Parameters
from tui_trainer.engine.rate import Rate
from tui_trainer.engine.reports import Clock, Parts, Pending, RunClock
from tui_trainer.engine.saves import Saves
from tui_trainer.engine.state import State
from tui_trainer.events import Event, LearningRateChanged, Noted, SettingChanged, Stepped, Stopping

Emit = Callable[[Event], None]
Commands = Callable[[], list[Command]]
Sleep = Callable[[float], None]

REPORT_EVERY = 0.1


class Trainer(Obeying):
    """One run: the loop, and what it remembers from step to step."""

    def __init__(
        self,
        ready: Ready,
        saves: Saves,
        emit: Emit,
        commands: Commands,
        clock: Clock,
        sleep: Sleep,
        *,
        steering: Sequence[Event] = (),
        holds: bool = False,
    ) -> None:
        self.ready, self.config, self.data, self.saves = ready, ready.config, ready.data, saves
        self.emit, self.commands, self.clock, self.sleep = emit, commands, clock, sleep
        self.step = self.epoch = self.samples = 0
        self.position = len(ready.data.train)
        """Samples of the epoch that are behind; before the first epoch and after each, all of them."""
        self.steps = ready.steps
        self.rate, self.lr = Rate(self.config, self.steps), math.nan
        self.paused = self.said_paused = self.stopping = self.to_epoch_end = self.resized = self.evaluation_asked = False
        self.batches_asked = 0
        self.holds = holds
        self.steering = [one for one in steering if isinstance(one, LearningRateChanged | SettingChanged)]
        self.drawn: State | None = None
        """The generators as they were before the evaluation in hand, which is made again where it is cut short."""
        self.pending = Pending()
        self.epoch_began = 0.0
        self.time = RunClock(clock)
        self.parts = Parts(clock, ready.device)
        self.governor = Governor(ready.pace.threads, ready.pace.ladder, self.time.seconds, torch.set_num_threads)
        self.judge = Judge(ready, emit, clock, self.time)
        self.small = Parameters.of(ready.built.net)
        self.report_at = clock() + REPORT_EVERY

    # Begin

    def begin(self, weights: Path) -> None:
        """From the beginning, with these weights where the file is there."""
        if weights.exists():
            state.load_weights(self.ready.built.net, state.read(weights, weights_only=True), weights.name)
        self.emit(prepare.started(self.ready))
        self._say_notes()

    def resume(self, saved: State, name: str) -> None:
        """From where the run was left."""
        state.unpack(self, saved, name)
        if name == LAST:
            self.saves.step = self.step
        else:  # to go back is to go on: what was asked after that does not count
            self.paused = self.stopping = self.to_epoch_end = self.evaluation_asked = False
            self.batches_asked, self.stop_at = 0, None
        more = {"evaluated": self.is_judged(), "paused": self.paused, "checkpoint": name, "steps": self.steps}
        self.emit(prepare.resumed(self.ready, self.step, self.epoch, self.time.seconds(), **more))
        self._say_notes()
        if changed := state.other_samples(self, saved):
            self.emit(Noted("warning", changed, self.step))
        if name != LAST:
            self.save()  # the last.pt that lies there is of steps that do not count any more
        if self.stopping:
            self.emit(Stopping(self.step))

    def _say_notes(self) -> None:
        for note in self.ready.notes:
            self.emit(note)

    def run(self, heard: list[Command]) -> None:
        """From the first step, or the one after the last, to the last event; `heard` was asked for while the run was prepared."""
        over = Over("finished")
        try:
            self.obey(heard)
            if self.over() or not self.left():
                self.validate()  # a run may be left between its last batch, or that of an epoch, and the validation
            self.try_now()
            while not self.over():
                self.learn()
                self.validate()
            self.finish()
            over = Over("stopped") if self.stopping else over
        except Over as early:
            if early.reason == HANDED_OVER:
                return
            over = early
        except BaseException:
            with suppress(Exception):  # what was raised first is what counts
                self.report()  # the batches before were learned from
            raise
        self.saves.flush(self.time.seconds())
        ended = self.judge.ended(self.step, self.epoch, over.reason, over.error, self.samples)
        self.emit(replace(ended, layer=over.layer, suggested_lr=over.suggested_lr))

    # Learn

    def learn(self) -> None:
        """One epoch, or what is left of it or of the budget."""
        new, epoch = not self.left(), self.epoch
        if new:
            self.epoch_began = self.time.seconds()
        batch, self.resized = None, True
        while self.resized and not self.over() and (self.left() or (new and self.epoch == epoch)):
            try:
                batch = self.batches(new=not self.left())
            except (MemoryError, RuntimeError) as error:
                if not model.is_memory(error):
                    raise
                room.make(self, error)
        self.governor.rest()
        self.report(batch)

    def batches(self, new: bool) -> Batch | None:
        """The batches of a new epoch, or those that are left of this one, up to a change of their size. Gives the last one."""
        net, optimizer = self.ready.pace.forward, self.ready.optimizer
        on_cpu = self.ready.device.type == "cpu"
        self.resized, batch = False, None
        epoch, position = (self.epoch + 1, 0) if new else (self.epoch, self.position)
        for batch in self.data.batches(epoch, self.config.batch_size, position=position):
            inputs, labels = batch
            self.parts.mark("data")
            if self.is_report_due():
                self.report_at = self.clock() + REPORT_EVERY  # here only: epochs may be shorter than that, and must obey too
                self.report()
                if self.saves.last_is_due():
                    self.save()
                self.attend()
                self.hold()
                self.parts.skip()
            if self.steering:
                self.steer()
            if self.resized or self.over():
                break
            if new:
                self.epoch, self.position, new = epoch, 0, False
            loss_of = self.ready.loss
            self.follow_schedule()
            with self.ready.cast():
                outputs = net(inputs)
            outputs = outputs.float()
            loss = loss_of(outputs, labels)
            self.parts.mark("forward")
            value = loss.item() if on_cpu else loss.detach()
            if on_cpu and not math.isfinite(value):
                self.count(value, outputs, labels)
                break  # there the look is free, and the weights that did it are still whole
            loss.backward()
            if self.config.clip:
                clip_grad_norm_(self.ready.built.net.parameters(), self.config.clip)
            if self.small:
                self.small.keep(self.step + 1)
            self.parts.mark("backward")
            optimizer.step()
            optimizer.zero_grad()
            self.parts.mark("update")
            self.count(value, outputs, labels)
            for event in (self.parts.turn(self.step, self.clock()), self.governor.turn(self.step, len(labels))):
                if event:
                    self.emit(event)
        return batch

    def count(self, value: torch.Tensor | float, outputs: torch.Tensor, labels: Targets) -> None:
        """One more batch is behind."""
        self.step += 1
        self.position += len(labels)
        self.pending.add(value, outputs, labels)

    def left(self) -> int:
        """Batches that are left of the epoch."""
        return datasets.steps_left(len(self.data.train), self.config.batch_size, self.position)

    def plan(self) -> None:
        """At which step the run ends as it is by now; 0 when the budget is in seconds."""
        unit, amount = self.config.budget
        if unit == "epochs":
            self.steps = self.step + self.left() + max(int(amount) - self.epoch, 0) * self.ready.steps_per_epoch
        else:
            self.steps = int(amount) if unit == "steps" else 0

    def over(self) -> bool:
        """Whether the budget is used up, or somebody asked for the end."""
        if self.stopping or self.is_stop_due():
            return True
        if self.steps:
            return self.step >= self.steps
        return self.step > 0 and self.time.seconds() >= self.config.budget[1]

    # Report

    def is_report_due(self) -> bool:
        if self.small and self.small.are_due(self.step):
            return True
        return self.paused or self.clock() >= self.report_at or len(self.pending) >= Pending.MOST

    def report(self, batch: Batch | None = None) -> None:
        """Reads all pending losses at once and says them. A loss that is not finite ends the run; on a CPU `batch` gave it."""
        if not self.pending:
            return
        asked = len(self.pending)
        read = self.pending.read()
        self.step -= asked - len(read.losses)
        self.samples += read.seen
        self.emit(Stepped(self.step, self.epoch, read.losses, read.correct, read.seen, self.lr, self.time.seconds()))
        if self.small and (probed := self.small.probed(self.step, self.epoch)):
            self.emit(probed)
        if not read.finite:
            at_hand = batch if self.ready.device.type == "cpu" else None
            raise diverging.over(self.ready, self.step, self.epoch, self.rate.base, loss=read.losses[-1], batch=at_hand)

    def between(self) -> None:
        """During an evaluation: commands are read as often as during training; a pause waits for its end."""
        if self.clock() >= self.report_at:
            self.report_at = self.clock() + REPORT_EVERY
            self.obey(self.commands())

    # Judge and save

    def is_judged(self) -> bool:
        """Whether the weights as they are were validated."""
        return self.judge.last is not None and self.judge.last.step == self.step

    def validate(self) -> None:
        """Validation, and the checkpoints that follow from it. Once for a step."""
        if self.step == 0 or self.is_judged():
            return
        self.check_weights()
        whole = not self.left()
        epoch_took = self.time.seconds() - self.epoch_began if whole else 0.0
        self.drawn = state.generators(self.ready.device)
        is_best = self.judge.validate(self.step, self.epoch, epoch_took, self.between).best
        self.drawn = None
        if whole and self.to_epoch_end:
            self.paused, self.to_epoch_end = True, False
        if is_best:
            self.saves.best(state.pack(self), self.time.seconds())
        self.saves.tick(self.time.seconds())
        if self.saves.epoch_is_due():
            self.save()

    def save(self, *, asked: bool = False) -> bool:
        """`last.pt`, now; whether that worked. Every loss has been reported."""
        self.check_weights()
        return self.saves.last(state.pack(self), self.time.seconds(), asked=asked)

    def check_weights(self) -> None:
        """What is kept has to be good: a batch whose loss was finite may still have spoilt the weights."""
        if diverging.is_spoilt(self.ready.built.net):
            raise diverging.over(self.ready, self.step, self.epoch, self.rate.base)

    def finish(self) -> None:
        """After the last step: a look at what the last validation saw, the test split, the weights."""
        if self.step:
            self.judge.look()
            self.drawn = state.generators(self.ready.device)
            self.judge.try_test(self.step, self.epoch, self.between)
            self.drawn = None
            stopping, self.stopping, self.stop_at = self.stopping, False, None  # who resumes it wants it to go on
            self.paused = self.to_epoch_end = self.evaluation_asked = False
            self.saves.last_of_all(lambda: state.pack(self), self.time.seconds(), self.sleep)
            self.stopping = stopping
