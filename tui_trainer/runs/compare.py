"""Several runs side by side: leaderboard, settings that differ, classes, fairness and verdict, for a screen and a command alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tui_trainer.runs import ahead, cutting
from tui_trainer.runs.band import Band, band
from tui_trainer.runs.differing import Differing, PresetDiff, differing, flat, preset_diffs, same, together
from tui_trainer.runs.fairness import Remark, fairness, same_data
from tui_trainer.runs.letters import Letters
from tui_trainer.runs.naming import labels
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.seeds import LOCAL, Group, Judged, groups, judged, method
from tui_trainer.runs.side import LEVELS, Side
from tui_trainer.runs.standings import Standing, standing, summed
from tui_trainer.runs.store import Run, Summary, summary
from tui_trainer.runs.swept import Swept

FEWEST, MOST, MOST_RUNS = 2, 8, 64
"""Runs at least; settings and runs at most."""

Entries = Sequence[tuple[str, Sequence[Run]]]
"""Settings by their labels, each with the runs of it; a label may be empty."""


class CompareError(ValueError):
    """Runs that cannot be set side by side: one sentence for a person."""


class ClassRow(NamedTuple):
    """One class, as the best validation of each setting found it."""

    name: str
    shares: tuple[float | None, ...]
    """One a letter, in their order: the mean over its seeds; None where they do not know the class."""

    @property
    def spread(self) -> float:
        """Highest minus lowest."""
        known = [share for share in self.shares if share is not None]
        return max(known) - min(known)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in the order they were given, and everything to say of them together."""

    sides: tuple[Side, ...]
    letters: tuple[str, ...]
    """In the order in which they are listed: one a setting, or one a run where all are of one setting."""
    standings: tuple[Standing, ...]
    """Best first, one a letter: by validation accuracy, of regression by validation loss; in the order of the letters where
    nothing ranks them."""
    rest: tuple[Standing, ...]
    """Settings that were too many to be read, as their summaries have them, best first."""
    differing: tuple[Differing, ...]
    same: int
    """Settings that are given in all of them, and equal."""
    diffs: tuple[PresetDiff, ...]
    groups: tuple[Group, ...]
    remarks: tuple[Remark, ...]
    """What is not fair about it."""
    judged: tuple[Judged, ...]
    """The best setting beside each other one."""
    method: str
    """Which tests were made; empty where none was."""
    leads: tuple[str, ...]
    """Who was ahead by the clock before the best was, in sentences."""
    classes: tuple[ClassRow, ...]
    """Those that two letters or more know, biggest difference first."""
    level: int | None
    """Accuracy in percent of which is said when each came to it: the highest that more than half of them reached."""
    cut_at: tuple[str, float] | None = None
    """One of AXES and the place on it beyond which nothing is looked at."""
    whole: Comparison | None = field(default=None, repr=False)
    """The same without the cut."""

    @property
    def task(self) -> str:
        """`classification` or `regression`; `mixed` where there are both, and no figure ranks them; empty before any started."""
        return task(self.sides)

    @property
    def regression(self) -> bool:
        return self.task == "regression"

    @property
    def measure(self) -> str:
        """The curve that ranks them: one of CURVES."""
        return "loss" if self.regression else "accuracy"

    @property
    def leaderboard(self) -> tuple[Side, ...]:
        """Every run, best first; as given where nothing ranks them."""
        if self.task == "mixed":
            return self.sides
        return tuple(sorted(self.sides, key=lambda side: rank(side.score, regression=self.regression)))

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What came of it, in sentences; the last says which test was made."""
        cut = (f"{cutting.words(*self.cut_at)}: as if every run had ended there",) if self.cut_at else ()
        if not self.judged:
            return (*cut, self._why_none(), *self.leads)
        return (*cut, *(one.text for one in self.judged), *self.leads, *([self.method] if self.method else []))

    def _why_none(self) -> str:
        if self.task == "mixed":
            return "no verdict: no figure ranks classification beside regression"
        if not same_data(self.sides):
            return "no verdict: figures on different data do not rank"
        scored = [group for group in self.groups if group.mean is not None]
        if len(scored) == 1 and len(self.groups) == 1:
            words = scored[0].words(regression=self.regression)
            return f"one setting, nothing to judge: {words}"
        return "no verdict: fewer than two settings have a figure"

    def group_of(self, side: Side) -> Group:
        """The runs that differ from this one in the seed alone, with itself."""
        return next(group for group in self.groups if side in group.sides)

    def standing_of(self, letter: str) -> Standing:
        return next(one for one in self.standings if one.letter == letter)

    def bands(self, axis: str, curve: str) -> dict[str, list[Band]]:
        """One of CURVES over one of AXES for each letter: the mean of its seeds that count, from the lowest to the highest."""
        found = {}
        for one in self.standings:
            counting = Group(one.sides).counting or one.sides
            found[one.letter] = band([side.curves[curve] for side in counting if side.curves[curve]], axis)
        return {letter: found[letter] for letter in self.letters}

    def shortest(self, axis: str) -> float | None:
        """As far on this axis as every letter with a figure went, where some went further: the place to cut at."""
        return cutting.shortest([one.sides for one in self.standings if one.best is not None], axis)

    def cut(self, axis: str, amount: float) -> Comparison:
        """As if every run had ended there: curves, bests and verdicts of what came after it are not looked at, and settings of
        which only the end is known are left out."""
        whole = self.whole or self
        sides = {side.run.name: cutting.cut(side, axis, amount) for side in whole.sides}
        found = [replace(group, sides=tuple(sides[side.run.name] for side in group.sides)) for group in whole.groups]
        names = {one.letter: one.label for one in whole.standings}
        cut = _compared([sides[side.run.name] for side in whole.sides], found, names, cut_at=(axis, amount))
        return replace(cut, whole=whole)


def read(runs: Sequence[Run]) -> Comparison:
    """These runs by now. Raises CompareError where they are too few, too many, or one twice; StoreError where settings are lost."""
    readers = open_all(runs)
    for reader in readers:
        reader.catch_up()
    found = compared([reader.side() for reader in readers])
    if len(found.letters) > MOST:
        raise CompareError(f"up to {MOST} settings can be compared, not {len(found.letters)}")
    return found


def open_all(runs: Sequence[Run]) -> list[Reader]:
    """A reader for each, to be caught up and read again while runs go on. Raises as `read` does."""
    twice = [run for at, run in enumerate(runs) if run in runs[:at]]
    if twice:
        raise CompareError(f"run {twice[0].id} is given twice")
    if not FEWEST <= len(runs) <= MOST_RUNS:
        many = "one" if len(runs) == 1 else str(len(runs))
        raise CompareError(f"two to {MOST_RUNS} runs can be compared, not {many}")
    return [Reader(run) for run in runs]


def of_sweep(entries: Entries) -> Comparison:
    """The best eight settings of a sweep, read; the rest as their summaries have them. A letter goes to each label.
    Raises StoreError where the settings of a run are lost, CompareError where no run is there."""
    chosen, rest = best_of(entries)
    readers = [Reader(run) for _, runs in chosen for run in runs]
    if not readers:
        raise CompareError("there is no run to compare yet")
    for reader in readers:
        reader.catch_up()
    names = {run.name: label for label, runs in chosen for run in runs}
    letters = Letters()
    letters.reserve([label for label, _ in (entries if len(entries) <= MOST else chosen)])  # also of those that are to come
    return compared([reader.side() for reader in readers], letters, names, rest)


def entries_of(record: Swept) -> Entries:
    """The settings of a sweep that was begun, in its order, with the runs there are of each; where its file was changed meanwhile,
    those that have the settings of the newest."""
    sweep, runs = record.sweep(), record.runs()
    order = dict.fromkeys([entry.label for entry in sweep.entries] if sweep else []) | dict.fromkeys(label for label, _ in runs)
    return [
        (label, _alike([run for key, run in sorted(runs.items(), key=lambda pair: pair[0]) if key[0] == label])) for label in order
    ]


def _alike(runs: Sequence[Run]) -> list[Run]:
    """Those that differ from the newest in the seed alone, and in what is not compared."""
    given = {run: {name: value for name, value in flat(run.config()).items() if name not in LOCAL} for run in runs}
    newest = max(runs, key=lambda one: one.name, default=None)
    return [run for run in runs if newest is not None and given[run] == given[newest]]


def best_of(
    entries: Entries, most: int = MOST, summarise: Callable[[Run], Summary] = summary
) -> tuple[Entries, tuple[Standing, ...]]:
    """The settings to be read, in their order, and how the others stand, best first. Those that no run was begun of come last.
    `summarise` may know the summaries already."""
    begun = [(label, runs) for label, runs in entries if runs]
    waiting = [summed(label, ()) for label, runs in entries if not runs]
    if len(begun) <= most:
        return begun, tuple(waiting)
    summaries = [[summarise(run) for run in runs] for _, runs in begun]
    stands = [summed(label, several) for (label, _), several in zip(begun, summaries, strict=True)]
    regression = any(one.task == "regression" for several in summaries for one in several)
    order = sorted(range(len(begun)), key=lambda at: rank(stands[at].best, regression=regression))
    return [begun[at] for at in sorted(order[:most])], (*(stands[at] for at in order[most:]), *waiting)


def compared(
    sides: Sequence[Side],
    letters: Letters | None = None,
    names: Mapping[str, str] | None = None,
    rest: Sequence[Standing] = (),
) -> Comparison:
    """What is to be said of these runs together. `letters` are those given before, where they are to stay; `names` are the
    labels that a sweep has for its runs, by their names."""
    found = (letters or Letters()).give(groups(sides, names))
    lettered = {side.run.name: side for group in found for side in group.sides}
    return replace(_compared([lettered[side.run.name] for side in sides], found, labels(found)), rest=tuple(rest))


def _compared(
    sides: Sequence[Side], found: Sequence[Group], names: Mapping[str, str], cut_at: tuple[str, float] | None = None
) -> Comparison:
    order = sorted(names, key=lambda letter: (len(letter), letter))
    those = {letter: next(group for group in found if letter in group.letters) for letter in order}
    high = level([[side for side in those[letter].sides if side.letter == letter] for letter in order])
    stands = [standing(those[letter], letter, names[letter], high) for letter in order]
    if task(sides) != "mixed":
        stands.sort(key=lambda one: rank(one.best, regression=task(sides) == "regression"))
    rows = [together([side.config for side in those[letter].sides if side.letter == letter]) for letter in order]
    verdicts = judged(found)
    return Comparison(
        sides=tuple(sides),
        letters=tuple(order),
        standings=tuple(stands),
        rest=(),
        differing=tuple(differing(rows)),
        same=same(rows),
        diffs=tuple(preset_diffs(sides)),
        groups=tuple(found),
        remarks=tuple(fairness(sides, cut_at)),
        judged=tuple(verdicts),
        method=method(verdicts),
        leads=tuple(ahead.sentences(found)) if verdicts else (),
        classes=tuple(classes([next(one.found or {} for one in stands if one.letter == letter) for letter in order])),
        level=high,
        cut_at=cut_at,
    )


def task(sides: Sequence[Side]) -> str:
    """As `Comparison.task`."""
    tasks = {side.task for side in sides if side.task}
    return "mixed" if len(tasks) > 1 else next(iter(tasks), "")


def rank(score: float | None, *, regression: bool) -> tuple[bool, float]:
    """Sorts the best to the front, and what has no figure to the end."""
    return score is None, 0.0 if score is None else score if regression else -score


def classes(found: Sequence[Mapping[str, float]]) -> list[ClassRow]:
    """The classes that two or more of these know, biggest difference first."""
    names = dict.fromkeys(name for shares in found for name in shares)
    rows = [ClassRow(name, tuple(shares.get(name) for shares in found)) for name in names]
    known = [row for row in rows if sum(share is not None for share in row.shares) > 1]
    return sorted(known, key=lambda row: -row.spread)


def level(settings: Sequence[Sequence[Side]]) -> int | None:
    """The highest accuracy in percent that more than half of these settings came to, each with all its seeds that count."""
    counting = [Group(tuple(sides)).counting for sides in settings]

    def by(one: int) -> int:
        return sum(bool(sides) and all(one in side.reached for side in sides) for sides in counting)

    return next((one for one in reversed(LEVELS) if 2 * by(one) > len(settings)), None)
