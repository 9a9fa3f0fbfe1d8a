"""Successive halving: all settings get a small part of their budget, the better half of them twice as much, and so on.

After Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization" (AISTATS 2016), algorithm 1,
with the budget of the last round given and that of the first found from it. Knows settings by their labels and figures, no runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tui_trainer import units

ETA = 2
"""Of so many settings one goes on at each rung, with so many times the budget."""
FEWEST = 3
"""Settings: of two the worse one is no half that is worth a rung."""


class HalvingError(ValueError):
    """Settings of which the worse half cannot be stopped: one sentence for a person."""


class Budget(NamedTuple):
    """The whole budget of a run."""

    unit: str
    """`epochs`, `steps` or `seconds`."""
    amount: float

    def at(self, share: float) -> float:
        """What a rung gives: of epochs and steps whole ones, and one at least."""
        part = self.amount * share
        return part if self.unit == "seconds" else float(max(1, math.floor(part + 1e-9)))


def rungs(count: int, budgets: Sequence[Budget]) -> tuple[float, ...]:
    """The shares of the budget after which the worse half of `count` settings is stopped, the smallest first.

    Raises HalvingError where there are too few settings, or where a budget is too small to be parted.
    """
    if count < FEWEST:
        raise HalvingError(f"halving stops the worse half of the settings: at least {FEWEST} are needed, not {count}")
    found: list[float] = []
    for power in range(int(math.log(count, ETA) + 1e-9), 0, -1):
        share = float(ETA) ** -power
        before = found[-1] if found else 0.0
        if all((before and budget.at(before)) < budget.at(share) < budget.amount for budget in budgets):
            found.append(share)
    if not found:
        least = min(budgets, key=lambda one: one.amount)
        raise HalvingError(f"halving needs a budget that can be halved; here it is {amount(least, least.amount)}")
    return tuple(found)


def ranked(scores: Mapping[str, Sequence[float]], *, lower: bool = False) -> tuple[str, ...]:
    """Labels by the mean of their seeds, best first; last those without any. `lower` is better for losses."""

    def key(label: str) -> tuple[bool, float]:
        values = scores[label]
        if not values:
            return True, 0.0
        mean = sum(values) / len(values)
        return not math.isfinite(mean), 0.0 if not math.isfinite(mean) else mean if lower else -mean

    return tuple(sorted(scores, key=key))


def kept(count: int, scored: int) -> int:
    """How many of `count` settings go on, of which `scored` have a figure: the better half, the one in the middle with it."""
    return max(1, min(math.ceil(count / ETA), scored)) if count else 0


def said(budget: Budget, share: float, place: int, of: int) -> str:
    """`stopped at 2 of 8 epochs: 5th of 6`"""
    return f"stopped at {amount(budget, budget.at(share), whole=True)}: {ordinal(place)} of {of}"


def amount(budget: Budget, part: float, *, whole: bool = False) -> str:
    """`2 epochs`, or `2 of 8 epochs`"""
    shown = f"{number(part)} of {number(budget.amount)}" if whole else number(part)
    one = (budget.amount if whole else part) == 1
    return f"{shown} {budget.unit.removesuffix('s') if one else budget.unit}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`"""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def number(value: float) -> str:
    """`2`, `1 000` or `7.5`"""
    return units.count(int(value)) if value == int(value) else f"{value:g}"
