"""Loops that take turns in slices of a second or less, so that whatever slows the machine down hits them alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import NamedTuple, Protocol

LIMIT = 0.12
"""Cores that others may use in a slice; one with more is measured again."""


class Slice(NamedTuple):
    """What a loop did while it had its turn."""

    samples: int
    seconds: float

    @property
    def speed(self) -> float:
        return self.samples / self.seconds if self.seconds > 0 else 0.0


class Taking(Protocol):
    """A loop that can be stopped and goes on where it was."""

    name: str

    def turn(self, seconds: float) -> Slice:
        """Goes on for about so long: one step at least."""
        ...


@dataclass(slots=True)
class Rounds:
    """Samples a second of each loop, round by round."""

    speeds: dict[str, list[float]]
    repeated: int = 0
    noisy: int = 0
    others: float = 0.0
    """The most cores that others used in a slice."""
    kept: dict[str, int] = field(default_factory=dict)
    """Noisy slices that were kept, by loop."""

    def __len__(self) -> int:
        return min(map(len, self.speeds.values()))

    def speed(self, name: str) -> float:
        return median(self.speeds[name])

    def ratios(self, name: str, against: str) -> list[float]:
        """One for each round, in its order."""
        pairs = zip(self.speeds[name], self.speeds[against], strict=True)
        return [one / other if other else 0.0 for one, other in pairs]

    def ratio(self, name: str, against: str) -> float:
        return median(self.ratios(name, against))

    def quartiles(self, name: str, against: str) -> tuple[float, float]:
        """Between these lies the middle half of the rounds."""
        each = self.ratios(name, against)
        if len(each) < 2:
            return each[0], each[0]
        low, _, high = quantiles(each, n=4, method="inclusive")
        return low, high


def take_turns(
    loops: Sequence[Taking],
    *,
    rounds: int,
    seconds: float,
    others: Callable[[], float],
    repeats: int,
    enough: Callable[[int], bool] = lambda done: False,
    told: Callable[[Rounds], None] = lambda so_far: None,
    limit: float = LIMIT,
) -> Rounds:
    """So many rounds of one slice each. At most `repeats` slices in all are measured again because `others`, which gives the
    cores that others used since it was asked last, is over the limit. `enough`, asked after each round, may end it sooner.
    `told` hears of every slice."""
    found = Rounds({loop.name: [] for loop in loops})
    while len(found) < rounds and not (len(found) and enough(len(found))):
        for loop in loops:
            others()
            taken, used = loop.turn(seconds), others()
            while used > limit and found.repeated < repeats:
                found.repeated += 1
                found.others = max(found.others, used)
                others()
                taken, used = loop.turn(seconds), others()
            found.others = max(found.others, used)
            if used > limit:
                found.noisy += 1
                found.kept[loop.name] = found.kept.get(loop.name, 0) + 1
            found.speeds[loop.name].append(taken.speed)
            told(found)
    return found
