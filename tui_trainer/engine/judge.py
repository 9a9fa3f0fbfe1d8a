"""How good the net is by now: validations, the best of them, a look at what it does, and the test at the end."""

from __future__ import annotations

import math
from collections.abc import Callable

from tui_trainer.engine import probes
from tui_trainer.engine.data import Split
from tui_trainer.engine.evaluate import Evaluation, evaluate
from tui_trainer.engine.prepare import Ready
from tui_trainer.engine.reports import Clock, RunClock
from tui_trainer.engine.saves import Best
from tui_trainer.events import Evaluated, Event, RunEnded
from tui_trainer.thinning import Thin

MISTAKES_EVERY = 2.0
DRAWN_EVERY = 0.5
"""Seconds between two looks at a plane or a curve, at first."""
SHARE = 1 / 200
"""Of the time that has gone by: looks become rarer by this, so that a long run does not fill its record with them."""


class Judge:
    """Evaluates, says what came out, and remembers what the end of the run will need."""

    def __init__(self, ready: Ready, emit: Callable[[Event], None], clock: Clock, time: RunClock) -> None:
        self._ready, self._emit, self._clock, self._time = ready, emit, clock, time
        self._unshown: Evaluation | None = None
        self._looked_at = -math.inf
        self._drawn = probes.plane_or_curve(ready.data)
        self._has_pictures = probes.has_pictures(ready.data)
        self.best = Best()
        self.curve = Thin()
        self.last: Evaluated | None = None
        self.test: Evaluated | None = None

    def use(self, ready: Ready) -> None:
        """The same run with another loss."""
        self._ready = ready

    def validate(self, step: int, epoch: int, epoch_took: float, between: Callable[[], None]) -> Evaluated:
        """Tries the validation split. A look at what the net does follows, unless one was just taken."""
        self._unshown, self.last = self._evaluate("val", self._ready.data.val, step, epoch, epoch_took, between)
        if self.last.best:
            self.best.take(self.last)
        self.curve.add(self.last.loss)
        self._emit(self.last)
        if self._clock() - self._looked_at >= self._pause():
            self.look()
        return self.last

    def try_test(self, step: int, epoch: int, between: Callable[[], None]) -> None:
        """Tries the test split: once, at the end."""
        _, self.test = self._evaluate("test", self._ready.data.test, step, epoch, 0.0, between)
        self._emit(self.test)

    def look(self) -> None:
        """The look that goes with the last validation, if it was not taken yet."""
        if self._unshown is None or self.last is None:
            return
        found, self._unshown = self._unshown, None
        self._looked_at = self._clock()
        ready, step, epoch = self._ready, self.last.step, self.last.epoch
        if self._has_pictures:
            self._emit(probes.mistakes(found, ready.data.val, step, epoch))
        elif self._drawn is not None:
            self._emit(self._drawn(ready.built.net, ready.cast, step, epoch))

    def _pause(self) -> float:
        return max(MISTAKES_EVERY if self._has_pictures else DRAWN_EVERY, SHARE * self._time.seconds())

    def _evaluate(
        self, name: str, split: Split, step: int, epoch: int, epoch_took: float, between: Callable[[], None]
    ) -> tuple[Evaluation, Evaluated]:
        ready, began = self._ready, self._clock()
        found = evaluate(ready.built.net, ready.data, split, ready.loss, cast=ready.cast, between=between)
        took = self._clock() - began
        best = name == "val" and self.best.beaten_by(found.accuracy, found.loss)
        seconds = self._time.seconds()
        return found, Evaluated(
            step,
            epoch,
            name,
            found.loss,
            found.accuracy,
            found.confusion,
            seconds,
            took,
            best=best,
            epoch_took=epoch_took,
            mae=found.mae,
            r2=found.r2,
        )

    def ended(self, step: int, epoch: int, reason: str, error: str, samples: int) -> RunEnded:
        """The sum of the run."""
        best, last, test = self.best, self.last, self.test
        return RunEnded(
            step,
            epoch,
            reason,
            self._time.seconds(),
            best_accuracy=best.accuracy,
            best_epoch=best.epoch,
            best_loss=best.loss,
            last_accuracy=last.accuracy if last else None,
            last_loss=last.loss if last else None,
            test_accuracy=test.accuracy if test else None,
            test_loss=test.loss if test else None,
            samples=samples,
            parameters=self._ready.built.parameters,
            error=error,
            best_mae=best.mae,
            best_r2=best.r2,
            last_mae=last.mae if last else None,
            last_r2=last.r2 if last else None,
            test_mae=test.mae if test else None,
            test_r2=test.r2 if test else None,
            curve=self.curve.values(),
        )
