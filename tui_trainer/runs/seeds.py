"""Runs that differ in the seed alone, taken together; and whether the best of several settings is ahead by more than noise."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.runs import noise
from tui_trainer.runs.differing import flat
from tui_trainer.runs.fairness import names, same_data
from tui_trainer.runs.noise import Tested
from tui_trainer.runs.side import Side

LOCAL = frozenset({"seed", "save_every", "fit_batch", "device", "threads", "reproducible", "compile"})
"""Settings that are no part of what is being compared."""
SAME = 1e-9
"""Part by which equal means may be apart, because they were added up in another order."""
FEW = 3
"""Seeds below which a test tells little."""


@dataclass(frozen=True, slots=True)
class Group:
    """One setting, with as many seeds as it was run with."""

    sides: tuple[Side, ...]
    label: str = ""
    """As a sweep calls it; empty where nobody named it."""

    @property
    def letters(self) -> tuple[str, ...]:
        """One, or where all runs are of this setting one of each."""
        return tuple(dict.fromkeys(side.letter for side in self.sides))

    @property
    def counting(self) -> tuple[Side, ...]:
        """Those whose figures are taken: the finished ones, all where none is."""
        scored = tuple(side for side in self.sides if side.score is not None)
        return tuple(side for side in scored if side.finished) or scored

    @property
    def values(self) -> tuple[float, ...]:
        """The score of each seed; of a seed that was run several times their mean, which is no further draw."""
        return by_seed(self.counting, lambda side: side.score)

    @property
    def mean(self) -> float | None:
        return statistics.fmean(self.values) if self.values else None

    def mean_of(self, figure: Callable[[Side], float | None]) -> float | None:
        """The mean of any figure over the seeds that count, as `mean` is that of the score; None where it is not known, or not
        finite."""
        values = by_seed(self.counting or self.sides, figure)
        mean = statistics.fmean(values) if values else None
        return mean if mean is not None and math.isfinite(mean) else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation from seed to seed; None with fewer than two."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def tried(self) -> int:
        """Samples of the validation split of one seed."""
        return min((side.tried for side in self.counting), default=0)

    def words(self, *, regression: bool) -> str:
        """`A, B and C (80.3 ± 0.6 %, 3 seeds)`"""
        mean, spread, count = self.mean, self.deviation, len(self.values)
        if mean is None:
            return names(self.letters)
        value = units.figure(mean) if regression else units.tenths(mean)
        apart = "" if spread is None else f" ± {units.figure(spread) if regression else _points(spread)}"
        seeds = f", {count} seeds" if count > 1 else ""
        return f"{names(self.letters)} ({value}{apart}{'' if regression else ' %'}{seeds})"


@dataclass(frozen=True, slots=True)
class Judged:
    """The best group beside another one."""

    ahead: Group
    behind: Group
    tested: Tested | None
    """None where nothing can be tested."""
    text: str
    """The verdict, in a sentence."""


def by_seed(sides: Iterable[Side], figure: Callable[[Side], float | None]) -> tuple[float, ...]:
    """A figure of each seed, as far as it is known; of a seed that was run several times the mean."""
    return averaged((side.config.seed, value) for side in sides if (value := figure(side)) is not None)


def averaged(values: Iterable[tuple[int, float]]) -> tuple[float, ...]:
    """The mean of what goes with each seed."""
    found: dict[int, list[float]] = {}
    for seed, value in values:
        found.setdefault(seed, []).append(value)
    return tuple(map(statistics.fmean, found.values()))


def groups(sides: Sequence[Side], labels: Mapping[str, str] | None = None) -> list[Group]:
    """Runs that differ in the seed alone, and in what is not compared, together; in the order of the first of each.
    Where a sweep has `labels` for its runs, by their names, it is these that say which belong together."""
    found: dict[tuple[str, str], list[Side]] = {}
    for side in sides:
        label = (labels or {}).get(side.run.name, "")
        found.setdefault((label, "" if label else _setting(side)), []).append(side)
    return [Group(tuple(those), label) for (label, _), those in found.items()]


def _setting(side: Side) -> str:
    """What is compared: the settings, the text of the preset, and what was done by hand at which step."""
    settings = {name: value for name, value in flat(side.config).items() if name not in LOCAL and value is not None}
    changes = [(one.step, type(one).__name__, getattr(one, "name", "lr"), one.new) for one in side.changes]
    return json.dumps([settings, side.preset_text, changes], sort_keys=True, default=str)


def ranked(found: Sequence[Group], *, regression: bool) -> list[Group]:
    """Those with a figure, best first."""
    scored = [(group.mean, group) for group in found if group.mean is not None]
    return [group for _, group in sorted(scored, key=lambda pair: pair[0] if regression else -pair[0])]


def judged(found: Sequence[Group]) -> list[Judged]:
    """The best of these settings beside each of the others, nearest first; none where they cannot be ranked."""
    sides = [side for group in found for side in group.sides]
    if len({side.task for side in sides if side.task}) != 1 or not same_data(sides):
        return []
    regression = any(side.regression for side in sides)
    order = ranked(found, regression=regression)
    return [judge(order[0], other, regression=regression) for other in order[1:]]


def judge(ahead: Group, behind: Group, *, regression: bool) -> Judged:
    """The verdict on two groups that both have a figure."""
    assert ahead.mean is not None
    assert behind.mean is not None
    difference = abs(ahead.mean - behind.mean)
    one, other = (group.words(regression=regression) for group in (ahead, behind))
    if math.isclose(ahead.mean, behind.mean, rel_tol=SAME):
        return Judged(ahead, behind, None, f"{one} and {other} come to the same")
    by = units.figure(difference) if regression else f"{_points(difference)} point{'' if _points(difference) == '1.0' else 's'}"
    tested, words = _test(ahead, behind, regression=regression)
    lead = f"{one} {'lead' if len(ahead.letters) > 1 else 'leads'} {other} by {by}{_size(ahead, behind)}"
    return Judged(ahead, behind, tested, f"{lead}: {words}")


def _size(ahead: Group, behind: Group) -> str:
    """How many times fewer parameters it has, or more, where that is twice or more."""
    one, other = (group.mean_of(lambda side: side.parameters or None) for group in (ahead, behind))
    if not one or not other:
        return ""
    if other >= 2 * one:
        return f" with {fewer(other / one)}"
    return f" with {_times(one / other)} times the parameters" if one >= 2 * other else ""


def fewer(times: float) -> str:
    """So many times fewer, from 2 up: `half of the parameters`, `a 17th of the parameters`, `2.4 times fewer parameters`."""
    whole = round(times)
    if whole < 10 and abs(times - whole) > 0.1:
        return f"{times:.1f} times fewer parameters"
    if whole in {2, 3, 4}:
        word = ("half", "a third", "a quarter")[whole - 2]
        return f"{word} of the parameters"
    ending = "th" if whole % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    shown = units.count(whole)
    spoken = shown.split()[0]
    return f"{'an' if spoken[0] == '8' or spoken in {'11', '18'} else 'a'} {shown}{ending} of the parameters"


def _times(times: float) -> str:
    return f"{times:.1f}".removesuffix(".0") if times < 9.95 else units.count(round(times))


def _test(ahead: Group, behind: Group, *, regression: bool) -> tuple[Tested | None, str]:
    fewest = min(len(ahead.values), len(behind.values))
    if fewest > 1:
        return _between_seeds(ahead, behind, fewest)
    alone = [names(group.letters) for group in (ahead, behind) if len(group.values) < 2]
    unknown = "one seed each" if len(alone) == 2 else f"one seed of {alone[0]}"
    if regression:
        return None, f"too few seeds to tell it from seed noise ({unknown}; Welch's t-test needs two of each)"
    assert ahead.mean is not None
    assert behind.mean is not None
    tested = noise.proportions(ahead.mean, behind.mean, (ahead.tried, behind.tried))
    if tested is None:
        return None, f"too few seeds to tell it from seed noise ({unknown})"
    verdict = "more than the noise of" if tested.significant else "difference smaller than the noise of"
    return tested, f"{verdict} the validation split ({numbers(tested)}); too few seeds to tell it from seed noise ({unknown})"


def _between_seeds(ahead: Group, behind: Group, fewest: int) -> tuple[Tested | None, str]:
    tested = noise.welch(ahead.values, behind.values)
    if tested is None:
        return None, "no seed differs from another of its setting, so there is no noise to test against"
    verdict = "more than the seed noise" if tested.significant else "difference smaller than the seed noise"
    few = f"; {fewest} seeds tell little" if fewest < FEW else ""
    return tested, f"{verdict} ({numbers(tested)}){few}"


def numbers(tested: Tested) -> str:
    """`Welch's t-test: t = 5.02, 2.9 degrees of freedom, p = 0.016`"""
    p = f"p = {tested.p:.2g}" if tested.p >= 1e-4 else "p < 0.0001"
    if tested.degrees is not None:
        return f"{tested.name}: t = {abs(tested.statistic):.2f}, {tested.degrees:.1f} degrees of freedom, {p}"
    sizes = f"{units.count(tested.sizes[0])} and {units.count(tested.sizes[1])} samples"
    return f"{tested.name}: standard error {_points(tested.error)} points on {sizes}, z = {abs(tested.statistic):.2f}, {p}"


def method(found: Sequence[Judged]) -> str:
    """Which tests were made, and on what; empty where none was."""
    kinds = {one.tested.name for one in found if one.tested is not None}
    if not kinds:
        return ""
    said = []
    if noise.WELCH in kinds:
        figure = "loss" if any(side.regression for one in found for side in one.ahead.sides) else "accuracy"
        said.append(f"{noise.WELCH}, on the best validation {figure} of each seed")
    if noise.PROPORTIONS in kinds:
        said.append(f"a {noise.PROPORTIONS}, unpaired because a record keeps no predictions, on the best validation accuracy")
    several = ", each pair on its own, not corrected for their number" if len(found) > 1 else ""
    return f"tested: {'; '.join(said)}; two-sided, noise from p = {noise.ALPHA:g} up{several}"


def _points(share: float) -> str:
    """0.8, 0.04: points of percent, with a second digit where the first would be a 0"""
    points = 100 * share
    return f"{points:.1f}" if points >= 0.095 or not points else f"{points:.2g}"
