"""A trainer without torch: numbers that follow from one another, tiny checkpoints, every command that ends or moves a run.

It stands in for the real one where a test is about what goes on around it. `install` puts it in place in a fresh process.
"""

from __future__ import annotations

import json
import sys
import time
import types
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tui_trainer import commands as ask
from tui_trainer.commands import Command
from tui_trainer.config import Config
from tui_trainer.engine.errors import TrainingError
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    HandedOver,
    LearningRateChanged,
    Noted,
    Paused,
    Preparing,
    RunEnded,
    RunResumed,
    RunStarted,
    Stepped,
)

PER_EPOCH = 10
PACE = 0.004


class CheckpointError(TrainingError):
    """As the real one."""


class Left(Exception):
    """The loop is over, for this reason."""


def install(gate: str = "") -> None:
    """Be the trainer of this process. `gate` is a file that has to be there before the first step is ready; while there is
    one beside it with the ending `.deaf`, nothing is heard until then."""
    import tui_trainer.engine

    sys.modules["tui_trainer.engine.trainer"] = tui_trainer.engine.trainer = gated(gate)  # type: ignore[assignment]


def gated(gate: str) -> types.ModuleType:
    """A module with this trainer in it."""
    module = types.ModuleType("tui_trainer.engine.trainer")
    module.train = lambda *given, **named: train(*given, gate=gate, **named)  # type: ignore[attr-defined]
    return module


def number(step: int) -> float:
    """The loss of a step."""
    return 1 / step


def train(
    config: Config,
    *,
    preset_file: Path,
    checkpoints: Path,
    emit: Callable[[Event], None],
    commands: Callable[[], list[Command]],
    datasets_home: Path,
    resume: str = "",
    budget: tuple[str, float] | None = None,
    steering: Sequence[Event] = (),
    holds: bool = False,
    clock: Callable[[], float] = time.perf_counter,
    gate: str = "",
) -> None:
    """One run: each step adds its number to a sum, which is what is saved."""
    state: dict[str, Any] = {"step": 0, "sum": 0.0, "lr": config.lr, "paused": False, "config": asdict(config)}
    try:
        heard = _prepared(emit, commands, gate)
        if resume:
            state = read(checkpoints / resume)
        if budget:
            state["config"][budget[0]] = budget[1]
        _begin(state, emit, resume)
        _loop(state, checkpoints, emit, commands, heard)
        raise Left("finished")
    except Left as left:
        if str(left) == "handed over":
            emit(HandedOver(state["step"]))
            return
        if state["step"]:
            save(state, checkpoints / "last.pt", emit)
        emit(RunEnded(state["step"], state["step"] // PER_EPOCH, str(left), 0.0, last_loss=state["sum"]))


def _prepared(emit: Callable[[Event], None], commands: Callable[[], list[Command]], gate: str) -> list[Command]:
    heard: list[Command] = []
    while True:
        emit(Preparing("pretending"))
        if not Path(f"{gate}.deaf").exists():
            heard += commands()
        for command in heard:
            _leave(command)
        if not gate or Path(gate).exists():
            return heard
        time.sleep(PACE)


def _leave(command: Command) -> None:
    reasons = {ask.Stop: "stopped", ask.Abandon: "abandoned", ask.HandOver: "handed over"}
    if reason := reasons.get(type(command)):
        raise Left(reason)


def _begin(state: dict[str, Any], emit: Callable[[Event], None], resume: str) -> None:
    if resume:
        step = state["step"]
        emit(RunResumed(step, step // PER_EPOCH, 0.0, paused=state["paused"], checkpoint=resume, config=state["config"]))
    else:
        emit(RunStarted(state["config"], "cpu", "a cpu", 1, "fp32", 1, (), (1,), ("a", "b"), 10, 2, 2, PER_EPOCH, _steps(state)))


def _steps(state: dict[str, Any]) -> int:
    config = state["config"]
    return int(config["steps"] or PER_EPOCH * (config["epochs"] or 10))


def _loop(
    state: dict[str, Any],
    checkpoints: Path,
    emit: Callable[[Event], None],
    commands: Callable[[], list[Command]],
    heard: list[Command],
) -> None:
    said_paused = False
    while state["step"] < _steps(state):
        for command in [*heard, *commands()]:
            _obey(command, state, checkpoints, emit)
        heard = []
        if state["paused"] != said_paused:
            said_paused = state["paused"]
            emit(Paused(state["step"]) if said_paused else Continued(state["step"]))
        time.sleep(PACE)
        if said_paused:
            continue
        state["step"] += 1
        step, state["sum"] = state["step"], state["sum"] + number(state["step"])
        emit(Stepped(step, (step - 1) // PER_EPOCH + 1, (number(step),), 1, 1, state["lr"], step / 100))
        if step % PER_EPOCH == 0:
            emit(Evaluated(step, step // PER_EPOCH, "val", number(step), 0.5, (), 0.0, 0.0, True))
            save(state, checkpoints / "best.pt", emit)
            save(state, checkpoints / "last.pt", emit)


def _obey(command: Command, state: dict[str, Any], checkpoints: Path, emit: Callable[[Event], None]) -> None:
    match command:
        case ask.HandOver():
            if not save(state, checkpoints / "last.pt", emit):
                emit(Noted("warning", "the run cannot be handed over, because it cannot be saved; it goes on here", state["step"]))
                return
            _leave(command)
        case ask.Pause() | ask.Continue():
            state["paused"] = isinstance(command, ask.Pause)
        case ask.SetLearningRate(lr):
            emit(LearningRateChanged(state["step"] + 1, state["lr"], lr))
            state["lr"] = lr
        case _:
            _leave(command)


def save(state: dict[str, Any], path: Path, emit: Callable[[Event], None]) -> bool:
    unfinished = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(unfinished, "w") as archive:
            archive.writestr("state", json.dumps(state))
        unfinished.replace(path)
    except OSError as error:
        emit(Noted("warning", f"{path.name} cannot be written: {error}", state["step"]))
        return False
    emit(CheckpointSaved(state["step"], state["step"] // PER_EPOCH, path.name == "best.pt", 1))
    return True


def read(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            state: dict[str, Any] = json.loads(archive.read("state"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path.name} is damaged, or was not written by this program") from error
    return state
