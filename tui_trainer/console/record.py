"""A run as `show` prints it: summary, classes, confusions, curves, config, files; or the same as one JSON object."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tui_trainer import config, units
from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.console import resumable
from tui_trainer.console.chart import charts
from tui_trainer.console.output import cut
from tui_trainer.console.progress import remark
from tui_trainer.console.summary import checkpoints, headline, repeat, summary_lines
from tui_trainer.console.tables import table
from tui_trainer.events import Evaluated, RunResumed
from tui_trainer.runs import figures, log
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, Summary

MOST_CONFUSED = 5
FIGURES = 40
"""Columns of the figures of a class."""
SHOWN = 10
"""Values of a parameter that are printed, up to the last."""


def read(run: Run) -> History:
    """The whole record, folded."""
    history = History()
    fold(run, history)
    return history


def fold(run: Run, history: History) -> None:
    """Everything that the record says by now, into this history."""
    for events in log.Tail(run.events).portions():
        history.extend(events)


def lines(summary: Summary, width: int, *, colours: bool, unicode: bool = True, folders: Sequence[Path] = ()) -> list[str]:
    """Everything `show` says about a run."""
    run, settings = summary.run, summary.config
    history = read(run)
    name = units.plain(f"{settings.preset} on {settings.dataset}")
    said = [f"run {run.id}  {name}  {summary.status}  made {_ago(summary.time)}", *label_lines(summary), ""]
    parts = [
        summary_lines(history, run, folders) or [f"  nothing happened yet; this begins it: {resumable.resume(run)}"],
        _hosting(summary, history),
        class_lines(history, width),
        parameter_lines(history),
        confused_lines(history),
        charts(history, width, colours=colours, unicode=unicode),
        _config_lines(settings),
        [f"  {path}" for path in checkpoints(run)],
        _failure(history),
    ]
    for part in parts:
        said += [*part, ""] if part else []
    return said[:-1]


def label_lines(summary: Summary) -> list[str]:
    """What a person calls the run and says of it, if anything."""
    told = (("name", summary.name), ("note", summary.note))
    return [f"  {what:<8}{units.plain(text)}" for what, text in told if text]


def _hosting(summary: Summary, history: History) -> list[str]:
    """Who trains it, how often it went on from a checkpoint, and what was changed by hand."""
    said = []
    if (hosted := history.hosted) is not None:
        verb = "trained by" if summary.alive else "trained last by"
        said.append(f"  {verb} process {hosted.pid}{f' on {units.plain(hosted.host)}' if hosted.host else ''}")
    if resumed := resumptions(summary.run):
        times = "once" if len(resumed) == 1 else f"{len(resumed)} times"
        said.append(f"  resumed {times}, last after step {units.count(resumed[-1].step)}, from {resumed[-1].checkpoint}")
    if history.changes:
        said += ["  changed by hand:", *(f"    {remark(change)}" for change in history.changes)]
    return said


def resumptions(run: Run) -> list[RunResumed]:
    """Every time that a run went on from a checkpoint, oldest first."""
    return [event for events in log.Tail(run.events).portions() for event in events if isinstance(event, RunResumed)]


def _ago(when: float) -> str:
    age = units.age(max(time.time() - when, 0))
    return age if age == "now" else f"{age} ago"


def final(history: History) -> Evaluated | None:
    """The figures that count: those of the test, else of the last validation."""
    return history.test or history.evaluation


def class_lines(history: History, width: int) -> list[str]:
    """Precision, recall, F1 and support of every class, and their mean; nothing for regression. Long names are cut."""
    seen = final(history)
    if seen is None or not seen.confusion:
        return []
    room = max(width - FIGURES, 16)
    named = [cut(units.plain(history.name_of(index)), room) for index in range(len(seen.confusion))]
    rows = [(name, *_shares(one)) for name, one in zip(named, figures.per_class(seen.confusion), strict=True)]
    rows.append(("mean of classes", *_shares(figures.macro(seen.confusion))))
    headings = (f"{seen.split} in %", "precision", "recall", "F1", "support")
    return table(headings, rows, right=headings[1:])


def _shares(one: figures.ClassFigures) -> tuple[str, str, str, str]:
    return units.tenths(one.right), units.tenths(one.found), units.tenths(one.f1), units.count(one.support)


def parameter_lines(history: History) -> list[str]:
    """The parameters of a net with few of them: value, gradient, and where each came from in the last steps."""
    trail, now = history.trail, history.trail.now
    if now is None:
        return []
    rows = [
        (
            name,
            units.figure(now.values[at]),
            units.figure(now.gradients[at]),
            " ".join(map(units.figure, trail.values(at)[-SHOWN:])),
        )
        for at, name in enumerate(trail.names)
    ]
    headings = (f"step {units.count(now.step)}", "value", "gradient", "the last steps")
    return table(headings, rows, right=("value", "gradient"))


def confused_lines(history: History) -> list[str]:
    seen = final(history)
    pairs = figures.confused(seen.confusion, MOST_CONFUSED) if seen is not None else []
    if not pairs:
        return []
    said = [
        units.plain(f"  {history.name_of(one.true)} taken for {history.name_of(one.taken_for)}: {one.count} of {one.of}")
        for one in pairs
    ]
    return ["most confused", *said]


def _config_lines(settings: config.Config) -> list[str]:
    given = {name: value for name, value in asdict(settings).items() if value is not None and name not in config.OWN}
    rows = [(name, str(value)) for name, value in given.items()]
    rows += [(f"knob {name}", str(value)) for name, value in settings.knobs.items()]
    rows += [(f"data {name}", str(value)) for name, value in settings.data.items()]
    return table(("setting", "value"), rows)


def _failure(history: History) -> list[str]:
    """What Python said where the run broke, line by line."""
    if history.ended is None or not history.ended.traceback:
        return []
    return ["what Python said", *(f"  {units.plain(line)}" for line in history.ended.traceback.rstrip().splitlines())]


def as_json(summary: Summary, folders: Sequence[Path] = ()) -> str:
    """The same for programs: one object, strict JSON."""
    run, history = summary.run, read(summary.run)
    seen = final(history)
    return json.dumps(
        summary_json(summary)
        | {
            "result": headline(history, alive=summary.alive),
            "config": asdict(summary.config),
            "classes": list(history.classes),
            "split": seen.split if seen else None,
            "confusion": [list(row) for row in seen.confusion] if seen else [],
            "per_class": _per_class_json(history, seen),
            "validations": _validations_json(history),
            "parameter_values": _values_json(history),
            "checkpoints": [str(run.checkpoints / name) for name in (BEST, LAST) if (run.checkpoints / name).exists()],
            "changes": [asdict(change) for change in history.changes],
            "resumed": len(resumptions(run)),
            "again": repeat(run, folders),
        },
        indent=2,
    )


def _values_json(history: History) -> dict[str, float | None]:
    """Of a net with few parameters, each by its name."""
    now = history.trail.now
    values = zip(history.trail.names, now.values, strict=True) if now is not None else ()
    return {name: _finite(value) for name, value in values}


def _validations_json(history: History) -> list[dict[str, object]]:
    curves = {"loss": history.val_loss, "accuracy": history.val_accuracy, "mae": history.val_mae, "r2": history.val_r2}
    rows: dict[int, dict[str, object]] = {}
    for name, points in curves.items():
        for point in points:
            if math.isfinite(point.value):
                rows.setdefault(point.step, {"step": point.step, "epoch": point.epoch})[name] = point.value
    return [rows[step] for step in sorted(rows)]


def _per_class_json(history: History, seen: Evaluated | None) -> list[dict[str, object]]:
    if seen is None:
        return []
    return [
        {
            "class": history.name_of(index),
            "precision": one.right,
            "recall": one.found,
            "f1": one.f1,
            "support": one.support,
        }
        for index, one in enumerate(figures.per_class(seen.confusion))
    ]


def _finite(value: float | None) -> float | None:
    """JSON has no word for what a run that diverged came to."""
    return value if value is not None and math.isfinite(value) else None


def summary_json(one: Summary) -> dict[str, object]:
    """A run as `runs --json` lists it."""
    return {
        "run": one.run.id,
        "folder": str(one.run.folder),
        "name": one.name,
        "note": one.note,
        "status": one.status,
        "preset": one.config.preset,
        "dataset": one.config.dataset,
        "task": one.task,
        "best_accuracy": one.best_accuracy,
        "best_epoch": one.best_epoch,
        "best_loss": _finite(one.best_loss),
        "last_accuracy": one.last_accuracy,
        "last_loss": _finite(one.last_loss),
        "test_accuracy": one.test_accuracy,
        "best_mae": _finite(one.best_mae),
        "best_r2": _finite(one.best_r2),
        "last_mae": _finite(one.last_mae),
        "last_r2": _finite(one.last_r2),
        "test_mae": _finite(one.test_mae),
        "test_r2": _finite(one.test_r2),
        "epochs": one.epochs,
        "steps": one.steps,
        "seconds": one.seconds,
        "parameters": one.parameters,
        "samples_per_second": one.speed,
        "curve": list(one.curve),
        "error": one.error,
        "time": one.time,
        "pid": one.pid,
        "host": one.host,
    }
