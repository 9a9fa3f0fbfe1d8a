"""Runs of the trainer by the door production uses: a list that collects events, a script of commands, a clock that counts."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import torch

from tui_trainer import config, paths
from tui_trainer.commands import Command, HandOver, Stop
from tui_trainer.config import Config
from tui_trainer.engine import checkpoint, trainer
from tui_trainer.events import Evaluated, Event, RunEnded, RunResumed, RunStarted, Stepped
from tui_trainer.thinning import thinned

Kind = TypeVar("Kind")
Script = Callable[[list[Event]], list[Command]]
"""Asked for commands whenever the trainer looks for some; it is given what was said so far."""


class Killed(BaseException):
    """As if the process were gone: nothing of the trainer catches it."""


MOMENT = 1e-4


class Counting:
    """A clock that goes on by one tick whenever it is looked at, and by what was slept."""

    def __init__(self, tick: float = MOMENT) -> None:
        self.now, self.tick, self.slept = 0.0, tick, 0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += 1
        assert self.slept < 5000, "the run waits, and nobody asks anything of it any more"


@dataclasses.dataclass
class Trained:
    """What a run said."""

    events: list[Event]
    checkpoints: Path
    clock: Counting

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def losses(self) -> list[float]:
        return [loss for event in self.of(Stepped) for loss in event.losses]

    @property
    def last(self) -> dict[str, Any]:
        """What `last.pt` holds."""
        return checkpoint.load(self.checkpoints / "last.pt")

    @property
    def ended(self) -> RunEnded:
        end = self.events[-1]
        assert isinstance(end, RunEnded)
        return end


def settings(**given: object) -> Config:
    """A short run of `linear` on `digits`, unless something else is given."""
    return config.read(config.overlay({"preset": "linear", "dataset": "digits", "epochs": 1}, given))


def run(
    setup: Config,
    folder: Path,
    script: Script = lambda events: [],
    *,
    preset: str = "",
    tick: float = MOMENT,
    **more: Any,
) -> Trained:
    """Trains, until it ends, is handed over or is `Killed` by the script; `more` is for `trainer.train`."""
    file = paths.shipped_presets() / f"{setup.preset}.py"
    folder.mkdir(parents=True, exist_ok=True)
    if preset:
        file = folder / "preset.py"
        file.write_text(preset, encoding="utf-8")
    done = Trained([], folder / "checkpoints", Counting(tick))
    with suppress(Killed):
        trainer.train(
            setup,
            preset_file=file,
            checkpoints=done.checkpoints,
            emit=done.events.append,
            commands=lambda: script(done.events),
            datasets_home=paths.datasets(),
            clock=done.clock,
            sleep=done.clock.sleep,
            **more,
        )
    return done


def at_step(step: int, *asked: Command) -> Script:
    """A script that asks once, when this step was reported. Use it with `EACH_STEP`."""
    left = list(asked)

    def script(events: list[Event]) -> list[Command]:
        if any(isinstance(event, Stepped) and event.step >= step for event in events):
            given, left[:] = left[:], []
            return given
        return []

    return script


EACH_STEP = 1.0
"""A tick so long that every step is reported by itself and followed by a look for commands."""


def at_look(look: int, how: str, then: Script = lambda events: []) -> Script:
    """The run is cut short when it looks for commands for the so manieth time: `handed over`, `stopped` or `killed`. Before
    that, and in that very look, it hears what the other script has to say."""
    looks = 0

    def script(events: list[Event]) -> list[Command]:
        nonlocal looks
        looks += 1
        if looks != look:
            return then(events)
        if how == "killed":
            raise Killed
        return [*then(events), HandOver() if how == "handed over" else Stop()]

    return script


def changing(changes: Mapping[int, Sequence[Command]]) -> Callable[[], Script]:
    """A script for each part of a run, which asks for these changes after these steps. Use it with `EACH_STEP`."""

    def script() -> Script:
        asked = set[int]()

        def ask(events: list[Event]) -> list[Command]:
            at = next((one.step for one in reversed(events) if isinstance(one, Stepped | RunResumed)), 0)
            if at in asked or at not in changes or not any(isinstance(one, RunStarted | RunResumed) for one in events):
                return []
            asked.add(at)
            return list(changes[at])

        return ask

    return script


def in_parts(
    setup: Config,
    folder: Path,
    cuts: Sequence[tuple[int, str]],
    *,
    script: Callable[[], Script] = lambda: lambda events: [],
    **more: Any,
) -> list[Trained]:
    """A run that is cut short again and again (see `at_look`), with every generator spoilt in between, until it has ended."""
    parts = list[Trained]()
    for number in range(len(cuts) + 1):
        asked = at_look(*cuts[number], then=script()) if number < len(cuts) else script()
        resume = "last.pt" if (folder / "checkpoints" / "last.pt").exists() else ""
        parts.append(run(setup, folder, asked, tick=EACH_STEP, resume=resume, **more))
        torch.manual_seed(1000 + number)
        random.seed(number)
        torch.rand(number + 1)
    return parts


@dataclasses.dataclass
class Told:
    """What the record of a run says after it was folded: what came after the place it went on from did not happen."""

    losses: dict[int, float] = dataclasses.field(default_factory=dict)
    rates: dict[int, float] = dataclasses.field(default_factory=dict)
    """Of the last step of each report."""
    validations: dict[int, tuple[object, ...]] = dataclasses.field(default_factory=dict)
    test: tuple[object, ...] = ()
    twice: list[int] = dataclasses.field(default_factory=list)
    """Steps that the record tells twice."""


def told(*parts: Trained) -> Told:
    found = Told()
    for event in (event for part in parts for event in part.events):
        if isinstance(event, RunStarted):
            found = Told()
        elif isinstance(event, RunResumed):
            found.losses = {step: loss for step, loss in found.losses.items() if step <= event.step}
            found.rates = {step: rate for step, rate in found.rates.items() if step <= event.step}
            until = event.step + event.evaluated
            found.validations = {step: one for step, one in found.validations.items() if step < until}
        elif isinstance(event, Stepped):
            for step, loss in enumerate(event.losses, event.step - len(event.losses) + 1):
                found.twice += [step] if step in found.losses else []
                found.losses[step] = loss
            found.rates[event.step] = event.lr
        elif isinstance(event, Evaluated):
            figures = (event.loss, event.accuracy, event.confusion, event.mae, event.r2, event.epoch)
            if event.split == "val":
                found.validations[event.step] = figures
            else:
                found.test = figures
    return found


def same(one: object, other: object) -> bool:
    """Whether two states are equal, to the bit and however deep."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


ALIKE = ("weights", "optimizer", "step", "epoch", "position", "samples", "random", "rate", "config")
"""What two runs have alike at their ends in `last.pt`, if one was cut short and the other was not."""


def assert_alike(whole: Trained, parts: Sequence[Trained]) -> None:
    """Losses, validations, test and everything that is kept are equal to the bit."""
    one, other = told(whole), told(*parts)
    assert other.losses == one.losses
    assert not other.twice
    assert {step: other.validations.get(step) for step in one.validations} == one.validations
    assert other.test == one.test
    kept, found = whole.last, parts[-1].last
    assert [name for name in ALIKE if not same(kept[name], found[name])] == []
    assert parts[-1].ended.reason == whole.ended.reason
    assert parts[-1].ended.samples == whole.ended.samples
    for ended, said in ((whole.ended, one), (parts[-1].ended, other)):
        assert ended.curve == thinned([cast("float", said.validations[step][0]) for step in sorted(said.validations)])
