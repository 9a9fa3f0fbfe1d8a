"""The training loop, top to bottom: forward, backward, step; ten times a second report what happened and obey.

Nothing here waits for a screen, and nothing a screen does can change a number, except through a command.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from tui_trainer import commands as ask
from tui_trainer import units
from tui_trainer.commands import Command
from tui_trainer.config import BY_NAME, Config
from tui_trainer.engine import model, optim
from tui_trainer.engine.governor import Governor
from tui_trainer.engine.judge import Judge
from tui_trainer.engine.over import Over, diverged
from tui_trainer.engine.prepare import Ready, no_memory, prepare, started
from tui_trainer.engine.probes import Parameters
from tui_trainer.engine.rate import Rate
from tui_trainer.engine.reports import Clock, Parts, Pending, RunClock
from tui_trainer.engine.saves import Saves
from tui_trainer.events import (
    Continued,
    Event,
    LearningRateChanged,
    Noted,
    Paused,
    Preparing,
    RunEnded,
    Stepped,
    Stopping,
)

Emit = Callable[[Event], None]
Commands = Callable[[], list[Command]]
Sleep = Callable[[float], None]

REPORT_EVERY = 0.1
NAP = 0.02
"""Seconds between two looks for commands while paused."""


def train(
    config: Config,
    *,
    preset_file: Path,
    checkpoints: Path,
    emit: Emit,
    commands: Commands,
    datasets_home: Path,
    clock: Clock = time.perf_counter,
    sleep: Sleep = time.sleep,
) -> None:
    """One whole run, here and now; the last event is `RunEnded`. Raises TrainingError with a sentence for a person.

    The test split is tried once, at the end, with the weights as they are then; `best.pt` has those of the best epoch.
    The run draws from torch's own generator, which all threads share: for the same losses to the bit, nothing else may
    draw from it meanwhile.
    """
    heard: list[Command] = []

    def say(what: str, done: int = 0, total: int = 0) -> None:
        emit(Preparing(what, done, total))
        heard.extend(commands())
        for command in heard:
            if isinstance(command, ask.Stop | ask.Abandon):
                raise Over("stopped" if isinstance(command, ask.Stop) else "abandoned")

    try:
        ready = prepare(config, preset_file, datasets_home, say)
        emit(started(ready))
        for note in ready.notes:
            emit(note)
        Trainer(ready, Saves(checkpoints, emit, clock), emit, commands, clock, sleep).run(heard)
    except Over as over:
        emit(RunEnded(0, 0, over.reason, 0.0))
    except (MemoryError, RuntimeError) as error:
        if reason := no_memory(error, config):
            raise reason from error
        raise


class Trainer:
    """One run: the loop, and what it remembers from step to step."""

    def __init__(self, ready: Ready, saves: Saves, emit: Emit, commands: Commands, clock: Clock, sleep: Sleep) -> None:
        self.ready, self.config, self.data, self.saves = ready, ready.config, ready.data, saves
        self.emit, self.commands, self.clock, self.sleep = emit, commands, clock, sleep
        self.step = self.epoch = self.samples = 0
        self.steps = ready.steps
        self.rate, self.lr = Rate(self.config, self.steps), math.nan
        self.paused = self.said_paused = self.stopping = False
        self.batches_asked = 0
        self.pending = Pending()
        self.epoch_began = 0.0
        self.time = RunClock(clock)
        self.parts = Parts(clock, ready.device)
        self.governor = Governor(ready.pace.threads, ready.pace.ladder, self.time.seconds, torch.set_num_threads)
        self.judge = Judge(ready, emit, clock, self.time)
        self.small = Parameters.of(ready.built.net)
        self.report_at = clock() + REPORT_EVERY

    def run(self, heard: list[Command]) -> None:
        """From the first step to the last event; `heard` was asked for while the run was prepared."""
        over = Over("finished")
        try:
            self.obey(heard)
            while not self.over():
                self.learn()
                self.validate()
            self.finish()
            over = Over("stopped") if self.stopping else over
        except Over as early:
            over = early
        self.saves.flush(self.time.seconds())
        ended = self.judge.ended(self.step, self.epoch, over.reason, over.error, self.samples)
        self.emit(replace(ended, layer=over.layer, suggested_lr=over.suggested_lr))

    def learn(self) -> None:
        """One epoch: every training batch once, or as many as are left of the budget."""
        net, optimizer, loss_of = self.ready.pace.forward, self.ready.optimizer, self.ready.loss
        on_cpu = self.ready.device.type == "cpu"
        epoch = self.epoch + 1
        self.epoch_began = self.time.seconds()
        inputs = None
        for inputs, labels in self.data.batches(epoch, self.config.batch_size):
            self.parts.mark("data")
            if self.is_report_due():
                self.report_at = self.clock() + REPORT_EVERY  # here only: epochs may be shorter than that, and must obey too
                self.report(inputs)
                self.obey(self.commands())
                self.hold()
                self.parts.skip()
            if self.over():
                break
            self.epoch = epoch
            self.follow_schedule()
            with self.ready.cast():
                outputs = net(inputs)
            outputs = outputs.float()
            loss = loss_of(outputs, labels)
            self.parts.mark("forward")
            self.step += 1
            value = loss.item() if on_cpu else loss.detach()
            self.pending.add(value, outputs, labels)
            if on_cpu and not math.isfinite(value):
                break  # there the look is free, and the weights that did it are still whole
            loss.backward()
            if self.small:
                self.small.keep(self.step)
            self.parts.mark("backward")
            optimizer.step()
            optimizer.zero_grad()
            self.parts.mark("update")
            for event in (self.parts.turn(self.step, self.clock()), self.governor.turn(self.step, len(labels))):
                if event:
                    self.emit(event)
        self.governor.rest()
        self.report(inputs)

    def over(self) -> bool:
        """Whether the budget is used up, or somebody asked for the end."""
        if self.stopping:
            return True
        if self.steps:
            return self.step >= self.steps
        return self.step > 0 and self.time.seconds() >= self.config.budget[1]

    # Report

    def is_report_due(self) -> bool:
        if self.small and self.small.are_due(self.step):
            return True
        return self.paused or self.clock() >= self.report_at or len(self.pending) >= Pending.MOST

    def report(self, inputs: torch.Tensor | None = None) -> None:
        """Reads all pending losses at once and says them. A loss that is not finite ends the run."""
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
            layer = model.first_bad(self.ready.built, inputs) if inputs is not None else ""
            raise diverged(self.config, read.losses[-1], self.step, self.epoch, self.rate.base, layer)

    # Obey

    def obey(self, heard: list[Command]) -> None:
        """Does what was asked, in order. An abandoned run ends right here."""
        for command in heard:
            match command:
                case ask.Abandon():
                    raise Over("abandoned")
                case ask.Stop() if not self.stopping:
                    self.stopping = True
                    self.emit(Stopping(self.step))
                case ask.Pause():
                    self.paused = True
                case ask.Continue():
                    self.paused, self.batches_asked = False, 0
                case ask.Step():
                    self.paused = True
                    self.batches_asked += 1
                case ask.SetLearningRate(lr):
                    self.change_rate(lr)
                case ask.ScaleLearningRate(factor):
                    self.change_rate(self.current_rate() * factor)

    def hold(self) -> None:
        """While paused: waits, without spinning and with the run's clock standing, until there is something to do."""
        while self.paused and not self.over():
            if self.batches_asked:
                self.batches_asked -= 1
                break
            if not self.said_paused:
                self.said_paused = True
                self.emit(Paused(self.step, self.time.seconds()))
            self.time.hold()
            self.sleep(NAP)
            self.obey(self.commands())
        self.time.go_on()
        if self.said_paused and not self.paused:
            self.said_paused = False
            self.emit(Continued(self.step, self.time.seconds()))

    def between(self) -> None:
        """During an evaluation: commands are read as often as during training; a pause waits for its end."""
        if self.clock() >= self.report_at:
            self.report_at = self.clock() + REPORT_EVERY
            self.obey(self.commands())

    def change_rate(self, lr: float) -> None:
        """From the next step on. A rate out of bounds is refused with a note."""
        old = self.current_rate()
        try:
            lr = float(BY_NAME["lr"].parse(lr))
        except ValueError as error:
            self.emit(Noted("warning", f"the rate stays at {units.lr(old)}; it has to be {error}", self.step))
            return
        self.rate.change(lr, self.step, self.time.seconds())
        self.emit(LearningRateChanged(self.step + 1, old, lr, self.time.seconds()))

    def current_rate(self) -> float:
        return self.rate.at(self.step, self.time.seconds())

    def follow_schedule(self) -> None:
        """The rate of the step to come."""
        if (lr := self.rate.base if self.rate.stands else self.current_rate()) != self.lr:
            self.lr = lr
            optim.set_rate(self.ready.optimizer, lr)

    # Judge

    def validate(self) -> None:
        """Validation, and the checkpoints that follow from it. Once for a step."""
        if self.step == 0 or (self.judge.last is not None and self.judge.last.step == self.step):
            return
        whole = self.step == self.epoch * self.ready.steps_per_epoch
        epoch_took = self.time.seconds() - self.epoch_began if whole else 0.0
        if self.judge.validate(self.step, self.epoch, epoch_took, self.between).best:
            self.saves.best(self.state(), self.time.seconds())
        self.saves.tick(self.time.seconds())
        if self.saves.last_is_due():
            self.saves.last(self.state(), self.time.seconds())

    def finish(self) -> None:
        """After the last step: a look at what the last validation saw, the test split, the weights."""
        if self.step:
            self.judge.look()
            self.judge.try_test(self.step, self.epoch, self.between)
            self.saves.last(self.state(), self.time.seconds())

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        optimizer = self.ready.optimizer
        return {
            "weights": self.ready.built.net.state_dict(),
            "optimizer": optimizer.state_dict() if hasattr(optimizer, "state_dict") else {},
            "step": self.step,
            "epoch": self.epoch,
            "base_rate": self.rate.base,
            "best": asdict(self.judge.best),
            "random": torch.get_rng_state(),
            "seconds": self.time.seconds(),
            "config": asdict(self.config),
        }
