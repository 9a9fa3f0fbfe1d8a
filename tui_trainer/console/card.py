"""A run as a dozen lines of plain text, for a chat or a homework."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tui_trainer import config, datasets, preset, units
from tui_trainer.console.progress import remark
from tui_trainer.console.summary import SPARK, headline, repeat, sparkline
from tui_trainer.events import Evaluated
from tui_trainer.runs import labels, log, remarks
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run

MOST_CHANGES = 3
LEFT_OUT = ("preset", "dataset", "device", "threads", "precision", "save_every", "fit_batch", "start_from", "seed")
"""Settings that are said in another line, or that no figure follows from."""


def lines(history: History, run: Run, folders: Sequence[Path] = ()) -> list[str]:
    """What was trained on what, the result, the curves, the settings, the machine, and how to repeat it."""
    settings, label = run.config(), labels.read(run)
    alive = log.is_locked(run.events)
    called = f"{label.name}: " if label.name else ""
    said = [
        units.plain(f"{called}{settings.preset} on {settings.dataset}  (run {run.id}{_when(history)})"),
        headline(history, alive=alive),
        *([_row("note", label.note)] if label.note else []),
        *_figures(history),
        *_curves(history),
        _row("settings", _settings(settings, run)),
        *_changes(history),
        *_machine(history),
        _row("again", repeat(run, folders)),
    ]
    return [units.plain(line) for line in said]


def _row(label: str, text: str) -> str:
    return f"  {label:<10}{text}"


def _when(history: History) -> str:
    if history.started is None or not history.started.time:
        return ""
    return time.strftime(", %Y-%m-%d", time.localtime(history.started.time))


def _figures(history: History) -> list[str]:
    rows = []
    if (best := history.best_of) is not None:
        rows.append(_row("best", f"{_of(best)} at epoch {best.epoch}, step {units.count(best.step)}"))
    if (test := history.test) is not None:
        rows.append(_row("test", _of(test)))
    return rows


def _of(seen: Evaluated) -> str:
    """`97.2 %, loss 0.091`; of regression the loss, then what it is made of."""
    told = remarks.figures(seen)
    return f"loss {told}" if seen.accuracy is None else f"{told}, loss {units.loss(seen.loss)}"


def _curves(history: History) -> list[str]:
    rows = []
    if history.loss.count:
        curve = sparkline([bucket.mean for bucket in history.loss.buckets()], SPARK)
        rows.append(_row("loss", f"{curve}  to {units.loss(history.loss.last)}"))
    if history.val_accuracy:
        rows.append(_row("accuracy", sparkline([point.value for point in history.val_accuracy], SPARK)))
    return rows


def _settings(given: config.Config, run: Run) -> str:
    """Those that are not what the preset suggests, and the seed."""
    found = preset.read(run.preset_file)
    suggested = config.overlay(config.DEFAULTS, found.defaults)
    values = {name: value for name, value in asdict(given).items() if name not in (*LEFT_OUT, *config.OWN) and value is not None}
    words = [_word(name, value) for name, value in values.items() if suggested.get(name) != value]
    usual = {knob.name: knob.default for knob in found.knobs}
    words += [f"{name} {value}" for name, value in given.knobs.items() if usual.get(name) != value]
    dataset = datasets.DATASETS.get(given.dataset)
    usual = {knob.name: knob.default for knob in dataset.knobs} if dataset else {}
    words += [f"{name} {value}" for name, value in given.data.items() if usual.get(name) != value]
    return ", ".join([*(words or ["as the preset suggests"]), f"seed {given.seed}"])


def _word(name: str, value: object) -> str:
    """`lr 0.01`, `flip`, `no flip`."""
    label = name.replace("_", " ")
    return (label if value else f"no {label}") if isinstance(value, bool) else f"{label} {value}"


def _changes(history: History) -> list[str]:
    """What was changed by hand."""
    told = [_row("by hand" if not number else "", remark(one)) for number, one in enumerate(history.changes[:MOST_CHANGES])]
    more = len(history.changes) - MOST_CHANGES
    return told + ([_row("", f"and {more} more")] if more > 0 else [])


def _machine(history: History) -> list[str]:
    if (begun := history.started) is None:
        return []
    threads = "" if begun.device != "cpu" else f", {begun.threads} thread{'s' * (begun.threads != 1)}"
    net = _row("net", f"{units.count(begun.parameters)} parameters; {units.count(begun.train_size)} samples to learn from")
    return [net, _row("machine", f"{begun.device_name}{threads}, {begun.precision}, torch {begun.torch}")]
