"""What is left in the scrollback of a run: result, curve, best epoch, files, and the command that repeats it."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tui_trainer import config, datasets, paths, preset, session, units
from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.console import resumable
from tui_trainer.console.output import Output
from tui_trainer.events import Evaluated
from tui_trainer.runs import remarks, store
from tui_trainer.runs.history import History
from tui_trainer.runs.log import is_locked
from tui_trainer.runs.store import Run, StoreError

BLOCKS = "▁▂▃▄▅▆▇█"
SPARK = 40
HANDED_OVER = "handed over"
"""The phase of a run that was left to another process."""


def print_summary(history: History, run: Run, folders: Sequence[Path] = ()) -> None:
    """Say the summary on standard output, whatever that is by now."""
    Output().lines(summary_lines(history, run, folders))


def summary_lines(history: History, run: Run, folders: Sequence[Path] = ()) -> list[str]:
    """The run in a few lines; nothing for one that never began."""
    if history.started is None and history.ended is None and history.phase != HANDED_OVER:
        return []
    now = store.summary(run)
    ours = now.pid == os.getpid()  # these are its last words: what it still holds ends with it
    alive = not ours and (is_locked(run.events) or now.alive)
    lines = [in_background(now.pid)] if history.phase == HANDED_OVER else [headline(history, alive=alive)]
    if history.loss.count:
        curve = sparkline([bucket.mean for bucket in history.loss.buckets()], SPARK)
        lines.append(_row("loss", f"{curve}  now {units.loss(history.loss.last)}"))
    if history.best is not None:
        where = f"epoch {history.best.epoch}, step {units.count(history.best.step)}"
        lines.append(_row("best", _best(history, where)))
    if history.test is not None:
        loss = f"loss {units.loss(history.test.loss)}"
        lines.append(_row("test", f"{remarks.figures(history.test)}, {loss}" if not history.regression else _errors(history.test)))
    lines += [_row("weights", path) for path in checkpoints(run)[:1]]
    lines.append(_row("record", units.plain(paths.short(run.folder))))
    if alive:
        return [*lines, *reach_lines(run)]
    if history.ended is None or (history.ended.reason != "finished" and (history.loss.count or history.short)):
        lines.append(_row("go on", resumable.going_on(run, history)))
    lines.append(_row("again", repeat(run, folders)))
    if history.changes:
        lines.append(_row("", f"{resumable.PROGRAM} repeat {run.id} --steered  makes the changes again that were made by hand"))
    return lines


def in_background(pid: int) -> str:
    """`● goes on in the background (process 4711)`"""
    return f"● goes on in the background{f' (process {pid})' if pid else ''}"


def reach_lines(run: Run) -> list[str]:
    """How to come back to a run that goes on, and how to end it."""
    return [_row("attach", resumable.attach(run)), _row("stop", resumable.stop(run))]


def _best(history: History, where: str) -> str:
    """`71.8 % at epoch 5, step 440, val loss 0.862`, or of regression `loss 0.008, MAE 0.071, R² 0.984 at epoch 5, step 440`."""
    if history.regression and history.best_of is not None:
        return f"{_errors(history.best_of)} at {where}"
    return f"{units.percent(history.best_accuracy)} at {where}, val loss {units.loss(history.best_loss)}"


def _errors(seen: Evaluated) -> str:
    return f"loss {remarks.figures(seen)}"


def _row(label: str, text: str) -> str:
    return f"  {label:<8}{text}"


def headline(history: History, *, alive: bool) -> str:
    """`✓ finished  98.6 % at epoch 9, 10 epochs in 6.1 s`, or what went wrong; `alive` while somebody trains it."""
    ended = history.ended
    if ended is None or alive:  # one that ended and is resumed keeps its end until it goes on
        state = "● goes on" if alive else "! lost: it has no end, and nobody trains it any more"
        return f"{state}: epoch {history.epoch}, step {units.count(history.step)}"
    took = f"{units.count(ended.step)} steps in {units.duration(ended.seconds)}"
    if ended.reason in {"failed", "diverged"}:
        return f"✕ {ended.reason}: {units.plain(ended.error) or took}"
    sign = {"finished": "✓", "stopped": "‖"}.get(ended.reason, "✕")
    result = remarks.result(ended)
    return f"{sign} {ended.reason}  {result}{', ' if result else ''}{took}"


def checkpoints(run: Run) -> list[str]:
    """The weights there are, best first, as paths to type."""
    found = (run.checkpoints / name for name in (BEST, LAST))
    return [units.plain(paths.short(path)) for path in found if path.exists()]


def repeat(run: Run, folders: Sequence[Path] = ()) -> str:
    """The command that trains this again; what its preset suggests anyway is left out, dataset and seed never are. A run whose
    preset is not there any more has its own copy of it."""
    try:
        given = session.lengthened(run)
        preset.find(given.preset, folders)
    except StoreError as error:
        return f"cannot be repeated: {units.plain(str(error))}"
    except preset.PresetError:
        return f"{resumable.PROGRAM} repeat {run.id}"
    words = ["tui-trainer", "train", given.preset]
    words += config.as_options(given, against=suggested(given, folders))
    for folder in folders:
        words += ["--presets", str(folder)]
    return units.plain(shlex.join(words))


def suggested(given: config.Config, folders: Sequence[Path]) -> dict[str, object]:
    """What a run of this preset gets when nothing is said."""
    try:
        found = preset.find(given.preset, folders)
    except preset.PresetError:
        return {}
    suggested = config.overlay(config.DEFAULTS, found.defaults)
    knobs = {knob.name: knob.default for knob in found.knobs}
    dataset = datasets.DATASETS.get(given.dataset)
    data = {knob.name: knob.default for knob in dataset.knobs} if dataset else {}
    return {name: value for name, value in suggested.items() if name not in {"dataset", "seed"}} | {"knobs": knobs, "data": data}


def sparkline(values: Sequence[float], width: int) -> str:
    """The values as one row of blocks, at most `width`, each the mean of its share; what is not finite is left out."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    count = min(width, len(finite))
    edges = [index * len(finite) // count for index in range(count + 1)]
    means = [sum(finite[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    if high == low:
        return BLOCKS[0] * count
    return "".join(BLOCKS[min(int((mean - low) / (high - low) * len(BLOCKS)), len(BLOCKS) - 1)] for mean in means)
