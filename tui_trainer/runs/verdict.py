"""How a run goes, in one line with the number behind it: a few plain rules over its history, the most urgent first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tui_trainer import units

if TYPE_CHECKING:
    from tui_trainer.runs.history import History

FLAT_AFTER = 3
"""Epochs without a better validation accuracy that count as flat."""


class Verdict(NamedTuple):
    kind: str
    """`good`, `warn` or `bad`."""
    text: str


def judge(history: History) -> Verdict | None:
    """None while there is nothing to say yet."""
    for rule in (_diverged, _stuck, _overfitting, _flat, _learning):
        if verdict := rule(history):
            return verdict
    return None


def _diverged(history: History) -> Verdict | None:
    if history.loss.nonfinite:
        return Verdict("bad", f"loss not finite at step {units.count(history.loss.nonfinite[0])}")
    return None


def _stuck(history: History) -> Verdict | None:
    """Guessing: the loss of a model that gives each class the same share is the logarithm of how many there are."""
    classes, recent = len(history.classes), history.loss.recent
    if classes < 2 or not history.evaluation or len(recent) < 20:
        return None
    chance, mean = math.log(classes), sum(recent) / len(recent)
    above = mean - chance
    if above < -0.02 * chance or history.evaluation.accuracy > 1.5 / classes:
        return None
    if above > 0.02 * chance:
        return Verdict("bad", f"worse than guessing: loss {units.loss(mean)}")
    return Verdict("bad", f"loss stuck at ln {classes} = {chance:.3f}: not learning")


def _overfitting(history: History) -> Verdict | None:
    """Train far ahead while the validation loss is well above its lowest."""
    if not history.evaluation or len(history.val_loss) < 3 or not history.accuracy.recent:
        return None
    train = sum(history.accuracy.recent) / len(history.accuracy.recent)
    val = history.evaluation.accuracy
    lowest = min(point.value for point in history.val_loss)
    if train - val < 0.05 or history.val_loss[-1].value < 1.1 * lowest:
        return None
    return Verdict("warn", f"overfitting: train {units.percent(train)}, val {units.percent(val)}")


def _flat(history: History) -> Verdict | None:
    if not history.best or not history.evaluation:
        return None
    epochs = history.evaluation.epoch - history.best.epoch
    if epochs < FLAT_AFTER:
        return None
    return Verdict("warn", f"flat for {epochs} epochs: best was epoch {history.best.epoch}")


def _learning(history: History) -> Verdict | None:
    """By how much the validation loss changed since the epoch before."""
    if not history.previous or not history.evaluation or history.previous.loss <= 0:
        return None
    change = history.evaluation.loss / history.previous.loss - 1
    if not math.isfinite(change):
        return None
    shown = f"val {'−' if change < 0 else '+'}{_size(100 * abs(change))} % last epoch"
    if change <= -0.01:
        return Verdict("good", f"still learning: {shown}")
    if change < 0.05:
        return Verdict("good" if history.evaluation.best else "warn", f"nearly flat: {shown}")
    return Verdict("warn", f"getting worse: {shown}")


def _size(percent: float) -> str:
    return f"{percent:.1f}" if percent < 0.95 else f"{percent:.0f}"
