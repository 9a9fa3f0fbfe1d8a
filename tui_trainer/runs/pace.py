"""How a run goes on from report to report, so that what follows from the ones before need not be written.

A `Stepped` that goes on where the one before it ended is an array, `[milliseconds since then, correct, loss, loss, …]`:
what it leaves out follows from the last whole one, from how the run started or was resumed, and from where its epochs
were seen to end. Whoever writes expands each line as a reader will, and writes it whole where that does not give it back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise, repeat
from operator import truediv

from tui_trainer.events import Hosted, LearningRateChanged, RunResumed, RunStarted, SettingChanged, Stepped
from tui_trainer.runs.numbers import Json, integers, real, reals, short
from tui_trainer.runs.reports import Reports
from tui_trainer.schedules import SCHEDULES, factor

WHOLE_EVERY = 128
"""Reports after which a `Stepped` is written whole again, so that who reads only the end of a log finds one soon."""
MOST_SHORT = 4096
"""Characters after which it is as well."""


class Pace:
    """What a short line leaves out, kept alike by who writes and who reads."""

    def __init__(self, *, whole: bool = False) -> None:
        """`whole`: nothing is shortened until the run is started or resumed; for who did not read what stands there."""
        self._whole_only = whole
        self._epochs = Epochs()
        self._rate = Rate()
        self._whole: Stepped | None = None
        self._last: Stepped | None = None
        self._reports = self._characters = 0
        """Written short since the last whole one."""

    def note(self, event: object) -> None:
        match event:
            case Stepped():
                if self._last and event.step - len(event.losses) == self._last.step and event.epoch == self._last.epoch + 1:
                    self._epochs.turned(self._last.step, event.epoch)
                self._epochs.saw(event)
                self._whole = self._last = event
                self._reports = self._characters = 0
            case LearningRateChanged():
                self._whole = None  # what follows from the rate before holds no more, however small the change
            case SettingChanged(name="batch_size"):
                self._epochs.resize(event)
                self._rate.spread(event)
                self._whole = None
            case RunStarted() | RunResumed():
                self._whole_only = False
                self._epochs, self._rate = Epochs(event), Rate(event)
                self.forget()
            case Hosted():  # by another process, which read nothing of all this
                self._whole_only = False
                self._epochs, self._rate = Epochs(), Rate()
                self.forget()

    def forget(self) -> None:
        """A line was lost: what follows cannot be told until a whole one comes."""
        self._whole = self._last = None

    def shorten(self, event: Stepped) -> str | None:
        """The short line for this event, where expanding it gives the event back."""
        if self._whole_only or not self._last or not self._whole or not event.losses:
            return None
        if self._reports >= WHOLE_EVERY - 1 or self._characters >= MOST_SHORT:
            return None
        gap = max(round(1000 * (event.seconds - self._last.seconds)), 0)
        time = short(gap, 2) if gap >= 10_000 else str(gap)
        (got,) = self._expand([[float(time), event.correct, *event.losses]])
        same = (got.step, got.epoch, got.seen) == (event.step, event.epoch, event.seen)
        if not same or abs(got.lr - event.lr) > 0.01 * abs(event.lr):
            return None
        self._last = got
        line = f"[{time},{event.correct},{','.join([short(loss, 5) for loss in event.losses])}]"
        self._reports += 1
        self._characters += len(line)
        return line

    def follow(self, rows: Sequence[list[Json]]) -> list[Stepped]:
        """The events that short lines in a row stand for; none where the one they go on from is not known. Raises TypeError,
        ValueError or LookupError where one of the lines is broken, and then knows no more than before."""
        if not rows or not self._last or not self._whole:
            self._last = None
            return []
        found = self._expand(rows)
        self._last = found[-1]
        return found

    def columns(self, rows: Sequence[list[Json]]) -> Reports | None:
        """The same as columns: several times faster."""
        if not rows or not self._last or not self._whole:
            self._last = None
            return None
        found = self._columns(rows)
        lr = next(iter(self._rates(found.steps[-1:], found.seconds[-1:])))
        (epoch,) = self._epochs.of(found.steps[-1:], self._last.epoch)
        found.epoch, found.lr = epoch, lr
        losses = tuple(found.losses[len(found.losses) - found.counts[-1] :])
        self._last = Stepped(found.steps[-1], epoch, losses, found.correct[-1], found.seen[-1], lr, found.seconds[-1])
        return found

    def _expand(self, rows: Sequence[list[Json]]) -> list[Stepped]:
        """All of them at once and column by column, because of these lines there are a million in a long run."""
        assert self._last
        found = self._columns(rows)
        ends = list(accumulate(found.counts, initial=0))
        losses = [tuple(found.losses[start:end]) for start, end in pairwise(ends)]
        epochs = self._epochs.of(found.steps, self._last.epoch)
        rates = self._rates(found.steps, found.seconds)
        return list(map(Stepped, found.steps, epochs, losses, found.correct, found.seen, rates, found.seconds))

    def _columns(self, rows: Sequence[list[Json]]) -> Reports:
        """Without the epoch and the rate of the last."""
        last = self._last
        assert last
        lengths, ahead = set(map(len, rows)), last.step + 1
        if lengths == {3}:  # a loss a report, as slow steps have: the most lines there are for a step
            gaps, correct, flat = map(list, zip(*rows, strict=True))
            counts, steps = [1] * len(rows), list(range(ahead, ahead + len(rows)))
        else:
            gaps, correct = [row[0] for row in rows], [row[1] for row in rows]
            counts = [len(row) - 2 for row in rows]
            flat = list(chain.from_iterable([row[2:] for row in rows]))
            steps = list(accumulate(counts, initial=last.step))[1:]
        if set(map(type, flat)) != {float}:
            flat = list(reals(flat))
        if set(map(type, gaps)) != {int}:
            gaps = [int(real(gap)) for gap in gaps]
        if set(map(type, correct)) != {int}:
            correct = list(integers(correct))
        gaps[0] += round(1000 * last.seconds)
        seconds = list(map(truediv, accumulate(gaps), repeat(1000)))
        seen = self._epochs.seen(steps, counts, last.seen // max(len(last.losses), 1))
        return Reports(steps, counts, flat, correct, seen, seconds)

    def _rates(self, steps: Sequence[int], seconds: Sequence[float]) -> Iterable[float]:
        """That of each of these."""
        whole = self._whole
        assert whole
        if self._rate.constant:
            return repeat(whole.lr, len(steps))
        return [whole.lr * self._rate.ratio(whole, *moment) for moment in zip(steps, seconds, strict=True)]


class Epochs:
    """Which epoch a step belongs to, and how many samples were in it, as far as the record tells."""

    def __init__(self, event: RunStarted | RunResumed | None = None) -> None:
        self._per_epoch = event.steps_per_epoch if event else 0
        size = event.config.get("batch_size") if event else None
        self._size = size if isinstance(size, int) else 0
        self._samples = event.train_size if isinstance(event, RunStarted) else 0
        """Of training; 0 where it is not known, as in the part of a record that follows a resumption."""
        self._start: int | None = 0
        self._epoch = 1
        """This epoch begins after this step; None where the beginning of no epoch is known."""
        self._short: int | None = self._missing()
        """How many samples the last batch of an epoch has less; None where it is not known yet."""
        if isinstance(event, RunResumed) and event.step:
            self._start, self._epoch = (event.epoch - 1) * self._per_epoch, event.epoch
            if not self._start <= event.step <= self._start + self._per_epoch:
                self._start = None

    def resize(self, event: SettingChanged) -> None:
        """Another batch size: where this epoch ends is not known."""
        self._size, self._per_epoch = int(event.new), event.steps_per_epoch
        self._start, self._short = None, self._missing()

    def turned(self, step: int, epoch: int) -> None:
        """After this step an epoch began."""
        self._start, self._epoch = step, epoch

    def saw(self, event: Stepped) -> None:
        """A whole report, which may say otherwise than was thought."""
        if self._start is None or self._per_epoch <= 0:
            return
        if self.of([event.step], 0) != [event.epoch]:
            self._start = None
        elif not self._samples and (event.step - self._start) % self._per_epoch == 0:
            self._short = max(len(event.losses) * self._size - event.seen, 0)

    def of(self, steps: Sequence[int], last: int) -> list[int]:
        """The epochs of these steps; `last` is that of the report before."""
        if self._start is None or self._per_epoch <= 0:
            return [last] * len(steps)
        begin, epoch, per_epoch = self._start + 1, self._epoch, self._per_epoch
        return [epoch + (step - begin) // per_epoch for step in steps]

    def seen(self, steps: Sequence[int], counts: Sequence[int], one: int) -> list[int]:
        """Samples in the last so many batches up to each of these steps; `one` is how many were in each of the report before.
        The last batch of an epoch may be smaller, or one sample left out."""
        if self._size <= 0 or self._per_epoch <= 0:
            return [one * count for count in counts]
        size, per_epoch, start, short = self._size, self._per_epoch, self._start, self._short
        single = counts[0] == 1 and steps[-1] - steps[0] == len(steps) - 1
        seen = [size] * len(counts) if single else [size * count for count in counts]
        if start is None or not short:
            return seen
        end = start + -(-(steps[0] - start) // per_epoch) * per_epoch
        while end <= steps[-1]:
            at = bisect_left(steps, end)
            if steps[at] == end:
                seen[at] -= short
            end += per_epoch
        return seen

    def _missing(self) -> int | None:
        return max(self._per_epoch * self._size - self._samples, 0) if self._samples and self._size else None


class Rate:
    """How far the schedule moved the rate since a whole line, by steps or by the clock as the budget is."""

    def __init__(self, event: RunStarted | RunResumed | None = None) -> None:
        config = event.config if event else {}
        self._schedule, seconds = str(config.get("schedule")), config.get("seconds")
        self._by_steps = event is not None and event.steps > 0
        self._budget = float(event.steps) if event and event.steps > 0 else seconds if isinstance(seconds, (int, float)) else 0.0
        self._from, self._done = 0.0, 0.0
        """Since when the plan is as it is, and which part of the schedule was behind then."""
        self.constant = self._schedule not in SCHEDULES or self._schedule == "constant" or not self._budget > 0

    def spread(self, event: SettingChanged) -> None:
        """Another number of planned steps: what is left of the schedule goes over what is left."""
        if self._by_steps and event.steps > 0:
            then = event.step - 1.0
            self._done, self._from, self._budget = self._part(then), then, float(event.steps)

    def ratio(self, whole: Stepped, step: int, seconds: float) -> float:
        then, now = (whole.step - 1.0, step - 1.0) if self._by_steps else (whole.seconds, seconds)
        before = factor(self._schedule, self._part(then))
        return factor(self._schedule, self._part(now)) / before if before else 1.0

    def _part(self, now: float) -> float:
        left = self._budget - self._from
        return self._done + (1 - self._done) * (now - self._from) / left if left > 0 else 1.0
