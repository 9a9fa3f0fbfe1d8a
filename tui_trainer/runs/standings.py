"""How a setting stands beside others: its figures, each a mean over its seeds. One line of the leaderboard."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tui_trainer.runs.seeds import Group, averaged, by_seed
from tui_trainer.runs.side import Side
from tui_trainer.runs.store import Run, Summary


@dataclass(frozen=True, slots=True)
class Standing:
    """One letter. Figures are means over the seeds that count, see `Group.counting`; None where they are not known."""

    letter: str
    """Empty for what is only summed up."""
    label: str
    """What tells it from the others, in few words."""
    runs: tuple[Run, ...]
    sides: tuple[Side, ...]
    """The same, read; empty for what is only summed up."""
    status: str
    """That of all its runs, or `2 of 3 finished`."""
    seeds: int
    """Of which the figures are means; 0 before there is any."""
    best: float | None = None
    """Validation accuracy, of regression the loss, where that was best."""
    deviation: float | None = None
    """Of `best` from seed to seed (sample standard deviation); None with fewer than two."""
    best_epoch: float | None = None
    last: float | None = None
    """Accuracy of the newest validation, of regression its loss."""
    test: float | None = None
    """Accuracy; None for regression, which has `test_mae`."""
    mae: float | None = None
    test_mae: float | None = None
    parameters: int | None = None
    epochs: float | None = None
    steps: float | None = None
    samples: float | None = None
    epoch_seconds: float | None = None
    """How long an epoch took."""
    seconds: float | None = None
    speed: float | None = None
    """Samples a second."""
    reached: float | None = None
    """Seconds to the level of the comparison; None where one of the seeds never came to it, or there is no level."""
    reaching: tuple[int, int] = (0, 0)
    """How many of how many came to it."""
    gap: float | None = None
    """Accuracy in training minus that of the validation."""
    worst: tuple[str, float] | None = None
    """The class found least of, and the share."""
    found: Mapping[str, float] | None = None
    """Share found of each class."""

    @property
    def run(self) -> str:
        """`e4a8`, `3 runs`, or `no run`"""
        return self.runs[0].id if len(self.runs) == 1 else f"{len(self.runs) or 'no'} run{'s' * bool(self.runs)}"


def standing(group: Group, letter: str, label: str, level: int | None) -> Standing:
    """That of a group, or of the runs of it that have this letter. `level` is the accuracy in percent that is timed."""
    sides = tuple(side for side in group.sides if side.letter == letter)
    own = Group(sides, group.label)
    counting = own.counting
    parameters, found = own.mean_of(lambda side: side.parameters or None), shares(counting)
    return Standing(
        letter=letter,
        label=label,
        runs=tuple(side.run for side in sides),
        sides=sides,
        status=status([side.status for side in sides]),
        seeds=len(own.values),
        best=own.mean,
        deviation=own.deviation,
        best_epoch=own.mean_of(lambda side: side.best.epoch if side.best else None),
        last=own.mean_of(_last),
        test=own.mean_of(lambda side: side.test.accuracy if side.test else None),
        mae=own.mean_of(lambda side: side.best.mae if side.best else None),
        test_mae=own.mean_of(lambda side: side.test.mae if side.test else None),
        parameters=None if parameters is None else round(parameters),
        epochs=own.mean_of(lambda side: side.epochs or None),
        steps=own.mean_of(lambda side: side.steps or None),
        samples=own.mean_of(lambda side: side.samples or None),
        epoch_seconds=own.mean_of(lambda side: side.epoch_seconds),
        seconds=own.mean_of(lambda side: side.seconds or None),
        speed=own.mean_of(lambda side: side.speed),
        reached=came_to(counting, level),
        reaching=(sum(level in side.reached for side in counting), len(counting)) if level is not None else (0, 0),
        gap=own.mean_of(lambda side: side.gap),
        worst=min(found.items(), key=lambda pair: pair[1], default=None),
        found=found,
    )


def _last(side: Side) -> float | None:
    if side.last is None:
        return None
    return side.last.loss if side.regression else side.last.accuracy


def came_to(sides: Sequence[Side], level: int | None) -> float | None:
    """Mean seconds to an accuracy in percent; None where one of these never came to it."""
    if level is None or not sides or any(level not in side.reached for side in sides):
        return None
    return statistics.fmean(by_seed(sides, lambda side: side.reached[level]))


def shares(sides: Sequence[Side]) -> dict[str, float]:
    """Share found of each class: the mean over the seeds that know it."""
    names = dict.fromkeys(name for side in sides for name in side.found)

    def mean(name: str) -> float:
        return statistics.fmean(by_seed(sides, lambda side: side.found.get(name)))

    return {name: mean(name) for name in names}


def status(found: Sequence[str]) -> str:
    """`finished` where all are; else `2 of 3 finished`, and for none of them finished `3 running`"""
    if len(set(found)) == 1:
        return found[0]
    if not found:
        return "not begun"
    if done := found.count("finished"):
        return f"{done} of {len(found)} finished"
    return ", ".join(f"{many} {one}" for one, many in Counter(found).most_common())


def summed(label: str, summaries: Sequence[Summary]) -> Standing:
    """How a setting stands by what is known without reading its records."""
    done = [one for one in summaries if one.status == "finished"] or list(summaries)
    regression = any(one.task == "regression" for one in done)

    def values(figure: Callable[[Summary], float | None]) -> tuple[float, ...]:
        return averaged((one.config.seed, value) for one in done if (value := figure(one)) is not None and math.isfinite(value))

    def mean(figure: Callable[[Summary], float | None]) -> float | None:
        return statistics.fmean(known) if (known := values(figure)) else None

    scores = values(lambda one: one.best_loss if regression else one.best_accuracy)
    parameters = mean(lambda one: one.parameters or None)
    return Standing(
        letter="",
        label=label,
        runs=tuple(one.run for one in summaries),
        sides=(),
        status=status([one.status for one in summaries]),
        seeds=len(scores),
        best=statistics.fmean(scores) if scores else None,
        deviation=statistics.stdev(scores) if len(scores) > 1 else None,
        best_epoch=mean(lambda one: one.best_epoch or None),
        last=mean(lambda one: one.last_loss if regression else one.last_accuracy),
        test=mean(lambda one: one.test_accuracy),
        mae=mean(lambda one: one.best_mae),
        test_mae=mean(lambda one: one.test_mae),
        parameters=None if parameters is None else round(parameters),
        epochs=mean(lambda one: one.epochs or None),
        steps=mean(lambda one: one.steps or None),
        seconds=mean(lambda one: one.seconds or None),
        epoch_seconds=mean(lambda one: one.seconds / one.epochs if one.epochs else None),
        speed=mean(lambda one: one.speed),
    )
