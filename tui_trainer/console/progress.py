"""What `train` says while it trains: a live line on a terminal, and a line for every epoch and whatever else matters."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui_trainer import units
from tui_trainer.config import BY_NAME
from tui_trainer.console.output import Output
from tui_trainer.console.preparing import REDRAW, bar
from tui_trainer.console.preparing import Preparing as Preparations
from tui_trainer.console.summary import sparkline
from tui_trainer.events import (
    Continued,
    Evaluated,
    Event,
    HandedOver,
    Hosted,
    LearningRateChanged,
    Noted,
    OutOfMemory,
    Paused,
    Preparing,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    Stopping,
    ThreadsChanged,
)
from tui_trainer.runs import remarks
from tui_trainer.runs.history import History


class Progress:
    """A sink that says each event the moment it comes; `history` must have heard it first."""

    def __init__(self, out: Output, history: History, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._history, self._clock = out, history, clock
        self._preparing = Preparations(out, clock=clock)
        self._drawn = float("-inf")
        self._sum = self._count = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case Preparing(what=what, done=done, total=total):
                self._preparing(what, done, total)
            case RunStarted():
                self._out.lines(started_lines(event))
            case RunResumed():
                self._out.line(remark(event))
                self._sum = self._count = 0.0
            case Stepped(losses=losses):
                self._sum, self._count = self._sum + sum(losses), self._count + len(losses)
                self._redraw()
            case Evaluated(split="val"):
                self._out.line(self._epoch(event))
                self._sum = self._count = 0.0
            case Stopping():
                self._out.live("◌ stopping: finishing the batch")
            case RunEnded():
                self._out.end_live()
            case _:
                if text := remark(event):
                    self._out.line(text)

    def _redraw(self) -> None:
        now = self._clock()
        if now - self._drawn >= REDRAW:
            self._drawn = now
            self._out.live(live_line(self._history, self._out.width()))

    def _epoch(self, event: Evaluated) -> str:
        """`epoch  3/10   loss 0.738   val 0.862  71.8 % ★   1.4 s   4 812 img/s`, with the errors in place of the share"""
        total = self._history.epochs_planned
        mean = self._sum / self._count if self._count else None
        words = [
            f"epoch {event.epoch:>{len(str(total))}}/{total}" if total else f"epoch {event.epoch:>3}",
            f"loss {units.loss(mean):>5}",
            f"val {units.loss(event.loss):>5}  {_measure(event)} {'★' if event.best else ' '}",
            f"{units.duration(event.epoch_took) if event.epoch_took else units.duration(event.seconds):>6}",
        ]
        if speed := self._history.samples_per_second:
            words.append(f"{units.speed(speed)} {self._history.speed_unit}")
        return "   ".join(words)


def _measure(event: Evaluated) -> str:
    """` 71.8 %`, or ` MAE 0.071  R² 0.984` in columns of their own."""
    if event.accuracy is not None:
        return f"{units.percent(event.accuracy):>7}"
    return "  ".join(f"{word:>9}" for word in remarks.errors(event.mae, event.r2))


def live_line(history: History, width: int) -> str:
    """One line of where the run stands, the most wanted first; a narrow terminal gets fewer words, not half ones."""
    total = history.epochs_planned
    words = [
        "‖ paused" if history.paused else f"● epoch {history.epoch}{f'/{total}' if total else ''}",
        f"{bar(history.progress)} {100 * history.progress:3.0f} %",
        f"loss {units.loss(history.loss.last):>5} {sparkline(list(history.loss.recent), 10)}",
    ]
    if (seen := history.evaluation) is not None:
        words.append(f"val {units.loss(seen.loss) if history.regression else remarks.score(seen.accuracy, None)}")
    if history.seconds_left is not None:
        words.append(f"{units.duration(history.seconds_left)} left")
    words += [f"{units.speed(history.samples_per_second)} {history.speed_unit}", f"rate {units.lr(history.lr)}"]
    while len(words) > 1 and len("  ".join(words)) >= width:
        words.pop()
    return "  ".join(words)


def started_lines(event: RunStarted) -> list[str]:
    """What is about to be trained, on what, with what."""
    sizes = f"{units.count(event.train_size)} train, {units.count(event.val_size)} validation, {units.count(event.test_size)} test"
    steps = f" · {units.count(event.steps_per_epoch)} step{'s' * (event.steps_per_epoch != 1)} an epoch"
    streamed = " · streamed from disk" if event.streamed else ""
    return [f"{units.count(event.parameters)} parameters · {_device(event)}", f"{sizes}{steps}{streamed}"]


def _device(event: RunStarted | RunResumed) -> str:
    """`cpu · 2 threads · fp32`"""
    threads = f" · {event.threads} thread{'s' * (event.threads != 1)}" if event.device == "cpu" else ""
    name = f" ({units.plain(event.device_name)})" if event.device != "cpu" and event.device_name else ""
    return f"{units.plain(event.device)}{name}{threads} · {event.precision}"


def remark(event: Event) -> str:
    """What an event other than the run's own progress has to say, if anything."""
    match event:
        case LearningRateChanged(step=step, old=old, new=new):
            return f"rate {units.lr(old)} → {units.lr(new)} at step {units.count(step)}"
        case SettingChanged(step=step, name=name, old=old, new=new):
            label = BY_NAME[name].label if name in BY_NAME else name
            return f"{label} {_value(name, old)} → {_value(name, new)} at step {units.count(step)}"
        case RunResumed(step=step, epoch=epoch):
            on = f", on {_device(event)}" if event.device else ""
            paused = "; still paused" if event.paused else ""
            return f"▸ resumed after step {units.count(step)}, epoch {epoch}, from {units.plain(event.checkpoint)}{on}{paused}"
        case OutOfMemory():
            return f"! {_short(event)}"
        case HandedOver(step=step):
            return f"handed over after step {units.count(step)}"
        case Hosted(locked=False):
            return "! this file system has no locks: whether another process trains this run as well cannot be known"
        case ThreadsChanged(step=step, old=old, new=new):
            return f"threads {old} → {new} at step {units.count(step)}"
        case Paused(step=step):
            return f"‖ paused at step {units.count(step)}"
        case Continued(step=step):
            return f"▸ going on at step {units.count(step)}"
        case Noted(level=level, text=text):
            return f"{'!' if level == 'warning' else '·'} {units.plain(text)}"
        case _:
            return ""


def _value(name: str, value: float) -> str:
    if name == "batch_size":
        return units.count(int(value))
    return units.lr(value) if name in {"lr", "weight_decay"} else f"{value:g}"


def _short(event: OutOfMemory) -> str:
    """`not enough memory for a batch of 512 after step 40 (2.1 GB asked for, 1.2 GB free): 128 fit`"""
    sizes = [f"{units.size(size)} {word}" for size, word in ((event.asked, "asked for"), (event.free, "free")) if size]
    known = f" ({', '.join(sizes)})" if sizes else ""
    batch = f"a batch of {units.count(event.batch_size)} after step {units.count(event.step)}"
    fits = f"{units.count(event.fits)} fit" if event.fits else "nor for any smaller one"
    waiting = "; the run waits for an answer" if event.waiting else ""
    return f"not enough memory for {batch}{known}: {fits}{waiting}"
