"""A run as it stands beside others, read from its record, and on from there while it goes on."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import accumulate

from tui_trainer import config
from tui_trainer.config import Config, ConfigError
from tui_trainer.events import Evaluated, Event, RunResumed, RunStarted
from tui_trainer.runs import figures, log, store
from tui_trainer.runs.history import History, Point, better
from tui_trainer.runs.reports import Reports
from tui_trainer.runs.series import Bucket
from tui_trainer.runs.side import CURVES, LEVELS, Crowned, Machine, Side, Spot
from tui_trainer.runs.speed import Clock
from tui_trainer.runs.store import Run

AT_ONCE = 1 << 16
"""Bytes of a record read at once: what comes of them stays near the processor, which is a quarter faster than large pieces."""
MOST_BESTS = 256


class Reader:
    """Folds the record of one run, and whatever comes to it later."""

    def __init__(self, run: Run, letter: str = "A") -> None:
        """Raises StoreError where its settings cannot be used."""
        self.run, self.letter = run, letter
        self._given = run.config()
        self._tail, self.history = log.Tail(run.events), History(asdict(self._given), speeds=False)
        self._side: Side | None = None
        self._begin()

    def _begin(self) -> None:
        self._samples, self._seen = Clock(), 0.0
        self._bests: dict[int, Evaluated] = {}
        self._known: dict[int, tuple[Evaluated, Evaluated, dict[str, float]]] = {}
        self._took: dict[tuple[int, str], float] = {}
        self._resumed = 0

    def catch_up(self) -> bool:
        """Take in all that was written since; whether that was anything."""
        moved = False
        while self.read_on(AT_ONCE):
            moved = True
        return moved

    def read_on(self, most: int) -> bool:
        """Take in about so many bytes of what was written since; whether there was anything, but for a torn last line."""
        before = self._tail.behind()
        if events := self._tail.columns(most) if before else []:
            self._side = None
            self.history.extend(events)
            self._count(events)
        return 0 < before != self._tail.behind()

    @property
    def behind(self) -> int:
        """Bytes written and not read yet."""
        return self._tail.behind()

    def _count(self, events: Iterable[Event | Reports]) -> None:
        """What the history does not keep: samples seen by step, and the classes of whatever was best."""
        for event in events:
            if isinstance(event, Reports):
                totals = list(accumulate(event.seen, initial=self._seen))
                self._seen = totals.pop()
                self._samples.extend(event.steps, [*totals[1:], self._seen])
            else:
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
        """The run so far; made anew only where something was read since."""
        if self._side is None:
            self._side = self._made()
        elif self.history.ended is None and (status := store.summary(self.run).status) != self._side.status:
            self._side = replace(self._side, status=status)
        return self._side

    def _made(self) -> Side:
        history, summary = self.history, store.summary(self.run)
        best, training = history.best_of, max(history.seconds - sum(self._took.values()), 0.0)
        bests = self._crowned()
        newest = bests[-1] if best and bests and bests[-1].evaluated.step == best.step else None
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
            bests=bests,
            best=best,
            last=history.evaluation,
            test=history.test,
            found=newest.found if newest else {},
            tried=sum(map(sum, matrix)) or (history.started.val_size if history.started else 0),
            gap=newest.gap if newest else None,
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

    def _crowned(self) -> tuple[Crowned, ...]:
        """The bests, each looked at once; but for their gaps, because what was learned since may join the buckets."""
        known = {step: one for step, one in self._known.items() if self._bests.get(step) is one[0]}
        for step, event in self._bests.items():
            if step not in known:
                shares = figures.per_class(event.confusion)
                found = {self.history.name_of(at): one.found for at, one in enumerate(shares) if one.support}
                known[step] = event, replace(event, confusion=()), found
        self._known = known
        buckets = self.history.accuracy.buckets()
        ends = [bucket.end for bucket in buckets]
        return tuple(Crowned(one, found, _gap(one, buckets, ends)) for _, one, found in map(known.__getitem__, self._bests))

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


def _gap(one: Evaluated, buckets: Sequence[Bucket], ends: Sequence[int]) -> float | None:
    at = bisect_left(ends, one.step)
    return None if one.accuracy is None or at == len(ends) else buckets[at].mean - one.accuracy


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
