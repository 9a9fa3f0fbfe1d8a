"""The rungs of a sweep whose worse half is stopped: how far each run goes next, who goes on, and what is said of the others."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from tui_trainer import datasets
from tui_trainer.commands import StopAt
from tui_trainer.runs.store import Summary
from tui_trainer.runs.swept import Rung
from tui_trainer.session import halving
from tui_trainer.session.halving import Budget, HalvingError
from tui_trainer.session.planned import Planned
from tui_trainer.sweeps import Sweep, SweepError

SLACK = 0.01
"""Of a budget in seconds: a run that stopped so close to it has used it up."""

BROKEN = frozenset({"failed", "diverged"})
OVER = BROKEN | {"finished"}
"""States of a run that nobody stopped."""


class Ladder:
    """Where a sweep stands on its rungs."""

    def __init__(self, sweep: Sweep, planned: Sequence[Planned], climbed: Sequence[Rung]) -> None:
        """`climbed`: what its record says of rungs that are behind. Raises SweepError where its settings cannot be halved."""
        self.labels = tuple(dict.fromkeys(one.label for one in planned))
        self._budgets = {one.label: Budget(*one.setup.config.budget) for one in planned}
        on = sorted({one.setup.dataset.name for one in planned})
        if len(on) > 1:
            raise SweepError(f"halving stops the worse half of {sweep.name}: figures on {' and on '.join(on)} do not rank")
        try:
            self.shares = halving.rungs(len(self.labels), list(self._budgets.values()))
        except HalvingError as error:
            raise SweepError(f"sweep {sweep.name}: {error}") from error
        self.climbed: list[Rung] = []
        for rung, share in zip(climbed, self.shares, strict=False):
            if rung.share != share or not set(rung.ranked) <= set(self.in_play):
                break  # other settings, or another budget, than when it was climbed
            self.climbed.append(rung)

    @property
    def in_play(self) -> tuple[str, ...]:
        """Who is not stopped by now."""
        return self.climbed[-1].going_on if self.climbed else self.labels

    @property
    def share(self) -> float:
        """Of the whole budget, up to which these go now."""
        return self.shares[len(self.climbed)] if self.climbs else 1.0

    @property
    def climbs(self) -> bool:
        """Whether there is a rung still at which somebody is stopped."""
        return len(self.climbed) < len(self.shares)

    def orders(self, one: Planned) -> tuple[StopAt, ...]:
        """What a run is to be asked before its first batch, so that it stops at this very rung."""
        budget = self._budgets[one.label]
        return (StopAt(budget.unit, budget.at(self.share)),) if self.climbs else ()

    def is_there(self, one: Planned, summary: Summary) -> bool:
        """Whether a run that was stopped has come as far as this rung."""
        if summary.status != "stopped" or not self.climbs:
            return False
        budget = self._budgets[one.label]
        wanted = budget.at(self.share)
        match budget.unit:
            case "seconds":
                return summary.seconds >= wanted * (1 - SLACK)
            case "steps":
                return summary.steps >= wanted
        train, _, _ = one.setup.splits
        return summary.steps >= wanted * datasets.steps_per_epoch(train, one.setup.config.batch_size)

    def climb(self, summaries: Mapping[str, Sequence[Summary]]) -> Rung:
        """Everybody has come to this rung: who goes on, by the best validation of each, the mean of its seeds. What failed there
        by itself, or had come to its end before, is not said to be stopped."""
        lower = any(one.task == "regression" for several in summaries.values() for one in several)
        order = sorted(summaries, key=lambda label: _loss(summaries[label]))  # of equal ones the smaller loss goes on
        scores = {label: [score for one in summaries[label] if (score := _score(one)) is not None] for label in order}
        ranked, kept = halving.ranked(scores, lower=lower), halving.kept(len(scores), sum(map(bool, scores.values())))
        stopped = {
            label: halving.said(self._budgets[label], self.share, place, len(ranked))
            for place, label in enumerate(ranked, 1)
            if place > kept and any(one.status not in OVER for one in summaries[label])
        }
        rung = Rung(self.share, ranked, kept, stopped)
        self.climbed.append(rung)
        return rung

    def state(self, label: str) -> str:
        """`stopped at 2 of 8 epochs: 5th of 6`; empty for who was not stopped."""
        return next((rung.said[label] for rung in self.climbed if label in rung.said), "")

    def words(self) -> str:
        """`to 2 of 8 epochs`; `to the end` on the last rung."""
        if not self.climbs:
            return "to the end"
        budgets = set(self._budgets.values())
        one = next(iter(budgets))
        part = (
            halving.amount(one, one.at(self.share), whole=True) if len(budgets) == 1 else f"{100 * self.share:g} % of their budget"
        )
        return f"to {part}"

    def plan(self) -> str:
        """`the worse half is stopped after 2 and 4 of 8 epochs`"""
        budgets = set(self._budgets.values())
        if len(budgets) == 1:
            (one,) = budgets
            parts = [halving.number(one.at(share)) for share in self.shares[:-1]]
            last = halving.amount(one, one.at(self.shares[-1]), whole=True)
        else:
            parts, last = [f"{100 * share:g} %" for share in self.shares[:-1]], f"{100 * self.shares[-1]:g} % of their budgets"
        return f"the worse half is stopped after {', '.join(parts)}{' and ' if parts else ''}{last}"

    def to_come(self, seeds: int) -> float:
        """Whole runs that the rungs after this one amount to."""
        count, share, total = len(self.in_play), self.share, 0.0
        for further in (*self.shares[len(self.climbed) + 1 :], 1.0):
            if further <= share:
                break
            count = halving.kept(count, count)
            total += count * seeds * (further - share)
            share = further
        return total


def _loss(several: Sequence[Summary]) -> float:
    """The mean over seeds, which parts settings of the same accuracy."""
    losses = [one.best_loss for one in several if one.best_loss is not None and math.isfinite(one.best_loss)]
    return statistics.fmean(losses) if losses else math.inf


def _score(one: Summary) -> float | None:
    """What ranks a run; of one that broke nothing does."""
    if one.status in BROKEN:
        return None
    return one.best_loss if one.task == "regression" else one.best_accuracy
