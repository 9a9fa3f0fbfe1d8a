"""One racer: a run that is trained in a thread of its own while it has the turn, and what is asked of it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_trainer.commands import Abandon, Command, Evaluate, FinishEpoch, HandOver, Pause, Step, Stop
from tui_trainer.events import Evaluated, Event, RunEnded, RunStarted, Stepped
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import asides
from tui_trainer.session.budget import Budget
from tui_trainer.session.training import Asking, train
from tui_trainer.session.turns import Clock, Turns, Watch
from tui_trainer.session.words import sentence

if TYPE_CHECKING:
    from tui_trainer.engine.turns import Aside

POINTS = 20
"""Validations of each racer over the race, about."""
TRYING = 0.1
"""Of a racer's time goes to validations that were asked for, at most."""
FORWARD = 1 / 3
"""Of the time of a training step goes to its forward pass, about: all that a validation is, before one was timed."""
LEFT_OUT = (Pause, Step, FinishEpoch, HandOver)
"""What nobody can ask of one racer: a race is paused as a whole, and trains here or not at all."""


class Racer:
    """The thread of one lane, and what it has used. Attributes are set by that thread, and read by any."""

    def __init__(self, number: int, run: Run, turns: Turns, budget: Budget, clock: Clock, common: list[Aside]) -> None:
        """`common`: what torch was like before any of them began, once the first of them knows."""
        self.number, self.run, self._turns, self._budget, self._common = number, run, turns, budget, common
        self._amount = run.config().budget[1]
        """Of its own budget, in seconds or steps."""
        self._watch = Watch(clock)
        self._device = ""
        self._prints = asides.Prints(run.console)
        self._began: float | None = None
        """On its watch, when its first batch was ready."""
        self._looked = False
        self.ready = False
        """Whether it is prepared."""
        self.share = 0.0
        """Of its budget that is used, 1 at most."""
        self.seconds = 0.0
        """That it trained within its budget."""
        self.samples = 0
        self.problem = ""
        """Why it ended, where its record could not say so."""
        self.asked: Callable[[], Command | None] = lambda: None
        """Stop or Abandon, once the end was asked for."""
        self._told: set[type[Command]] = set()
        self._tried_at = 0.0
        """Share at which it was validated last."""
        self._trying = 0.0
        """Seconds of all validations."""
        self._took: float | None = None
        """Seconds of the last one."""
        self._val_size = 0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        """Set by the thread as its last deed. A thread whose `join` is interrupted by Ctrl+C would count as dead while it lives."""

    # From outside

    def start(self, before: Callable[[], object]) -> None:
        """Begin in a thread of its own, after `before` was called in it."""
        self._thread = threading.Thread(target=self._race, args=(before,), name=f"race-{self.run.id}", daemon=True)
        self._thread.start()

    @property
    def begun(self) -> bool:
        return self._thread is not None

    @property
    def racing(self) -> bool:
        """Whether it is off, and has something of its budget left."""
        return self._began is not None

    @property
    def alive(self) -> bool:
        return self._thread is not None and not self._ended.is_set()

    def wait(self, seconds: float) -> None:
        if self._thread is not None:
            self._ended.wait(seconds)

    # In its thread

    def _race(self, before: Callable[[], object]) -> None:
        try:
            before()
            self._turns.take(self.number)
            self._prints.take()
            self._watch.run()
            train(self.run, self._hear, looking=self._looking, clock=self._watch.read)
        except StoreError as error:
            self.problem = str(error)
        except BaseException as error:  # there is nobody above a thread: what is left is said by the screen
            self.problem = f"run {self.run.id} ended: {sentence(error)}"
        finally:
            self._watch.stand()
            self._prints.leave()
            self._prints.close()
            self._turns.leave(self.number)
            self._ended.set()

    def _looking(self, asked: Asking, warn: Callable[[str], None]) -> Asking:
        """Each look for commands is where the turn may change."""

        def look() -> list[Command]:
            self._begin_alike()
            self._count()
            if not self._turns.goes_on(self.number, self.share):
                self._away(self._turns.pass_on)
            heard = asked()
            kept = [one for one in heard if not isinstance(one, LEFT_OUT)]
            if len(kept) < len(heard):
                warn("it is in a race, which is paused as a whole and stays in its process")
            return kept + self._wished()

        return look

    def _begin_alike(self) -> None:
        """Before the first thing it does with torch: as if none had begun before it."""
        if self._looked:
            return
        from tui_trainer.engine import turns

        self._looked = True
        if self._common:
            turns.put_back(self._common[0])
        else:
            self._common.append(turns.put_aside("cpu"))

    def _away(self, wait: Callable[[int], None]) -> None:
        """While another has its turn: what all share is put aside, and the clock stands."""
        from tui_trainer.engine import turns

        aside = turns.put_aside(self._device or "cpu")  # waits for the device: what it was given before is this run's time
        self._watch.stand()
        self._prints.leave()
        wait(self.number)
        self._prints.take()
        turns.put_back(aside)
        self._watch.run()

    def _hear(self, event: Event) -> None:
        match event:
            case RunStarted(device=device, val_size=val_size):
                self._device, self._val_size = device, val_size
                self.ready = True
                self._away(self._turns.gate)
                self._began = self._watch.read()
            case Stepped(step=step, seen=seen):
                self.samples += seen
                self._count(step)
            case Evaluated(split="val", took=took):
                self._count()
                self._tried_at, self._took = self.share, took
                self._trying += took
            case RunEnded(reason=reason):
                self._count()
                if reason == "finished":
                    self.share = 1.0
                    self.seconds = self._amount if self._budget.unit == "seconds" else self.seconds

    def _count(self, step: int | None = None) -> None:
        """How much is used by now."""
        if self._began is None or self.share >= 1:
            return
        spent = self._watch.read() - self._began
        if self._budget.unit == "seconds":
            self.seconds = min(spent, self._amount)
            self.share = self.seconds / self._amount
        else:
            self.seconds = spent
            if step is not None:
                self.share = min(1.0, step / self._amount)

    def _wished(self) -> list[Command]:
        """What the referee asks: the end, or a validation."""
        if (end := self.asked()) is not None and type(end) not in self._told:
            self._told.add(type(end))
            return [end]
        if self._told & {Stop, Abandon} or not self._is_due():
            return []
        return [Evaluate()]

    def _is_due(self) -> bool:
        """Whether the curve is to get its next point, and there is time to make it."""
        if not self.samples or self.share >= 1 or self.share - self._tried_at < 1 / POINTS:
            return False
        took = self._took if self._took is not None else self._val_size * self.seconds / self.samples * FORWARD
        return self._trying + took <= TRYING * self.seconds
