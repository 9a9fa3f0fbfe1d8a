"""`send`: an order to a run, whoever trains it and wherever; waits a little for what comes of it, and says that."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_trainer import session, units
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
from tui_trainer.console import orders, resumable
from tui_trainer.console.output import Output
from tui_trainer.console.progress import remark
from tui_trainer.console.summary import in_background, reach_lines
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    LearningRateChanged,
    Noted,
    Paused,
    RunEnded,
    SettingChanged,
    Stepped,
    Stopping,
)
from tui_trainer.runs import ends, log, remarks, store
from tui_trainer.runs.store import Run

PATIENCE = 5.0
"""Seconds to wait for an answer."""
LOOK = 0.03
"""Seconds between two looks."""
BEFORE = 64 << 10
"""Bytes of the record that are read before an order is sent: short lines in it go on from whole ones before them."""


def send(run: Run, words: Sequence[str], *, scale_rate: bool = False, wait: float = PATIENCE) -> int:
    """Send an order and say what came of it; the exit code. Raises OrderError for one that cannot be obeyed, and StoreError
    where nobody trains the run or its folder cannot be written."""
    command = orders.order(words, orders.facts(run), scale_rate=scale_rate)
    summary = store.summary(run)
    if not summary.alive:
        raise store.StoreError(resumable.refused(summary))
    out = Output()
    if isinstance(command, HandOver):
        return _detach(run, out, max(wait, PATIENCE))
    heard = Answers(run, command)
    try:
        log.append(run.commands, command)
    except OSError as error:
        raise store.StoreError(f"run {run.id} cannot be asked anything: {_why(error, summary)}") from error
    if not wait:
        out.line(f"noted for run {run.id}")
        return 0
    text, code = heard.within(_patience(command, summary.status, wait))
    out.line(text or _unanswered(run, command, summary.status))
    return code


def _detach(run: Run, out: Output, wait: float) -> int:
    if problem := session.Session(run).hand_over(wait):
        out.line(f"! {units.plain(problem)}")
        return 1
    out.lines([in_background(store.summary(run).pid), *reach_lines(run)])
    return 0


def _patience(command: Command, status: str, wait: float) -> float:
    """A run that is as it is wished to be answers nothing."""
    already = (isinstance(command, Pause) and status == "paused") or (isinstance(command, Continue) and status == "running")
    return min(wait, 1.0) if already else wait


def _unanswered(run: Run, command: Command, status: str) -> str:
    match command:
        case Pause() if status == "paused":
            return f"run {run.id} is paused already"
        case Continue() if status == "running":
            return f"run {run.id} is not paused"
        case FinishEpoch():
            return f"noted: run {run.id} pauses at the end of this epoch"
        case Evaluate():
            return f"noted: run {run.id} may be busy, or has tried these weights already"
        case FitBatch():
            return f"noted: run {run.id} may be busy, or goes on with what fits anyway"
    return f"noted: run {run.id} has not answered yet; it may be busy, and obeys after that"


@dataclass
class Answers:
    """What a run says after it was asked something. Made before it is asked, so that nothing is missed."""

    run: Run
    command: Command
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._tail = log.Tail(self.run.events, position=max(ends.size(self.run.events) - BEFORE, 0))
        for _ in self._tail.portions():
            pass

    def within(self, seconds: float) -> tuple[str, int]:
        """The answer and the exit code; no text where none came in time."""
        end = self.clock() + seconds
        while True:
            for event in self._tail():
                if (text := answer(self.command, event)) is not None:
                    return text, 0
                if isinstance(event, Noted) and event.level == "warning" and _refusable(self.command):
                    return f"! {units.plain(event.text)}", 1
                if isinstance(event, RunEnded):
                    return f"the run ended before it heard this: {event.reason} at step {units.count(event.step)}", 1
            if self.clock() >= end:
                return "", 0
            self.sleep(LOOK)


def _refusable(command: Command) -> bool:
    """Whether the run may refuse it, with a warning."""
    return isinstance(command, Set | SetLearningRate | ScaleLearningRate | FitBatch)


def answer(command: Command, event: Event) -> str | None:
    """What this event says of the command, if it answers it."""
    match command, event:
        case (SetLearningRate() | ScaleLearningRate(), LearningRateChanged(step=step, old=old, new=new)):
            return f"rate {units.lr(old)} → {units.lr(new)} from step {units.count(step)} on"
        case (Set(name=name), SettingChanged(name=changed)) if name == changed:
            return from_then_on(event)
        case (FitBatch(), SettingChanged(name="batch_size")):
            return from_then_on(event)
        case (FitBatch(), Noted(level="info", text=text)) if "largest batch" in text:
            return f"· {units.plain(text)}"
        case (Pause() | FinishEpoch() | Step(), Paused()) | (Continue(), Continued()):
            return remark(event)
        case (Step(), Stepped(step=step, losses=(loss,))):
            return f"step {units.count(step)}, loss {units.loss(loss)}"
        case (Evaluate(), Evaluated(split="val", step=step, loss=loss)):
            figures = remarks.figures(event)
            said = figures if event.accuracy is None else f"{figures}, loss {units.loss(loss)}"
            return f"val {said} at step {units.count(step)}"
        case (Save(), CheckpointSaved(best=False, step=step, bytes=size)):
            return f"last.pt is that of step {units.count(step)}{f', {units.size(size)}' if size else ''}"
        case (Stop(), Stopping(step=step)):
            return f"stopping at step {units.count(step)}: it evaluates, saves and ends"
        case (Stop() | Abandon(), RunEnded(step=step, reason=reason)):
            return f"{reason} at step {units.count(step)}"
        case (Stop() | Abandon(), Noted(level="info", text=text)) if text.startswith("it was asked to end"):
            return units.plain(text)
    return None


def from_then_on(event: SettingChanged) -> str:
    """`batch 32 → 64 from step 1 409 on`"""
    return remark(event).replace(" at step ", " from step ") + " on"


def _why(error: OSError, summary: store.Summary) -> str:
    """What the system says; of a run on this machine also what stops it where nothing can be written."""
    words = (error.strerror or str(error)).lower()
    near = summary.pid and summary.host in {"", socket.gethostname()}
    return f"{words}; this stops it all the same: kill -TERM {summary.pid}" if near else words
