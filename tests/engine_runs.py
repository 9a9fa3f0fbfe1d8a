"""Runs of the trainer by the door production uses: a list that collects events, a script of commands, a clock that counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tui_trainer import config, paths
from tui_trainer.commands import Command
from tui_trainer.config import Config
from tui_trainer.engine import trainer
from tui_trainer.events import Event, RunEnded, Stepped

Kind = TypeVar("Kind")

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
    script: Callable[[list[Event]], list[Command]] = lambda events: [],
    *,
    preset: str = "",
    tick: float = MOMENT,
    **more: Any,
) -> Trained:
    """Trains. `script` is asked for commands as often as production asks, and is given what was said so far; `more` is for
    `trainer.train`."""
    file = paths.shipped_presets() / f"{setup.preset}.py"
    if preset:
        file = folder / "preset.py"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(preset, encoding="utf-8")
    done = Trained([], folder / "checkpoints", Counting(tick))
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


def at_step(step: int, *asked: Command) -> Callable[[list[Event]], list[Command]]:
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
