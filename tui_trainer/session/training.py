"""Training a run here and now, from its beginning or from where it was left, with all that stands around the trainer."""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tui_trainer import __version__, paths
from tui_trainer.checkpoints import BEST
from tui_trainer.commands import COMMANDS, Command, HandOver
from tui_trainer.events import Event, HandedOver, Hosted, Noted, Preparing, RunEnded, RunResumed, RunStarted
from tui_trainer.runs import log
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import asides
from tui_trainer.session.making import changes
from tui_trainer.session.past import Past, is_held, was_let_go
from tui_trainer.session.recorder import Recorder, Sink, unwritable
from tui_trainer.session.resuming import Resume, Resumption, best_instead, settled
from tui_trainer.session.words import FOR_PEOPLE, sentence

Asking = Callable[[], list[Command]]
"""What is asked of a run since the last look."""
Looking = Callable[[Asking, Callable[[str], None]], Asking]
"""What stands around that; it can say something to the record."""
HEIR = 5.0
"""Seconds in which somebody has to take a run that was let go of, before it goes on here."""


def train(
    run: Run,
    *sinks: Sink,
    resume: Resume | None = None,
    holds: bool = False,
    in_trouble: Callable[[str], None] = lambda why: None,
    aside: Callable[[], list[Command]] = list,
    looking: Looking = lambda asked, warn: asked,
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Train this run here and now, in whichever thread or process this is; with `resume`, from where it was left.

    Whatever raises in it becomes its `RunEnded`; a run that was handed over has none. One that `holds` waits for somebody's
    answer where memory is short; `in_trouble` is told why the record cannot be written, and nothing when it can again; `aside`
    gives what this process asks of it where the file of its commands cannot be written; `looking` stands around each of its looks
    for commands, and `clock` is what its seconds are counted by. Raises
    StoreError where it cannot be written for good, where another trains the run, and where it cannot be resumed: then the record
    is what it was, with a note of it.
    """
    past = Past.of(run)
    with _writer(run, past) as write:
        past = Past.of(run)  # whoever had the lock may have said more
        if write.locked:
            _clear_up(run)
        plan = settled(run, resume, past) if resume is not None else None
        asked = Asked(run, past, resume, aside)
        record = Recorder(write, sinks, in_trouble=in_trouble)
        opening = Opening(record, plan, past)
        try:
            record(Hosted(os.getpid(), socket.gethostname(), __version__, time.time(), write.locked))
            if plan is not None:
                record.history = _so_far(run)
            with asides.hearing(record.warn):
                _train(run, opening, looking(record.heeding(asked), record.warn), plan, holds, clock)
        except BaseException as error:
            refused = opening.refused(error, run, past)
            if record.broken is None and not opening.ended and not refused:
                with suppress(OSError):  # remembered as `broken`
                    record(record.failed(error, run.preset_file))
            if isinstance(error, KeyboardInterrupt):
                raise
            if refused and record.broken is None:
                raise StoreError(refused) from error
        record.settle()
        if record.broken is not None:
            raise StoreError(unwritable(run, record.broken)) from record.broken


def see_through(
    run: Run,
    *sinks: Sink,
    resume: Resume | None = None,
    holds: bool = False,
    in_trouble: Callable[[str], None] = lambda why: None,
    nobody: Callable[[], bool] = lambda: False,
    aside: Callable[[], list[Command]] = list,
) -> None:
    """The same, and a run that was let go of here goes on here where no other process takes it: at once where there is `nobody`
    to do so, else after some seconds."""
    begun = let_go = False

    def hear(event: Event) -> None:
        nonlocal begun, let_go
        begun = begun or isinstance(event, RunStarted | RunResumed)
        let_go = isinstance(event, HandedOver)

    train(run, *sinks, hear, resume=resume, holds=holds, in_trouble=in_trouble, aside=aside)
    while let_go and not _taken(run, nobody):
        again = Resume(unended=True) if begun or resume is None else replace(resume, unended=True)
        try:
            train(run, *sinks, hear, resume=again, holds=holds, in_trouble=in_trouble, aside=aside)
        except StoreError:
            if not is_held(run):  # somebody was faster after all
                raise


def _taken(run: Run, nobody: Callable[[], bool]) -> bool:
    """Whether somebody took the run that was let go of."""
    end = time.monotonic() + HEIR
    while not is_held(run) and was_let_go(run):
        if nobody() or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _writer(run: Run, past: Past) -> log.Writer:
    try:
        write = log.Writer(run.events)
    except OSError as error:
        raise StoreError(unwritable(run, error)) from error
    except log.RunLocked as error:
        raise StoreError(str(error)) from error
    if not write.locked and past.hosted is not None and past.hosted.pid != os.getpid() and is_held(run):
        write.close()
        raise StoreError(f"run {run.id} is being trained by process {past.hosted.pid} on {past.hosted.host}, as far as can be told")
    return write


def _clear_up(run: Run) -> None:
    """What a process that was killed in the middle of saving left half written."""
    for unfinished in run.checkpoints.glob("*.part"):
        with suppress(OSError):
            unfinished.unlink()


def _so_far(run: Run) -> History:
    """What the record says up to now, folded."""
    history = History()
    for events in log.Tail(run.events).portions():
        history.extend(events)
    return history


def _train(
    run: Run, emit: Opening, asked: Asking, plan: Resumption | None, holds: bool, clock: Callable[[], float] = time.perf_counter
) -> None:
    config = run.config()
    if "torch" not in sys.modules:
        emit(Preparing("loading torch"))
    from tui_trainer.engine import trainer  # over a second of torch: paid only by whoever trains

    trainer.train(
        config,
        preset_file=run.preset_file,
        checkpoints=run.checkpoints,
        emit=emit,
        commands=asked,
        datasets_home=paths.datasets(),
        resume=plan.checkpoint if plan else "",
        budget=plan.budget if plan else None,
        steering=changes(run),
        holds=holds,
        clock=clock,
    )


class Asked:
    """What is asked of a run, from the right line on: all of it in a new run, what was asked since it was let go of in one that
    was handed over, and only what is asked from now on in one that goes on later."""

    def __init__(self, run: Run, past: Past, resume: Resume | None, aside: Callable[[], list[Command]] = list) -> None:
        self._tail, self._aside = log.Tail(run.commands, COMMANDS), aside
        self._first = list(resume.asked) if resume else []
        if resume is None:
            return
        before = [command for some in self._tail.portions() for command in some]
        if past.handed_over and past.started is None:  # let go of before it began: nothing of it was done yet
            self._first += [command for command in before if not isinstance(command, HandOver)]
        elif past.handed_over:
            last = max((at for at, command in enumerate(before) if isinstance(command, HandOver)), default=len(before) - 1)
            self._first += before[last + 1 :]

    def __call__(self) -> list[Command]:
        heard, self._first = [*self._first, *self._tail(), *self._aside()], []
        return heard


class Opening:
    """Passes on what a run says. Until it goes on, nothing is passed on that would undo what it was before."""

    def __init__(self, record: Recorder, plan: Resumption | None, past: Past) -> None:
        self._record, self._plan = record, plan
        self._waits = plan is not None and bool(plan.checkpoint)
        self._over = past.ended is not None
        self.ended = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunEnded):
            self.ended = True
            if self._waits and self._over:
                self._record(Noted("info", "it was asked to end before it went on: it stays as it was", self._record.history.step))
                return
        self._record(event)
        if isinstance(event, RunStarted | RunResumed):
            self._waits = False
            for text in self._plan.says if self._plan else ():
                self._record(Noted("info", text, event.step if isinstance(event, RunResumed) else 0))

    def refused(self, error: BaseException, run: Run, past: Past) -> str:
        """Why a run did not go on, in a sentence that its record keeps; empty where it had gone on already. A run that cannot
        go on is not a run that failed."""
        if not self._waits or self._plan is None or self.ended or self._record.broken is not None:
            return ""
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else sentence(error, run.preset_file)
        if type(error).__name__ == "CheckpointError":
            why += _best_if_readable(run, self._plan.checkpoint, past)
        with suppress(OSError):
            self._record.warn(f"the run did not go on: {why}")
            if not isinstance(error, (*FOR_PEOPLE, KeyboardInterrupt)):
                with run.console.open("a", encoding="utf-8") as file:
                    file.write("".join(traceback.format_exception(error)))
        return f"run {run.id} does not go on: {why}"


def _best_if_readable(run: Run, checkpoint: str, past: Past) -> str:
    """The offer of `best.pt`, once it was read."""
    from tui_trainer.engine import state
    from tui_trainer.engine.errors import TrainingError

    try:
        state.read(run.checkpoints / BEST)
    except TrainingError:
        return ""
    return best_instead(run, checkpoint, past)
