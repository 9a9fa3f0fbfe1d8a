"""One run of the trainer: everything is made ready, from the beginning or from a checkpoint, and the loop is let go."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tui_trainer import commands as ask
from tui_trainer.checkpoints import FROM
from tui_trainer.commands import Command
from tui_trainer.config import Config
from tui_trainer.engine import prepare, state
from tui_trainer.engine.loop import Commands, Emit, Sleep, Trainer
from tui_trainer.engine.over import HANDED_OVER, Over
from tui_trainer.engine.pace import Kept
from tui_trainer.engine.reports import Clock
from tui_trainer.engine.saves import Saves
from tui_trainer.engine.state import State
from tui_trainer.events import Event, Preparing

__all__ = ["Trainer", "train"]


def train(
    config: Config,
    *,
    preset_file: Path,
    checkpoints: Path,
    emit: Emit,
    commands: Commands,
    datasets_home: Path,
    resume: str = "",
    budget: tuple[str, float] | None = None,
    steering: Sequence[Event] = (),
    holds: bool = False,
    clock: Clock = time.perf_counter,
    sleep: Sleep = time.sleep,
) -> None:
    """One whole run, here and now; the last event is `RunEnded`, or `HandedOver`. Raises TrainingError in words.

    `resume` names the checkpoint to go on from, perhaps with a longer `budget`; what another run was `steering` is repeated
    at its steps. A run that `holds` waits for an answer where memory is short, others end.

    The test split is tried once, at the end, with the weights as they are then; `best.pt` has those of the best epoch.
    The run draws from torch's own generator, which all threads share: for the same losses to the bit, nothing else may
    draw from it meanwhile.
    """
    heard: list[Command] = []

    def say(what: str, done: int = 0, total: int = 0) -> None:
        emit(Preparing(what, done, total))
        heard.extend(commands())
        for command in heard:
            if isinstance(command, ask.HandOver):
                raise Over(HANDED_OVER)
            if isinstance(command, ask.Stop | ask.Abandon):
                raise Over("stopped" if isinstance(command, ask.Stop) else "abandoned")

    saved: State = {}
    try:
        if resume:
            emit(Preparing(f"reading {resume}"))  # obeyed only after that: whoever ends it here is told how far it had come
            saved = state.read(checkpoints / resume)
        config = state.config_by_now(config, saved, budget)
        kept = Kept(saved["device"], saved["threads"], saved["bf16"]) if saved else None
        ready = prepare.prepare(config, preset_file, datasets_home, say, kept=kept)
        saves = Saves(checkpoints, emit, clock, config.save_every)
        run = Trainer(ready, saves, emit, commands, clock, sleep, steering=steering, holds=holds)
        if saved:
            run.resume(saved, resume)
        else:
            run.begin(checkpoints / FROM)
        saved = {}  # its tensors take as much room as the run's own
        run.run(heard)
    except Over as over:
        emit(state.left(saved, over.reason))
    except (MemoryError, RuntimeError) as error:
        if reason := prepare.no_memory(error, config):
            raise reason from error
        raise
