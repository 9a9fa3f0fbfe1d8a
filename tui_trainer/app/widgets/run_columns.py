"""Which columns of the table of runs stand where, and how wide: the most telling ones where room is short. Draws nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.runs.columns import COLUMNS, Column

if TYPE_CHECKING:
    from tui_trainer.runs.store import Summary

CURVE = "curve"
"""The column of the loss curve, which nothing can be sorted by."""
BESIDE = {"best": 1, "status": 2}
"""Columns for what stands beside the text: the ★ of the best run on a dataset, the glyph of a state."""
GIVES_WAY = 20
"""By how much the rank of a setting falls that all runs in sight have in common: it tells none from another."""


@dataclass(frozen=True, slots=True)
class Place:
    """How much room a column has, and how soon it gives way."""

    name: str
    width: int
    rank: int
    """Columns with the highest go first where the terminal is narrow."""
    most: int = 0
    """How wide it may grow with its contents; 0 for never."""
    rare: bool = False
    """Whether it is left out where no run has anything there."""
    setting: bool = False
    """Whether it gives way where all runs in sight have the same."""


PLACES = (
    Place("run", 4, 0, most=8),
    Place("name", 4, 4, most=18, rare=True),
    Place("preset", 6, 1, most=14),
    Place("dataset", 7, 2, most=14, setting=True),
    Place("optimizer", 9, 9, setting=True),
    Place("rate", 4, 5, most=8, setting=True),
    Place("batch", 5, 10, most=6, setting=True),
    Place("settings", 8, 13, most=24, rare=True, setting=True),
    Place("seed", 4, 15, most=10, setting=True),
    Place("parameters", 10, 11, most=13),
    Place("epochs", 5, 6, most=11),
    Place("steps", 6, 18, most=10),
    Place("best", 9, 0, most=11),
    Place("last", 8, 16, most=10),
    Place("test", 7, 12, most=10, rare=True),
    Place("loss", 5, 7, most=6),
    Place("mae", 5, 19, most=6, rare=True),
    Place("time", 5, 8, most=8),
    Place("speed", 9, 14, most=9),
    Place(CURVE, 12, 3),
    Place("status", 10, 0, most=11),
    Place("process", 7, 9, most=20, rare=True),
    Place("machine", 7, 20, most=16, rare=True),
    Place("age", 6, 10),
    Place("note", 4, 17, most=40, rare=True),
)
"""From left to right."""
BY_NAME: Mapping[str, Column] = {one.name: one for one in COLUMNS}


class Texts:
    """What each run has in each column: made once for each, and again when there is more to say of it."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Summary, dict[str, str]]] = {}

    def of(self, run: Summary) -> Mapping[str, str]:
        found = self._known.get(run.run.folder)
        if found is None or found[0] is not run:
            found = self._known[run.run.folder] = run, {one.name: one.text(run) for one in COLUMNS}
        return found[1]


class Widths:
    """How wide each column has become, over all runs that were shown: figures and rows come and go, columns keep still."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._taken: dict[Path, Summary] = {}
        self.longest: dict[str, int] = {place.name: 0 for place in PLACES if place.most}
        """Columns of the longest text, where a column may grow with it."""

    def take(self, runs: Iterable[Summary]) -> None:
        """Make room for these."""
        for run in runs:
            if self._taken.get(run.run.folder) is run:
                continue
            self._taken[run.run.folder] = run
            texts = self._texts.of(run)
            for name, longest in self.longest.items():
                text = texts[name]
                length = len(text) if text.isascii() else cell_len(text)
                if length > longest:
                    self.longest[name] = length

    def of(self, place: Place) -> int:
        if not place.most:
            return place.width
        return min(max(place.width, self.longest.get(place.name, 0) + BESIDE.get(place.name, 0)), place.most)


def fitting(widths: Widths, room: int, gap: int, sorted_by: str, *, absent: Collection[str], same: Collection[str]) -> list[Place]:
    """The columns that fit, from left to right: first what tells most, then whatever has room beside it.

    The one that runs are sorted by is always there. `absent` are rare columns in which none has anything, `same` those in which
    all runs have one text.
    """
    there = [place for place in PLACES if place.name == sorted_by or place.name not in absent]
    if BY_NAME.get(sorted_by) is not None and all(place.name != sorted_by for place in there):
        there.append(Place(sorted_by, len(BY_NAME[sorted_by].heading), 0, most=20))

    def rank(place: Place) -> int:
        return -1 if place.name == sorted_by else place.rank + GIVES_WAY * (place.setting and place.name in same)

    chosen: set[str] = set()
    left = room + gap
    for place in sorted(there, key=rank):
        taken = widths.of(place) + gap
        if taken <= left or not chosen:
            chosen.add(place.name)
            left -= taken
    return [place for place in there if place.name in chosen]


def shared(runs: Sequence[Summary], texts: Texts) -> frozenset[str]:
    """Settings that all of these runs have in common; none where there is only one run."""
    if len(runs) < 2:
        return frozenset()
    names = {place.name for place in PLACES if place.setting}
    first = texts.of(runs[0])
    for run in runs:
        if not names:
            break
        here = texts.of(run)
        names = {name for name in names if here[name] == first[name]}
    return frozenset(names)


def absent(runs: Sequence[Summary], texts: Texts) -> frozenset[str]:
    """Rare columns in which none of these runs has anything."""
    names = {place.name for place in PLACES if place.rare}
    for run in runs:
        if not names:
            break
        here = texts.of(run)
        names = {name for name in names if here[name] in {"", units.UNKNOWN}}
    return frozenset(names)
