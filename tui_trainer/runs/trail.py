"""Where the parameters of a small net went, probe by probe: bounded, and it notices one that flips between two values."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tui_trainer.events import Probed

MOST = 200
FLIPS = 4
"""Turns in a row after which a parameter counts as flipping."""
ALIKE = 0.05
"""How far from where it was two steps ago a flipping value may come back, as a share of its step."""


class Moment(NamedTuple):
    """All parameters after one step."""

    step: int
    values: tuple[float, ...]
    gradients: tuple[float, ...]


@dataclass
class Trail:
    """The newest moments, oldest first; values stand in the order of `names`."""

    names: tuple[str, ...] = ()
    moments: deque[Moment] = field(default_factory=lambda: deque(maxlen=MOST))

    def __len__(self) -> int:
        return len(self.moments)

    @property
    def now(self) -> Moment | None:
        return self.moments[-1] if self.moments else None

    def keep(self, event: Probed) -> None:
        """A probe of kind `parameters`; of a step that was looked at twice the second counts."""
        names = tuple(event.facts)
        if names != self.names:
            self.names = names
            self.moments.clear()
        while self.moments and self.moments[-1].step >= event.step:
            self.moments.pop()
        pairs = [(*facts, math.nan, math.nan)[:2] for facts in event.facts.values()]
        self.moments.append(Moment(event.step, tuple(value for value, _ in pairs), tuple(slope for _, slope in pairs)))

    def truncate(self, step: int) -> None:
        """Forget what came after this step."""
        while self.moments and self.moments[-1].step > step:
            self.moments.pop()

    def values(self, index: int) -> list[float]:
        """One parameter over time, oldest first."""
        return [moment.values[index] for moment in self.moments]

    def change(self, index: int) -> float | None:
        """Since the moment before; None at the first."""
        if len(self.moments) < 2:
            return None
        before, now = self.moments[-2], self.moments[-1]
        return now.values[index] - before.values[index]

    def flips(self, index: int) -> bool:
        """Whether its last steps go to and fro between two values; steps that were not looked at hide it."""
        recent = list(self.moments)[-FLIPS - 2 :]
        apart = any(later.step - sooner.step != 1 for sooner, later in pairwise(recent))
        return not apart and flipping([moment.values[index] for moment in recent])


def pairs(probed: Probed, x: str, y: str) -> list[tuple[float, float]]:
    """Two facts of a probe as points, those that are finite."""
    both = zip(probed.facts.get(x, ()), probed.facts.get(y, ()), strict=False)
    return [(a, b) for a, b in both if math.isfinite(a) and math.isfinite(b)]


def flipping(values: Sequence[float]) -> bool:
    """Whether the last of these values are two by turns, as when steps are too long for the valley that they cross."""
    recent = values[-FLIPS - 2 :]
    if len(recent) < FLIPS + 2 or not all(map(math.isfinite, recent)):
        return False
    steps = [later - sooner for sooner, later in pairwise(recent)]
    size = min(map(abs, steps))
    if size <= 1e-9 * max(map(abs, recent)):
        return False
    return all(abs(later - sooner) <= ALIKE * size for sooner, later in zip(recent, recent[2:], strict=False))
