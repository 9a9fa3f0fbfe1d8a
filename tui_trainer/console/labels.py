"""What a run is called and what is said of it, from the command line."""

from __future__ import annotations

import shlex

from tui_trainer import units
from tui_trainer.console.output import Output
from tui_trainer.console.resumable import PROGRAM
from tui_trainer.runs import labels, store
from tui_trainer.runs.run import Run, StoreError


def rename(word: str, name: str) -> int:
    """Call a run so; an empty name takes its name away. Raises StoreError."""
    out, run = Output(), store.find(word)
    called = labels.write(run, name=name).name
    if not called:
        out.line(f"run {run.id} has no name of its own any more")
        return 0
    others = [one.id for one in store.everything() if one != run and labels.read(one).name.casefold() == called.casefold()]
    word = f"{'-- ' * called.startswith('-')}{shlex.quote(units.plain(called))}"
    found = f"; {PROGRAM} show {word} finds it" if _finds(called, run) else "" if others else "; only its id finds it"
    out.line(f"run {run.id} is called {units.plain(called)}{found}")
    if others:
        out.line(f"{', '.join(others[:4])} {'is' if len(others) == 1 else 'are'} called so too: only the id tells them apart")
    return 0


def _finds(called: str, run: Run) -> bool:
    """Whether this means that run, and not another of which it is the id or the folder."""
    try:
        return store.find(called) == run
    except StoreError:
        return False


def note(word: str, text: str | None) -> int:
    """Say this of a run; an empty text takes it away, and without one it is shown. Raises StoreError."""
    out, run = Output(), store.find(word)
    said = (labels.read(run) if text is None else labels.write(run, note=text)).note
    out.line(f"run {run.id}: {units.plain(said)}" if said else f"run {run.id} has no note")
    return 0
