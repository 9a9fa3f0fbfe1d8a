"""What is to be said of one run beside its curve: settings as they were in the end, and what came of it. Pure functions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.settings import settings_of
from tui_trainer.events import LearningRateChanged, SettingChanged
from tui_trainer.runs import columns, remarks
from tui_trainer.settings import BY_NAME

if TYPE_CHECKING:
    from tui_trainer.runs.history import History
    from tui_trainer.runs.store import Summary

USUAL = {"device": "auto"}
"""Settings that need no mention where they are so."""
LAST = ("seed", "epochs", "steps", "seconds", "device")
"""Settings that say less of a run than its own knobs."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A few dim words, then what they are about."""

    words: str
    value: str
    colour: str = "text"


def settings(run: Summary, history: History | None = None) -> list[tuple[str, str]]:
    """Labels and values; of what a person changed while it trained, both values."""
    changed = _changed(history) if history is not None else {}
    rows = settings_of(asdict(run.config))
    own = run.config.knobs | run.config.data
    rows.sort(key=lambda row: LAST.index(row[0]) + 1 if row[0] in LAST and row[0] not in own else 0)  # knobs before them
    return [(name, f"{value} → {changed[name]}" if name in changed else value) for name, value in rows if USUAL.get(name) != value]


def _changed(history: History) -> dict[str, str]:
    """The newest value of each setting that was changed, by its label."""
    found: dict[str, str] = {}
    for one in history.changes:
        match one:
            case LearningRateChanged(new=new):
                found[BY_NAME["lr"].label] = units.lr(new)
            case SettingChanged(name=name, new=new):
                found[BY_NAME[name].label if name in BY_NAME else name] = f"{new:g}"
    return found


def facts(run: Summary, history: History | None = None) -> list[Fact]:
    """What a person called it and what came of it; without a history, of which a chart is beside it, also its best figure."""
    found = [Fact("", run.error, "worse")] if run.error else []
    if process := columns.process(run):
        found.append(Fact("process", process if " on " in process else f"{process} of this machine"))
    if run.name:
        found.append(Fact("name", run.name, "bright"))
    if run.note:
        found.append(Fact("note", f"“{run.note}”"))
    if history is not None:
        return [*found, *_learned(history), *_tested(run)]
    return [*found, *_tested(run), *_best(run)]


def _tested(run: Summary) -> list[Fact]:
    if run.task == "regression":
        said = "  ".join(remarks.errors(run.test_mae, run.test_r2))
        return [Fact("test", said)] if said else []
    return [Fact("test", units.percent(run.test_accuracy))] if run.test_accuracy is not None else []


def _best(run: Summary) -> list[Fact]:
    """`best 71.8 %  loss 0.862  epoch 5`"""
    if run.best_loss is None:
        return []
    figures = remarks.errors(run.best_mae, run.best_r2) if run.task == "regression" else [units.percent(run.best_accuracy)]
    return [Fact("best", "  ".join([*figures, f"loss {units.loss(run.best_loss)}", f"epoch {run.best_epoch}"]), "best")]


def _learned(history: History) -> list[Fact]:
    """`worst class cat 51.2 %` and `best.pt epoch 5, 1.4 MB`"""
    found = []
    if len(board := [one for one in history.board() if one.support]) > 1:
        found.append(Fact("worst class", f"{units.plain(board[0].name)} {units.percent(board[0].share)}"))
    if (saved := history.saved_best) is not None:
        size = f", {units.size(saved.bytes)}" if saved.bytes else ""
        found.append(Fact("best.pt", f"epoch {saved.epoch}{size}"))
    return found
