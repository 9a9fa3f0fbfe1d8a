"""A record as files that other programs read: steps and validations as CSV, the whole as one JSON object."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tui_trainer.events import Evaluated
from tui_trainer.runs import figures
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run
from tui_trainer.runs.whole import Whole

STEPS = "steps.csv"
VALIDATIONS = "validations.csv"
RECORD = "run.json"


def to_csv(whole: Whole, folder: Path) -> list[Path]:
    """A row for each step, and a row for each validation and the test. Raises OSError."""
    history, paths = whole.history, [folder / STEPS, folder / VALIDATIONS]
    rows = ((one.step, one.epoch, f"{one.loss:.6g}", f"{one.lr:.6g}", one.seconds) for one in whole.steps)
    _rows(paths[0], ("step", "epoch", "loss", "lr", "seconds"), rows)
    if history.regression:
        head: tuple[str, ...] = ("split", "step", "epoch", "seconds", "loss", "mae", "r2", "best")
        judged = ((*_when(one), one.loss, one.mae, one.r2, int(one.best)) for one in whole.evaluations)
        _rows(paths[1], head, judged)
    else:
        classes = [f"recall of {name}" for name in history.classes]
        head = ("split", "step", "epoch", "seconds", "loss", "accuracy", "best", *classes)
        tried = ((*_when(one), one.loss, one.accuracy, int(one.best), *_recalls(one)) for one in whole.evaluations)
        _rows(paths[1], head, tried)
    return paths


def _when(one: Evaluated) -> tuple[object, ...]:
    return one.split, one.step, one.epoch, round(one.seconds, 3)


def _recalls(one: Evaluated) -> list[float]:
    return [round(of.found, 6) for of in figures.per_class(one.confusion)]


def _rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(head)
        write.writerows(rows)


def to_json(whole: Whole, run: Run, folder: Path, again: str) -> Path:
    """Settings, result, machine, validations and what was changed by hand; `again` is the command that repeats the run.
    Strict JSON: what is not finite is null. Raises OSError and StoreError."""
    history = whole.history
    told = {
        "run": run.id,
        "name": run.name,
        "config": asdict(run.config()),
        "started": _machine(history),
        "result": asdict(history.ended) if history.ended else None,
        "best": _evaluation(history.best_of, history) if history.best_of else None,
        "steps": history.step,
        "validations": [_evaluation(one, history) for one in whole.evaluations if one.split == "val"],
        "test": _evaluation(history.test, history) if history.test else None,
        "changes": [{"kind": type(one).__name__} | asdict(one) for one in history.changes],
        "resumed": [{"step": one.step, "checkpoint": one.checkpoint} for one in whole.resumed],
        "again": again,
    }
    path = folder / RECORD
    path.write_text(json.dumps(_finite(told), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _machine(history: History) -> dict[str, object] | None:
    """What the run said of itself before its first step, but for the settings."""
    if history.started is None:
        return None
    told = asdict(history.started)
    del told["config"]
    return told


def _evaluation(one: Evaluated, history: History) -> dict[str, object]:
    classes = [
        {"class": history.name_of(at), "precision": of.right, "recall": of.found, "f1": of.f1, "support": of.support}
        for at, of in enumerate(figures.per_class(one.confusion))
    ]
    return asdict(one) | {"per_class": classes}


def _finite(value: object) -> object:
    """The value with null for every number that JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value
