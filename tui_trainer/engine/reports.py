"""What the loop keeps between two reports: losses not read yet, the run's clock, and where the time of a step goes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from tui_trainer.engine import devices
from tui_trainer.engine.augment import Targets, main
from tui_trainer.events import Timed

Clock = Callable[[], float]


class Read(NamedTuple):
    """The losses of some steps, up to the first that is not finite."""

    losses: tuple[float, ...]
    correct: int
    seen: int

    @property
    def finite(self) -> bool:
        return math.isfinite(self.losses[-1])


class Pending:
    """Losses and outputs since the last report, where they are: to read them from a device means waiting for it."""

    MOST = 1024

    def __init__(self) -> None:
        self._losses: list[Tensor | float] = []
        self._outputs: list[Tensor] = []
        self._targets: list[Tensor] = []

    def __len__(self) -> int:
        return len(self._losses)

    def add(self, loss: Tensor | float, outputs: Tensor, targets: Targets) -> None:
        """One step: its loss, read already or without its graph, its scores [batch, classes] and its labels [batch],
        or the numbers that were predicted and those that were right, [batch, outputs] both."""
        self._losses.append(loss)
        self._outputs.append(outputs.detach())
        self._targets.append(main(targets))

    def read(self) -> Read:
        """Everything since the last read, at once. Needs one step at least."""
        losses = _numbers(self._losses)
        bad = next((index for index, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        kept = losses[: bad + 1]
        targets = torch.cat(self._targets[: len(kept)])
        correct = 0
        if not targets.is_floating_point():  # numbers are never predicted exactly, and not counted
            correct = int((torch.cat(self._outputs[: len(kept)]).argmax(1) == targets).sum())
        self._losses, self._outputs, self._targets = [], [], []
        return Read(tuple(kept), correct, len(targets))


def _numbers(losses: list[Tensor | float]) -> list[float]:
    waiting = [loss for loss in losses if isinstance(loss, Tensor)]
    read = iter(torch.stack(waiting).tolist() if waiting else [])
    return [next(read) if isinstance(loss, Tensor) else loss for loss in losses]


class RunClock:
    """Seconds since the first batch was ready, without pauses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._from = clock()
        self._held: float | None = None

    def start_at(self, seconds: float) -> None:
        """Go on from this reading."""
        self._from, self._held = self._clock() - seconds, None

    def seconds(self) -> float:
        return (self._clock() if self._held is None else self._held) - self._from

    def hold(self) -> None:
        if self._held is None:
            self._held = self._clock()

    def go_on(self) -> None:
        if self._held is not None:
            self._from += self._clock() - self._held
            self._held = None


class Parts:
    """Where the time of a step goes, taken on a few batches now and then; between these it costs nothing."""

    FIRST = 0.5
    EVERY = 5.0
    BATCHES = 3

    def __init__(self, clock: Clock, device: torch.device) -> None:
        self._clock = clock
        self._device = device
        self._left = 0
        self._next, self._every = clock() + self.FIRST, self.EVERY
        self._last = 0.0
        self._spent: dict[str, float] = {}

    def mark(self, part: str) -> None:
        """The time since the last mark was this part's."""
        if self._left:
            now = self._now()
            self._spent[part] = self._spent.get(part, 0.0) + now - self._last
            self._last = now

    def skip(self) -> None:
        """The time since the last mark was nobody's."""
        if self._left:
            self._last = self._now()

    def always(self) -> None:
        """From now on without pauses between them."""
        self._every = self._next = 0.0

    def turn(self, step: int, now: float) -> Timed | None:
        """Called after each batch: the figures, when the last of the batches was taken."""
        if self._left:
            self._left -= 1
            if not self._left:
                self._next = now + self._every
                spent = {part: 1000 * time / self.BATCHES for part, time in self._spent.items()}
                return Timed(step, spent["data"], spent["forward"], spent["backward"], spent["update"])
        elif now >= self._next:
            self._left, self._spent, self._last = self.BATCHES, {}, self._now()
        return None

    def _now(self) -> float:
        devices.settle(self._device)
        return self._clock()
