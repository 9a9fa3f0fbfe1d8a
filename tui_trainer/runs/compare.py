"""Several runs side by side: leaderboard, settings that differ, classes, fairness and verdict, for a screen and a command alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tui_trainer.runs.differing import Differing, PresetDiff, differing, preset_diffs, same
from tui_trainer.runs.fairness import Remark, fairness, same_data
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.seeds import Group, Judged, groups, judged, method
from tui_trainer.runs.side import LEVELS, Side
from tui_trainer.runs.store import Run

LETTERS = "ABCDEFGH"
FEWEST, MOST = 2, len(LETTERS)


class CompareError(ValueError):
    """Runs that cannot be set side by side: one sentence for a person."""


class ClassRow(NamedTuple):
    """One class, as the best validation of each run found it."""

    name: str
    shares: tuple[float | None, ...]
    """One a run, in their order; None where a run does not know the class."""

    @property
    def spread(self) -> float:
        """Highest minus lowest."""
        known = [share for share in self.shares if share is not None]
        return max(known) - min(known)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in the order they were given, and everything to say of them together."""

    sides: tuple[Side, ...]
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
    classes: tuple[ClassRow, ...]
    """Those that two runs or more know, biggest difference first."""
    level: int | None
    """Accuracy in percent of which is said when each run came to it: the highest that more than half of them reached."""

    @property
    def task(self) -> str:
        """`classification` or `regression`; `mixed` where there are both, and no figure ranks them; empty before any started."""
        tasks = {side.task for side in self.sides if side.task}
        return "mixed" if len(tasks) > 1 else next(iter(tasks), "")

    @property
    def regression(self) -> bool:
        return self.task == "regression"

    @property
    def leaderboard(self) -> tuple[Side, ...]:
        """Best first: by validation accuracy, of regression by validation loss; as given where nothing ranks them."""
        if self.task == "mixed":
            return self.sides
        return tuple(sorted(self.sides, key=self._rank))

    def _rank(self, side: Side) -> tuple[bool, float]:
        score = side.score
        return score is None, 0.0 if score is None else score if self.regression else -score

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What came of it, in sentences; the last says which test was made."""
        if not self.judged:
            return (self._why_none(),)
        return (*(one.text for one in self.judged), *([self.method] if self.method else []))

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


def read(runs: Sequence[Run]) -> Comparison:
    """These runs by now. Raises CompareError where they are too few, too many, or one twice; StoreError where settings are lost."""
    readers = open_all(runs)
    for reader in readers:
        reader.catch_up()
    return compared([reader.side() for reader in readers])


def open_all(runs: Sequence[Run]) -> list[Reader]:
    """A reader for each, to be caught up and read again while runs go on. Raises as `read` does."""
    twice = [run for at, run in enumerate(runs) if run in runs[:at]]
    if twice:
        raise CompareError(f"run {twice[0].id} is given twice")
    if not FEWEST <= len(runs) <= MOST:
        many = "one" if len(runs) == 1 else str(len(runs))
        raise CompareError(f"two to eight runs can be compared, not {many}")
    return [Reader(run, letter) for run, letter in zip(runs, LETTERS, strict=False)]


def compared(sides: Sequence[Side]) -> Comparison:
    """What is to be said of these runs together."""
    configs, found = [side.config for side in sides], groups(sides)
    verdicts = judged(found)
    return Comparison(
        sides=tuple(sides),
        differing=tuple(differing(configs)),
        same=same(configs),
        diffs=tuple(preset_diffs(sides)),
        groups=tuple(found),
        remarks=tuple(fairness(sides)),
        judged=tuple(verdicts),
        method=method(verdicts),
        classes=tuple(classes([side.found for side in sides])),
        level=level(sides),
    )


def classes(found: Sequence[Mapping[str, float]]) -> list[ClassRow]:
    """The classes that two or more of these know, biggest difference first."""
    names = dict.fromkeys(name for shares in found for name in shares)
    rows = [ClassRow(name, tuple(shares.get(name) for shares in found)) for name in names]
    known = [row for row in rows if sum(share is not None for share in row.shares) > 1]
    return sorted(known, key=lambda row: -row.spread)


def level(sides: Sequence[Side]) -> int | None:
    """The highest accuracy in percent that more than half of these came to."""
    return next((one for one in reversed(LEVELS) if 2 * sum(one in side.reached for side in sides) > len(sides)), None)
