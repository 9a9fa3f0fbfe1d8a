"""A run as it stands beside others, read from its record, and on from there while it goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import accumulate, groupby

from tui_trainer import config
from tui_trainer.config import Config, ConfigError
from tui_trainer.events import Evaluated, Event, RunResumed, RunStarted, Stepped
from tui_trainer.runs import figures, log, store
from tui_trainer.runs.history import History, Point, better
from tui_trainer.runs.side import CURVES, LEVELS, Machine, Side, Spot
from tui_trainer.runs.speed import Clock
from tui_trainer.runs.store import Run

AT_ONCE = 1 << 22
"""Bytes of a record read at once: a sixth faster than in the pieces of a screen, which has to draw in between."""
MOST_BESTS = 256
TURNS = frozenset({Evaluated, RunResumed, RunStarted})
"""Events that count beside the reports."""


class Reader:
    """Folds the record of one run, and whatever comes to it later."""

    def __init__(self, run: Run, letter: str = "A") -> None:
        """Raises StoreError where its settings cannot be used."""
        self.run, self.letter = run, letter
        self._given = run.config()
        self._tail, self.history = log.Tail(run.events), History(asdict(self._given))
        self._begin()

    def _begin(self) -> None:
        self._samples, self._seen = Clock(), 0.0
        self._bests: dict[int, Evaluated] = {}
        self._took: dict[tuple[int, str], float] = {}
        self._resumed = 0

    def catch_up(self) -> bool:
        """Take in all that was written since; whether that was anything."""
        left, moved = -1, False
        while (behind := self._tail.behind()) != left:  # a torn last line is left where it is
            left = behind
            if events := self._tail(AT_ONCE):
                moved = True
                self.history.extend(events)
                self._count(events)
        return moved

    def _count(self, events: Iterable[Event]) -> None:
        """What the history does not keep: samples seen by step, and the classes of whatever was best."""
        for kind, group in groupby(events, type):
            if kind is Stepped:
                reports = [event for event in group if isinstance(event, Stepped)]
                totals = list(accumulate([one.seen for one in reports], initial=self._seen))[1:]
                self._samples.extend([one.step for one in reports], totals)
                self._seen = totals[-1]
            elif kind in TURNS:
                for event in group:
                    self._turn(event)

    def _turn(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._begin()
        elif isinstance(event, RunResumed):
            self._seen = self._samples.at(event.step)
            self._samples.truncate(event.step, self._seen)
            self._took = {key: took for key, took in self._took.items() if key[0] <= event.step and key[1] == "val"}
            self._bests = {step: one for step, one in self._bests.items() if step <= event.step}
            self._resumed += 1
        elif isinstance(event, Evaluated):
            self._took[event.step, event.split] = event.took
            if event.split == "val":
                self._crown(event)

    def _crown(self, event: Evaluated) -> None:
        """Keep every validation that was the best when it came: a resumption may go back to any of them."""
        newest = next(reversed(self._bests.values()), None)
        if newest is None or event.best or better(event, newest):
            self._bests.pop(event.step, None)
            self._bests[event.step] = event
        if len(self._bests) > MOST_BESTS:
            del self._bests[next(iter(self._bests))]

    def side(self) -> Side:
        """The run so far."""
        history, summary = self.history, store.summary(self.run)
        best, training = history.best_of, max(history.seconds - sum(self._took.values()), 0.0)
        matrix = self._bests[best.step].confusion if best and best.step in self._bests else ()
        samples = round(self._seen)
        return Side(
            letter=self.letter,
            run=self.run,
            status=summary.status,
            config=_by_now(history.config, self._given),
            preset_text=_text(self.run),
            task=history.started.task if history.started else "",
            curves=dict(zip(CURVES, map(tuple, self._curves()), strict=True)),
            best=best,
            last=history.evaluation,
            test=history.test,
            found={history.name_of(at): one.found for at, one in enumerate(figures.per_class(matrix)) if one.support},
            tried=sum(map(sum, matrix)) or (history.started.val_size if history.started else 0),
            gap=_gap(history, best),
            reached=_reached(history.val_accuracy),
            parameters=history.started.parameters if history.started else 0,
            steps=history.step,
            epochs=history.epoch_at(history.step),
            seconds=history.seconds,
            samples=samples,
            speed=samples / training if samples and training else None,
            machine=_machine(history),
            train_size=history.started.train_size if history.started else 0,
            changes=tuple(history.changes),
            resumed=self._resumed,
        )

    def _curves(self) -> Iterator[list[Spot]]:
        history = self.history
        for points in (history.val_loss, history.val_accuracy, history.val_mae):
            yield [self._spot(p.step, p.value, p.seconds) for p in points if math.isfinite(p.value)]
        buckets = history.loss.buckets()
        yield [self._spot(b.end, b.mean, history.seconds_at(b.end)) for b in buckets if math.isfinite(b.mean)]

    def _spot(self, step: int, value: float, seconds: float) -> Spot:
        return Spot(step, self.history.epoch_at(step), seconds, self._samples.at(step), value)


def _by_now(settings: Mapping[str, object], given: Config) -> Config:
    """The settings that the record tells of, laid over those that the run was given."""
    known = {name: value for name, value in settings.items() if name in config.BY_NAME or name in config.OWN}
    try:
        return given.but(**known)
    except ConfigError:  # of a version that knew other values
        return given


def _text(run: Run) -> str:
    try:
        return run.preset_file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _gap(history: History, best: Evaluated | None) -> float | None:
    if best is None or best.accuracy is None or (train := history.accuracy.mean_at(best.step)) is None:
        return None
    return train - best.accuracy


def _reached(accuracies: Sequence[Point]) -> dict[int, float]:
    found: dict[int, float] = {}
    for point in accuracies:
        for level in LEVELS[len(found) :]:
            if point.value < level / 100 - 1e-9:
                break
            found[level] = point.seconds
    return found


def _machine(history: History) -> Machine:
    started, hosted = history.started, history.hosted
    if started is None:
        return Machine(hosted.host if hosted else "")
    host = (hosted.host if hosted else "") or started.host
    return Machine(host, started.device, started.device_name, history.threads, started.precision, started.torch)
