"""A run as `show` prints it: summary, classes, confusions, curves, config, files; or the same as one JSON object."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tui_trainer import config, units
from tui_trainer.console.chart import charts
from tui_trainer.console.summary import checkpoints, headline, repeat, summary_lines
from tui_trainer.console.tables import table
from tui_trainer.events import Evaluated
from tui_trainer.runs import figures, log
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, Summary

MOST_CONFUSED = 5


def read(run: Run) -> History:
    """The whole record, folded."""
    history, tail = History(), log.Tail(run.events)
    left = -1
    while (behind := tail.behind()) != left:  # a torn last line is left where it is
        left = behind
        history.extend(tail())
    return history


def lines(summary: Summary, width: int, *, colours: bool, unicode: bool = True, folders: Sequence[Path] = ()) -> list[str]:
    """Everything `show` says about a run."""
    run, settings = summary.run, summary.config
    history = read(run)
    name = units.plain(f"{settings.preset} on {settings.dataset}")
    said = [f"run {run.id}  {name}  {summary.status}  made {_ago(summary.time)}", ""]
    parts = [
        summary_lines(history, run, folders) or [f"  nothing happened yet; again: {repeat(run, folders)}"],
        class_lines(history),
        confused_lines(history),
        charts(history, width, colours=colours, unicode=unicode),
        _config_lines(settings),
        [f"  {path}" for path in checkpoints(run)],
        _failure(history),
    ]
    for part in parts:
        said += [*part, ""] if part else []
    return said[:-1]


def _ago(when: float) -> str:
    age = units.age(max(time.time() - when, 0))
    return age if age == "now" else f"{age} ago"


def final(history: History) -> Evaluated | None:
    """The figures that count: those of the test, else of the last validation."""
    return history.test or history.evaluation


def class_lines(history: History) -> list[str]:
    """Precision, recall, F1 and support of every class, and their mean."""
    seen = final(history)
    if seen is None:
        return []
    rows = [(history.name_of(index), *_shares(one)) for index, one in enumerate(figures.per_class(seen.confusion))]
    rows.append(("mean of classes", *_shares(figures.macro(seen.confusion))))
    headings = (f"{seen.split} in %", "precision", "recall", "F1", "support")
    return table(headings, rows, right=headings[1:])


def _shares(one: figures.ClassFigures) -> tuple[str, str, str, str]:
    return units.tenths(one.right), units.tenths(one.found), units.tenths(one.f1), units.count(one.support)


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
    given = {name: value for name, value in asdict(settings).items() if value is not None and name != "knobs"}
    rows = [(name, str(value)) for name, value in given.items()]
    rows += [(f"knob {name}", str(value)) for name, value in settings.knobs.items()]
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
            "result": headline(history, alive=log.is_locked(run.events)),
            "config": asdict(summary.config),
            "classes": list(history.classes),
            "split": seen.split if seen else None,
            "confusion": [list(row) for row in seen.confusion] if seen else [],
            "per_class": _per_class_json(history, seen),
            "validations": [{"step": point.step, "epoch": point.epoch, "accuracy": point.value} for point in history.val_accuracy],
            "checkpoints": [str(run.checkpoints / name) for name in ("best.pt", "last.pt") if (run.checkpoints / name).exists()],
            "again": repeat(run, folders),
        },
        indent=2,
    )


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


def summary_json(one: Summary) -> dict[str, object]:
    """A run as `runs --json` lists it."""
    return {
        "run": one.run.id,
        "folder": str(one.run.folder),
        "status": one.status,
        "preset": one.config.preset,
        "dataset": one.config.dataset,
        "best_accuracy": one.best_accuracy,
        "best_epoch": one.best_epoch,
        "best_loss": one.best_loss,
        "test_accuracy": one.test_accuracy,
        "epochs": one.epochs,
        "steps": one.steps,
        "seconds": one.seconds,
        "parameters": one.parameters,
        "error": one.error,
        "time": one.time,
    }
