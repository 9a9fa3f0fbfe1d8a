"""One run here and now: trained in this thread, said line by line, ended cleanly by signals and lost readers."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tui_trainer import session, units
from tui_trainer.commands import Stop
from tui_trainer.console.output import Output
from tui_trainer.console.progress import Progress
from tui_trainer.console.signals import BROKEN_PIPE, Signals
from tui_trainer.console.summary import summary_lines
from tui_trainer.events import Event
from tui_trainer.runs import log, store
from tui_trainer.runs.history import History


def train(setup: session.Setup, *, folders: Sequence[Path] = (), json: bool = False, quiet: bool = False) -> int:
    """Train what `setup` says and return the exit code. Raises StoreError where the record cannot be written."""
    run = store.create(setup.config, setup.preset.path)
    history = History()
    signals = Signals(ask=lambda: log.append(run.commands, Stop()), say=notice)
    out = Output(when_gone=lambda: signals.stop(BROKEN_PIPE))
    progress = Progress(out, history)

    def say(event: Event) -> None:
        history.apply(event)
        if json:
            out.line(log.encode(event))
        elif not quiet:
            progress(event)

    try:
        with signals, session.quiet():
            if not (json or quiet):
                out.line(f"run {run.id}  {units.plain(f'{setup.config.preset} on {setup.config.dataset}')}")
            session.train(run, say)
    except KeyboardInterrupt:
        out.end_live()
        return 130
    if not json:
        out.lines(summary_lines(history, run, folders))
    return exit_code(history, signals.code)


def exit_code(history: History, signalled: int) -> int:
    """0 finished, 1 failed or diverged; a run that was stopped gives the signal's code, 130 when another login stopped it."""
    reason = history.ended.reason if history.ended is not None else "failed"
    if reason == "finished":
        return 0
    return signalled or 130 if reason in {"stopped", "abandoned"} else 1


def notice(text: str) -> None:
    """A line on standard error from within a signal handler, where buffered streams must not be touched."""
    room = shutil.get_terminal_size().columns - 1
    line = f"\r{text[:room].ljust(room)}\n" if sys.stderr is not None and sys.stderr.isatty() else f"{text}\n"
    try:
        os.write(2, line.encode())
    except OSError:  # the terminal is gone; the stop was asked for all the same
        return
