"""How a run goes, in one line with the number behind it: a few plain rules over its history, the most urgent first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tui_trainer import units
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from tui_trainer.runs.history import History

FLAT_AFTER = 3
"""Epochs without a better validation accuracy that count as flat."""


class Verdict(NamedTuple):
    kind: str
    """`good`, `warn` or `bad`."""
    text: str


SOLVED = 0.9999
"""R² from which there is nothing left to learn."""


def judge(history: History) -> Verdict | None:
    """None while there is nothing to say yet."""
    for rule in REGRESSION if history.regression else CLASSES:
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
    if above < -0.02 * chance or (history.evaluation.accuracy or 0.0) > 1.5 / classes:
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
    if val is None or train - val < 0.05 or not _risen(history):
        return None
    return Verdict("warn", f"overfitting: train {units.percent(train)}, val {units.percent(val)}")


def _risen(history: History) -> bool:
    """Whether the validation loss is well above its lowest."""
    return history.val_loss[-1].value >= 1.1 * min(point.value for point in history.val_loss)


def _solved(history: History) -> Verdict | None:
    """Regression that is done: nothing of the targets is left over."""
    seen = history.evaluation
    if seen is None or seen.mae is None or (seen.loss > 1e-12 if seen.r2 is None else seen.r2 < SOLVED):
        return None
    return Verdict("good", f"fits: {', '.join(remarks.errors(seen.mae, seen.r2))}")


def _to_and_fro(history: History) -> Verdict | None:
    """Parameters that jump between two values: the steps are too long for the valley."""
    flipping = [name for at, name in enumerate(history.trail.names) if history.trail.flips(at)]
    if not flipping:
        return None
    which = flipping[0] if len(flipping) == 1 else f"{len(flipping)} parameters"
    return Verdict("warn", f"{which} to and fro: the rate is too high")


def _unexplained(history: History) -> Verdict | None:
    """Numbers told no better than by the mean of all targets."""
    recent = [point.value for point in history.val_r2[-3:]]
    if len(recent) < 3 or max(recent) > 0.02:
        return None
    return Verdict("bad", f"no better than the mean of the targets: R² {units.r_squared(recent[-1])}")


def _far_ahead(history: History) -> Verdict | None:
    """Overfitting without shares: the loss in training is far below that of validation, which has risen."""
    recent = history.loss.recent
    if len(history.val_loss) < 3 or not recent or not _risen(history):
        return None
    train, val = sum(recent) / len(recent), history.val_loss[-1].value
    if not train < 0.7 * val:
        return None
    return Verdict("warn", f"overfitting: loss train {units.loss(train)}, val {units.loss(val)}")


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


CLASSES = (_diverged, _stuck, _overfitting, _flat, _learning)
REGRESSION = (_diverged, _solved, _to_and_fro, _unexplained, _far_ahead, _flat, _learning)
