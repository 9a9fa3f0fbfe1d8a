"""The one fold: events in, everything that a screen, a list or a report says of a run out. Knows no file and no screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, groupby, repeat
from operator import truediv

from tui_trainer import units
from tui_trainer.events import (
    CheckpointSaved,
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
    Probed,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    Stopping,
    ThreadsChanged,
    Timed,
)
from tui_trainer.runs import remarks, resumed
from tui_trainer.runs.moments import ClassLine, Confused, Mark, Note, Point, better, thinned
from tui_trainer.runs.plan import Planned
from tui_trainer.runs.reports import Reports
from tui_trainer.runs.told import Told
from tui_trainer.runs.verdict import Verdict, judge

__all__ = ["ClassLine", "Confused", "History", "Mark", "Note", "Point", "Verdict", "better"]

MOST_NOTES = 2000
MOST_BESTS = 4096


class History(Told):
    """One run so far. `apply` is the only place that turns events into state."""

    def extend(self, events: Iterable[Event | Reports]) -> None:
        """Reports that come in a row are taken in at once: a long run has a million of them."""
        for kind, group in groupby(events, type):
            if kind is Stepped:
                for reports in Reports.series([event for event in group if isinstance(event, Stepped)]):
                    self._stepped(reports)
            else:
                for event in group:
                    self.apply(event)

    def apply(self, event: Event | Reports) -> None:
        match event:
            case Reports():
                self._stepped(event)
            case Stepped():
                self._stepped(Reports.of([event]))
            case Evaluated():
                self._evaluated(event)
            case Preparing():
                self.preparing = event
                self.phase = self.phase if self.step else "preparing"
            case Hosted():
                self.hosted = event
                self.phase = self.phase if self.ended else "preparing"  # a run that ended may be refused to go on
            case RunStarted():
                self._started(event)
            case RunResumed():
                resumed.drop(self, event)
                self._mark(Mark(event.step, "resume", "resumed", event.seconds))
                self._note(remarks.resumed(event, self.hosted))
            case LearningRateChanged() | SettingChanged():
                self._changed(event)
            case Paused():
                self.phase = "paused"
                self._person(event, "pause", "pause", "paused")
            case Continued():
                self.phase = "training"
                self._person(event, "resume", "go on", "went on")
            case Stopping():
                self.phase, self.memory = "stopping", None
            case CheckpointSaved():
                self._saved(event)
            case OutOfMemory():
                self.memory, self.short = event if event.waiting else None, event
                self._warn(remarks.memory(event, self.epoch))
            case HandedOver():
                self.phase, self.memory = "handed over", None
                self._note(Note("info", "handed over", event.step, self.epoch, event.seconds, remarks.at(event.step)))
            case Probed(probe="parameters"):
                self.trail.keep(event)
            case Probed():
                self.probed[event.probe] = event
            case ThreadsChanged():
                self.threads = event.new
                self._note(remarks.threads(event, self.epoch, self.speed_unit))
            case Timed():
                self.timed = event
            case Noted():
                kind = "warning" if event.level == "warning" else "info"
                self._warn(Note(kind, event.text, event.step, self.epoch, self.seconds, remarks.at(event.step)))
            case RunEnded():
                self._ended(event)

    def _started(self, event: RunStarted) -> None:
        again = self.started is not None
        if again:
            self._forget()
        self.started, self.phase, self.threads = event, "preparing", event.threads
        self._planned = [Planned(0, 0.0, event.config, event.steps, event.steps_per_epoch)]
        if again:
            self._note(Note("info", "begun again: no checkpoint was left"))
        if event.streamed:
            self._note(Note("info", "the samples do not fit into memory: streamed from disk"))

    def _stepped(self, reports: Reports) -> None:
        """Some reports in a row."""
        self.loss.extend(reports.first, reports.losses)
        if not self.regression:
            self._guessed(reports)
        self.step, self.epoch, self.lr = reports.steps[-1], reports.epoch, reports.lr
        self.seconds = max(self.seconds, reports.seconds[-1])
        self._clock.extend(reports.steps, reports.seconds)
        if self._speeds:
            self._speed.extend(reports.seconds, reports.steps, reports.seen)
        self.preparing = self.memory = None
        if self.phase in {"", "preparing"}:
            self.phase = "training"

    def _guessed(self, reports: Reports) -> None:
        """The share that was guessed rightly: every step has that of its report."""
        if 0 not in reports.seen:
            shares = list(map(truediv, reports.correct, reports.seen))
            several = max(reports.counts) > 1 or len(shares) > len(reports.losses)
            self.accuracy.extend(
                reports.first, list(chain.from_iterable(map(repeat, shares, reports.counts))) if several else shares
            )
            return
        for step, count, correct, seen in zip(reports.steps, reports.counts, reports.correct, reports.seen, strict=True):
            if seen:
                self.accuracy.extend(step - count + 1, [correct / seen] * count)

    def _evaluated(self, event: Evaluated) -> None:
        self.preparing = None
        self.seconds = max(self.seconds, event.seconds)
        self._clock.add(event.step, event.seconds)
        self._speed.leave_out(event.took)
        if event.split == "test":
            self.test = event
            self._note(remarks.test(event))
        else:
            self._validated(event)

    def _validated(self, event: Evaluated) -> None:
        self.evaluation = event
        self._epochs.keep(event)
        best = event.best or self.best_of is None or better(event, self.best_of)
        if best:
            self._best(event)
        self.val_loss = self._with(self.val_loss, event, event.loss)
        self.val_accuracy = self._with(self.val_accuracy, event, event.accuracy)
        self.val_mae = self._with(self.val_mae, event, event.mae)
        self.val_r2 = self._with(self.val_r2, event, event.r2)
        self._note(remarks.validation(event, best=best))

    def _best(self, event: Evaluated) -> None:
        """The best so far, which will be a checkpoint, now or a little later."""
        self._bests.append(replace(event, confusion=()))
        if len(self._bests) > MOST_BESTS:
            del self._bests[: -MOST_BESTS // 2 : 2]
        resumed.crown(self)
        resumed.hold(self, event.step)

    def _with(self, points: list[Point], event: Evaluated, value: float | None) -> list[Point]:
        """The points with one more, where it has a value, thinned where they are too many."""
        if value is not None:
            points.append(Point(event.step, event.epoch, value, event.seconds))
        return thinned(points, self.best.step if self.best else 0)

    def _saved(self, event: CheckpointSaved) -> None:
        if event.best:
            self.saved_best = event
        else:
            self.saved = event
            self._held.pop(event.step, None)  # what was changed since that step was saved before is in it now
        resumed.hold(self, event.step)

    def _changed(self, event: LearningRateChanged | SettingChanged) -> None:
        """A person changed the rate or another setting."""
        self.changes.append(event)
        resumed.plan(self, event)
        if isinstance(event, LearningRateChanged):
            self.lr = event.new
            self._person(event, "rate", "rate", f"rate {units.lr(event.old)} → {units.lr(event.new)}")
        else:
            self.memory = None
            self._person(event, "rate", "rate", remarks.change(event))

    def _ended(self, event: RunEnded) -> None:
        self.ended, self.phase, self.preparing, self.memory = event, "ended", None, None
        self.step, self.epoch = max(self.step, event.step), max(self.epoch, event.epoch)
        self.seconds = max(self.seconds, event.seconds)
        if event.reason == "diverged":
            self._mark(Mark(event.step, "diverged", "not finite", event.seconds))
        kept = max((one.step for one in (self.saved, self.saved_best) if one is not None), default=0)
        for note in remarks.end(event, kept):
            self._note(note)

    def _person(self, event: LearningRateChanged | SettingChanged | Paused | Continued, mark: str, note: str, text: str) -> None:
        """Something that a person did: a mark on the charts and a line in the notes."""
        self._mark(Mark(event.step, mark, text, event.seconds))
        self._note(Note(note, text, event.step, self.epoch, event.seconds, remarks.at(event.step)))

    def _mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        del self.marks[:-MOST_NOTES]

    def _warn(self, note: Note) -> None:
        self.warnings += note.kind == "warning"
        self._note(note)

    def _note(self, note: Note) -> None:
        self.notes.append(note)
        del self.notes[:-MOST_NOTES]

    def verdict(self) -> Verdict | None:
        """How it goes, in one line with the number behind it."""
        return judge(self)
