"""The two loops that a bench compares, made to take turns: the trainer with all its reports, and the tutorial's.

A turn of the trainer is its own `learn`, which ends before the epoch does, as it does when a budget is used up. Its clock
stands while the other has its turn.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from tui_trainer.commands import Command
from tui_trainer.engine import devices, layout, optim
from tui_trainer.engine.diverging import Batch
from tui_trainer.engine.loop import Trainer
from tui_trainer.engine.over import Over
from tui_trainer.engine.prepare import Ready
from tui_trainer.engine.reports import RunClock
from tui_trainer.engine.rounds import Slice
from tui_trainer.engine.saves import Saves
from tui_trainer.events import Event, Stepped, Timed

Check = Callable[[], None]
"""Called often; it raises where nobody wants to know any more."""

MOST_HELD = 1 << 30
"""Bytes of samples that the tutorial's loop holds a copy of; of a larger dataset it gets evenly chosen ones."""


class Sliced(Trainer):
    """The trainer, whose budget is the slice; it also counts the time that its reports take."""

    until, first, reported = 0.0, 0, 0.0

    def over(self) -> bool:
        return self.step > self.first and self.time.seconds() >= self.until

    def report(self, batch: Batch | None = None) -> None:
        began = time.perf_counter()
        try:
            super().report(batch)
        finally:
            self.reported += time.perf_counter() - began


class Ours:
    """The trainer on `ready`, whose budget must not end. `emit` hears all that it says."""

    name = "ours"

    def __init__(self, ready: Ready, folder: Path, emit: Callable[[Event], None], check: Check = lambda: None) -> None:
        self.ready, self.threads = ready, ready.threads
        self.losses: list[float] = []
        self.timed: list[Timed] = []
        self.diverged = ""
        self._emit, self._check = emit, check
        self._first = copy.deepcopy(ready.built.net.state_dict())
        self._time = RunClock(time.perf_counter)
        clock = self._time.seconds
        self.trainer = Sliced(ready, Saves(folder, emit, clock), self._hear, self._commands, clock, time.sleep)
        self._time.hold()

    @property
    def steps(self) -> int:
        return self.trainer.step

    def turn(self, seconds: float) -> Slice:
        """Some batches: one at least. The number of threads that the governor has come to stays for the next turn."""
        run = self.trainer
        torch.set_num_threads(self.threads)
        self._time.go_on()
        began, seen = run.time.seconds(), run.samples
        run.first, run.until = run.step, began + seconds
        run.parts.skip()
        try:
            while not run.over():
                run.learn()
        except Over as over:
            self._start_again(over)
        devices.settle(self.ready.device)
        took = run.time.seconds() - began
        self._time.hold()
        self.threads = run.governor.threads
        return Slice(run.samples - seen, took)

    def watch_closely(self) -> None:
        """From now on every few batches are timed part by part, which costs a little."""
        self.trainer.parts.always()
        self.timed.clear()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Stepped):
            self.losses.extend(event.losses)
        elif isinstance(event, Timed):
            self.timed.append(event)
        self._emit(event)

    def _commands(self) -> list[Command]:
        self._check()
        return []

    def _start_again(self, over: Over) -> None:
        """The loss is not finite: from the first weights on, at a tenth of the rate. Only the speed counts now."""
        if over.reason != "diverged":
            raise over
        self.diverged = self.diverged or over.error
        self.ready.built.net.load_state_dict(self._first)
        if isinstance(state := getattr(self.ready.optimizer, "state", None), dict):
            state.clear()
        self.trainer.change("lr", max(1e-12, self.trainer.current_rate() / 10))


class Input:
    """Batches of a loader, with the time it took to get them."""

    def __init__(self, loader: Iterable[Any]) -> None:
        self._loader = loader
        self.spent, self.size = 0.0, 0

    def __iter__(self) -> Iterator[Any]:
        batches = iter(self._loader)
        while True:
            began = time.perf_counter()
            batch = next(batches, None)
            self.spent += time.perf_counter() - began
            if batch is None:
                return
            self.size = len(batch[0])
            yield batch


