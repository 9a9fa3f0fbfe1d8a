"""Deleting runs from the command line: says what would go, asks, deletes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tui_trainer import units
from tui_trainer.console.output import Output
from tui_trainer.runs import remarks, store


def delete(names: Sequence[str], *, sure: bool) -> int:
    """Delete the runs called so, after a yes. Raises StoreError for a name that is none, before anything is deleted."""
    out, found = Output(), list(dict.fromkeys(store.find(name) for name in names))
    if not sure and not _agreed(found, out):
        return 2
    for run in found:
        store.delete(run)
        out.line(f"deleted {run.id}")
    return 0


def _agreed(found: Sequence[store.Run], out: Output) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        Output(sys.stderr).line("tui-trainer: nobody here to ask, nothing was deleted; --yes deletes without asking")
        return False
    for run in found:
        one = store.summary(run)
        pair = units.plain(f"{one.config.preset} on {one.config.dataset}")
        out.line(f"{run.id}  {pair}  {one.status}  {remarks.score(one.best_accuracy, one.best_mae)}")
    try:
        answer = input(f"delete {'this run' if len(found) == 1 else f'these {len(found)} runs'} with all weights? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in {"y", "yes"}:
        return True
    out.line("nothing was deleted")
    return False
