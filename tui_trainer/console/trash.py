"""Runs into the trash and out of it, from the command line: says what would go, asks, and how it comes back."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tui_trainer import paths, units
from tui_trainer.console.output import Output
from tui_trainer.console.resumable import PROGRAM
from tui_trainer.console.tables import STATES, table
from tui_trainer.runs import held, remarks, store, trash
from tui_trainer.runs.run import Run
from tui_trainer.runs.trash import Trashed

EMPTY = "the trash is empty"


def delete(names: Sequence[str], *, sure: bool) -> int:
    """Move the runs called so to the trash, after a yes. Raises StoreError for a name that is none, or a run that is being trained,
    before anything is moved."""
    out, found = Output(), list(dict.fromkeys(store.find(name) for name in names))
    for run in found:
        held.refuse(run)
    if not sure and not _agreed(found, out):
        return 2
    moment = trash.new_moment()
    for run in found:
        trash.put(run, moment)
        out.line(f"moved {run.id} to the trash")
    back = "it" if len(found) == 1 else "them all"
    out.line(f"{PROGRAM} restore brings {back} back; {PROGRAM} trash --empty frees the disk")
    return 0


def _agreed(found: Sequence[Run], out: Output) -> bool:
    if not _somebody("deleted", "--yes deletes"):
        return False
    for run in found:
        out.line("  ".join(_told(run)))
    return _yes(f"move {'this run' if len(found) == 1 else f'these {len(found)} runs'} to the trash?", "nothing was deleted", out)


def _told(run: Run) -> tuple[str, str, str, str]:
    """Id, what it is called or trains, state and result."""
    one = store.summary(run)
    pair = f"{one.config.preset} on {one.config.dataset}"
    shown = units.plain(f"{one.name}: {pair}" if one.name else pair)
    return run.id, shown, f"{STATES.get(one.status, ' ')} {one.status}", remarks.score(one.best_accuracy, one.best_mae)


def _somebody(done: str, without: str) -> bool:
    """Whether a person is there to ask; says that there is none."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    Output(sys.stderr).line(f"{PROGRAM}: nobody here to ask, nothing was {done}; {without} without asking")
    return False


def _yes(question: str, otherwise: str, out: Output) -> bool:
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in {"y", "yes"}:
        return True
    out.line(otherwise)
    return False


def restore(names: Sequence[str]) -> int:
    """Bring these runs back, or without a name all that was deleted last. Raises StoreError for a name that is none."""
    out, found = Output(), list(dict.fromkeys(trash.find(name) for name in names)) or trash.latest()
    if not found:
        out.line(f"{EMPTY}: there is nothing to bring back")
        return 0
    back, problems = trash.restore_all(found)
    for run in back:
        out.line(f"restored {'  '.join(_told(run))}")
    for problem in problems:
        Output(sys.stderr).line(f"{PROGRAM}: {units.plain(problem)}")
    return 2 if problems else 0


def listed(*, as_json: bool) -> int:
    """What lies in the trash, what was deleted last first."""
    out, found = Output(), trash.everything()
    if as_json:
        out.line(json.dumps([_json(one) for one in found], indent=2))
    elif not found:
        out.line(EMPTY)
    else:
        rows = [(*_told(one.run), units.size(_size(one.run.folder)), units.age(max(time.time() - one.time, 0))) for one in found]
        headings = ("run", "what", "state", "best", "size", "deleted")
        out.lines(table(headings, rows, right=("best", "size", "deleted"), width=out.width()))
        out.lines(["", f"{PROGRAM} restore RUN brings one back; {PROGRAM} trash --empty frees {units.size(_of_all(found))}"])
    return 0


def _json(one: Trashed) -> dict[str, object]:
    told = store.summary(one.run)
    return {
        "run": one.id,
        "folder": str(one.run.folder),
        "name": told.name,
        "note": told.note,
        "preset": told.config.preset,
        "dataset": told.config.dataset,
        "status": told.status,
        "bytes": _size(one.run.folder),
        "deleted": one.time,
    }


def empty(*, sure: bool, older: float) -> int:
    """Remove for good what lies in the trash for longer than `older` seconds, after a yes. Raises StoreError where that fails."""
    out = Output()
    found = [one for one in trash.everything() if time.time() - one.time >= older]
    if not found:
        out.line(EMPTY if not trash.everything() else "nothing has lain in the trash for so long")
        return 0
    runs = "1 run" if len(found) == 1 else f"{len(found)} runs"
    freed = units.size(_of_all(found))
    if not sure:
        if not _somebody("removed", "--yes removes"):
            return 2
        if not _yes(f"remove {runs} for good, {freed} in {paths.short(paths.trash())}?", "nothing was removed", out):
            return 2
    removed = trash.empty(older)
    out.line(f"removed {'1 run' if removed == 1 else f'{removed} runs'} for good, {freed}")
    return 0


def _of_all(found: Sequence[Trashed]) -> int:
    return sum(_size(one.run.folder) for one in found)


def _size(folder: Path) -> int:
    """Bytes of all that lies in a folder."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(Path(place, name)).st_size
            except OSError:
                continue  # it went meanwhile
    return size