class Theirs:
    """The tutorial's loop on the same data, from the same weights, in fp32 and with torch's own layout and optimizer."""

    name = "tutorial"

    def __init__(
        self, ready: Ready, tutorial: ModuleType, threads: int, check: Check = lambda: None, net: nn.Module | None = None
    ) -> None:
        self.threads = threads
        self.net = as_written(ready.built.net) if net is None else net
        self.losses: list[float] = []
        self.spent = 0.0
        self.input = Input(tutorial.loader(dataset(ready, tutorial), ready.config.batch_size, shuffle=True))
        optimizer = plain_optimizer(ready, self.net)
        forever = 1 << 60
        self._steps = tutorial.train(self.net, self.input, ready.loss, optimizer, epochs=forever, device=str(ready.device))
        self._check = check

    @property
    def steps(self) -> int:
        return len(self.losses)

    def turn(self, seconds: float) -> Slice:
        torch.set_num_threads(self.threads)
        began = time.perf_counter()
        seen, took = 0, 0.0
        while took < seconds:
            self._check()
            self.losses.append(next(self._steps))
            seen += self.input.size
            took = time.perf_counter() - began
        self.spent += took
        return Slice(seen, took)


def as_written(net: nn.Module) -> nn.Module:
    """A copy of the net, in the layout in which torch makes one."""
    return layout.release(copy.deepcopy(net)).to(memory_format=torch.contiguous_format)


def plain_optimizer(ready: Ready, net: nn.Module) -> Any:
    """The same optimizer as a tutorial makes it: with torch's own choice of how its steps are carried out."""
    if ready.built.optimizer is not None:
        return optim.make(ready.config, replace(ready.built, net=net), ready.device)
    kind, arguments = optim.recipe(ready.config, ready.device)
    plain = {name: value for name, value in arguments.items() if name not in {"fused", "foreach"}}
    return kind([parameter for parameter in net.parameters() if parameter.requires_grad], **plain)


def dataset(ready: Ready, tutorial: ModuleType) -> Any:
    """The training split as the tutorial's dataset object, normalised by the same figures. One sample less where the last
    batch would have a single one, from which batch norm cannot learn."""
    data, split = ready.data, ready.data.train
    count = min(len(split), max(ready.config.batch_size, MOST_HELD // max(1, split.inputs[:1].nbytes)))
    count -= count % ready.config.batch_size == 1 and count > 1
    chosen = torch.linspace(0, len(split) - 1, count).long()
    inputs = split.take(chosen.to(split.inputs.device) if split.rows is None else chosen).cpu()
    targets = split.targets[chosen.to(split.targets.device)].cpu()
    return samples(ready, tutorial, inputs, targets, data.changes)


def samples(ready: Ready, tutorial: ModuleType, inputs: torch.Tensor, targets: torch.Tensor, changes: tuple[str, ...] = ()) -> Any:
    """These inputs, bytes or rows of numbers, as the tutorial's dataset object."""
    mean, scale = ready.data.mean.cpu(), ready.data.scale.cpu()
    if inputs.dtype == torch.uint8:
        means, deviations = ((one[0, :, 0, 0] / 255).tolist() for one in (mean, 1 / scale))  # one for each channel, however spread
        return tutorial.pictures(inputs, targets, tutorial.transform(means, deviations, inputs.shape[-1], changes))
    return tutorial.rows((inputs - mean) * scale, targets)


def variant(ready: Ready, net: nn.Module | None = None, *, threads: int = 0, bf16: bool | None = None, batch: int = 0) -> Ready:
    """The same run from the start with one thing changed; what is not given stays. The number of threads stands."""
    net = copy.deepcopy(ready.built.net) if net is None else net
    config = ready.config.but(batch_size=batch or ready.config.batch_size)
    built = replace(ready.built, net=net)
    pace = replace(
        ready.pace,
        threads=threads or ready.threads,
        ladder=(threads or ready.threads,),
        bf16=ready.pace.bf16 if bf16 is None else bf16,
        forward=net,
    )
    return replace(ready, config=config, built=built, optimizer=optim.make(config, built, ready.device), pace=pace)
