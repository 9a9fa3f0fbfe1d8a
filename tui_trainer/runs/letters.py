"""Under which letter each run goes beside others: one a setting, or one a run where all are of one setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from tui_trainer.runs.seeds import Group

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_ALONE = 8
"""Runs of one setting that have a letter each: of more the mean says most."""


@dataclass
class Letters:
    """Given once and kept: a curve that one has learned to know never changes its name while it is looked at."""

    by_run: bool | None = None
    """Whether each run has its own; None leaves that to the first look at several: where all are of one setting then."""
    _of_label: dict[str, str] = field(default_factory=dict)
    _of_run: dict[str, str] = field(default_factory=dict)

    def reserve(self, labels: Iterable[str]) -> None:
        """Letters for settings that are known by name before any run of them is there, in this order."""
        for label in labels:
            if label and label not in self._of_label:
                self._of_label[label] = self._next()

    def give(self, groups: Sequence[Group]) -> list[Group]:
        """The same runs with their letters."""
        if self.by_run is None and sum(len(one.sides) for one in groups) > 1:
            self.by_run = len(groups) == 1 and len(groups[0].sides) <= MOST_ALONE and len(self._of_label) < 2
            if self.by_run:
                self._of_label.clear()
        if self.by_run:
            return [
                replace(one, sides=tuple(replace(side, letter=self._own(side.run.name)) for side in one.sides)) for one in groups
            ]
        return list(self._by_setting(groups))

    def _own(self, run: str) -> str:
        if run not in self._of_run:
            self._of_run[run] = self._next()
        return self._of_run[run]

    def _by_setting(self, groups: Sequence[Group]) -> Iterator[Group]:
        """Of settings without a name the letter goes with the runs: one that was steered by hand is another setting by then."""
        taken: set[str] = set()
        for group in groups:
            if group.label:
                self.reserve([group.label])
                letter = self._of_label[group.label]
            else:
                known = (self._of_run.get(side.run.name, "") for side in group.sides)
                letter = next((one for one in known if one and one not in taken), "") or self._next()
            taken.add(letter)
            self._of_run |= {side.run.name: letter for side in group.sides}
            yield replace(group, sides=tuple(replace(side, letter=letter) for side in group.sides))

    def _next(self) -> str:
        used = {*self._of_label.values(), *self._of_run.values()}
        return next(one for one in map(_letter, count()) if one not in used)


def _letter(number: int) -> str:
    """A to Z, then A2, B2, …"""
    again, at = divmod(number, len(ALPHABET))
    return ALPHABET[at] + (str(again + 1) if again else "")
