"""Runs in the background: started from here and left to themselves, one of them or every one that is lost."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer import session, units
from tui_trainer.console.output import Output
from tui_trainer.console.summary import in_background, reach_lines
from tui_trainer.console.train import name
from tui_trainer.runs.store import Run, StoreError


def detach(run: Run, *, head: Sequence[str] = (), resume: session.Resume | None = None, quiet: bool = False) -> int:
    """Let a process of its own train a run, say how to come back to it, and return 0. Raises StoreError with the reason why
    not; torch is not needed for any of it."""
    out = Output()
    if not quiet:
        out.lines(head or [name(run)])
    pid = session.background(run, resume)
    out.lines([in_background(pid), *reach_lines(run)])
    return 0


def all_lost() -> int:
    """Go on with every lost run, each in the background; 1 where one of them cannot be."""
    out, code = Output(), 0
    found = session.lost()
    if not found:
        out.line("no run is lost: each has an end, or is being trained")
    for run in found:
        try:
            told = session.resumption(run)
            pid = session.background(run)
            out.line(f"{name(run)}, {where(told)}, goes on in the background (process {pid})")
        except StoreError as error:
            code = 1
            out.line(f"! run {run.id} stays lost: {units.plain(str(error))}")
    return code


def where(told: session.Resumption) -> str:
    """`from step 1 760 (last.pt)`"""
    return f"from step {units.count(told.step)} ({told.checkpoint})" if told.checkpoint else "from the beginning"


def head(run: Run, told: session.Resumption) -> list[str]:
    """What goes on from where, and what is to be known of it."""
    return [f"{name(run)}, {where(told)}", *(f"· {units.plain(text)}" for text in told.says)]
