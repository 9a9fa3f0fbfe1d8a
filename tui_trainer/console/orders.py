"""Words such as `set lr 3e-4` as commands to a run. What a run could not obey is refused here, before it is asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tui_trainer import steering, units
from tui_trainer.commands import (
    Abandon,
    Command,
    Continue,
    Evaluate,
    FinishEpoch,
    FitBatch,
    HandOver,
    Pause,
    Save,
    ScaleLearningRate,
    Set,
    SetLearningRate,
    Step,
    Stop,
)
from tui_trainer.config import BY_NAME, Config, nearest, option_of
from tui_trainer.events import RunResumed, RunStarted, Stepped
from tui_trainer.runs import ends
from tui_trainer.runs.store import Run

PLAIN: Mapping[str, Callable[[], Command]] = {
    "pause": Pause,
    "go-on": Continue,
    "continue": Continue,
    "step": Step,
    "epoch": FinishEpoch,
    "evaluate": Evaluate,
    "save": Save,
    "stop": Stop,
    "abandon": Abandon,
    "detach": HandOver,
}
"""Orders of one word."""

ABOUT = {
    "pause": "hold after the batch in hand; keep everything",
    "go-on": "after a pause; continue says the same",
    "step": "learn from one batch, then pause",
    "epoch": "learn to the end of this epoch, then pause",
    "evaluate": "try the validation split now, then go on",
    "save": "write last.pt now, then go on",
    "set NAME VALUE": "from the next batch on; NAME is lr, momentum, decay, smoothing, batch or clip",
    "scale FACTOR": "multiply the learning rate, as in scale 0.5",
    "fit": "where memory is short: go on with the largest batch that fits",
    "detach": "leave it to a process in the background, which goes on with it",
    "stop": "finish the batch, evaluate, save, end",
    "abandon": "end now; the last checkpoint stays",
}
"""Every order, as the help lists them."""

EVERY = (*PLAIN, "set", "scale", "fit")


class OrderError(ValueError):
    """An order that no run, or not this one, can obey; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether a run can take a change."""

    config: Config
    samples: int = 0
    """Of the training split; 0 where that is not known yet."""
    regression: bool = False
    lr: float | None = None
    """Of the last step that was reported."""


def facts(run: Run) -> Facts:
    """From the settings and the two ends of the record, however long it is. Raises StoreError without settings."""
    samples, regression, lr = 0, False, None
    for event in [*ends.milestones(run.events), *ends.newest(run.events)]:
        match event:
            case RunStarted(train_size=size, task=task):
                samples, regression = size, task == "regression"
            case RunResumed():
                lr = None
            case Stepped(lr=now):
                lr = now
    return Facts(run.config(), samples, regression, lr)


def order(words: Sequence[str], known: Facts, *, scale_rate: bool = False) -> Command:
    """The command that these words ask for. Raises OrderError."""
    name, rest = words[0].strip().lower(), list(words[1:])
    if scale_rate and name != "fit":
        raise OrderError("--scale-rate goes with fit: it makes the rate smaller in proportion to the batch")
    if name == "set":
        return _set(rest, known)
    if name == "scale":
        return _scale(rest, known)
    if name not in EVERY:
        raise OrderError(f"there is no order {words[0]!r}; {nearest(name, EVERY)}it is one of {', '.join(EVERY)}")
    if rest:
        raise OrderError(f"{rest[0]!r} is one word too many: {name} stands alone")
    return FitBatch(scale_rate) if name == "fit" else PLAIN[name]()


def change(name: str, raw: object, known: Facts) -> Command:
    """The command that gives a setting this value. Raises ValueError with what would be right."""
    value = steering.value(known.config, name, raw, samples=known.samples, regression=known.regression)
    return SetLearningRate(value) if name == "lr" else Set(name, value)


def changes(given: Mapping[str, str], known: Facts) -> tuple[Command, ...]:
    """The commands that give these settings, by name, their values. Raises OrderError with the option that is wrong."""
    found = []
    for name, raw in given.items():
        try:
            found.append(change(name, raw, known))
        except ValueError as wrong:
            raise OrderError(f"{option_of(name)} {raw}: {wrong}") from wrong
    return tuple(found)


def _set(words: Sequence[str], known: Facts) -> Command:
    if len(words) == 1:  # set lr=3e-4
        words = words[0].split("=", 1)
    if len(words) != 2:
        raise OrderError("a setting and its value are needed, as in set lr 3e-4")
    try:
        name = steering.setting(words[0])
    except ValueError as wrong:
        raise OrderError(str(wrong)) from wrong
    try:
        return change(name, words[1], known)
    except ValueError as wrong:
        raise OrderError(f"set {words[0]} {words[1]}: {wrong}") from wrong


def _scale(words: Sequence[str], known: Facts) -> Command:
    factor = math.nan
    if len(words) == 1:
        try:
            factor = float(words[0])
        except ValueError:
            factor = math.nan
    if not (math.isfinite(factor) and factor > 0):
        raise OrderError("a number above 0 is needed, as in scale 0.5")
    if known.lr:
        try:
            BY_NAME["lr"].parse(known.lr * factor)
        except ValueError as wrong:
            raise OrderError(
                f"scale {words[0]}: the rate would be {units.figure(known.lr * factor)}; it has to be {wrong}"
            ) from wrong
    return ScaleLearningRate(factor)
