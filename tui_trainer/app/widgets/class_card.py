"""The card of one class: how much of it was found, how often its name was right, and what it is taken for."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer import units
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line, width_of
from tui_trainer.runs import figures
from tui_trainer.runs.figures import Matrix

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class ClassCard(Panel, can_focus=False):
    """Shows the figures of one row of a confusion matrix."""

    title = "Class"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._matrix: Matrix = ()
        self._names: tuple[str, ...] = ()
        self._at = 0
        self._word = "pictures"

    def show(self, matrix: Matrix, names: Sequence[str], at: int, word: str = "pictures") -> None:
        """This class of the last evaluation; an empty matrix while there was none."""
        if matrix is not self._matrix or tuple(names) != self._names or at != self._at:
            self._matrix, self._names, self._at, self._word = matrix, tuple(names), at, word
            self.title = units.plain(names[at]) if at < len(names) else "Class"
            self.draw()

    def aside(self) -> Line:
        if not self._known:
            return []
        support = sum(self._matrix[self._at])
        word = self._word if support != 1 else self._word.removesuffix("s")
        return line((f"{units.count(support)} {word}", self.ink.ink("dim")))

    @property
    def _known(self) -> bool:
        return self._at < len(self._matrix)

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        if not self._known:
            return [line((clipped("its figures come with the first evaluation", width), ink.ink("dim")))]
        every = figures.per_class(self._matrix)
        own = every[self._at]
        hits = self._matrix[self._at][self._at]
        called = sum(row[self._at] for row in self._matrix)
        name = units.plain(self._names[self._at])
        rows = [
            (
                "found",
                units.percent(own.found) if own.support else units.UNKNOWN,
                f"{units.count(hits)} of {units.count(own.support)}",
            ),
            (
                "right",
                units.percent(own.right) if called else units.UNKNOWN,
                f"{units.count(hits)} of {units.count(called)} called {name}",
            ),
            ("F1", f"{units.tenths(own.f1)}  ", _place(own.f1, [one.f1 for one in every])),
        ]
        lines = [self._figure(*row, width) for row in rows]
        taken = self._taken_for(width)
        return [*lines, *([[]] if height > len(lines) + 1 else []), taken][:height]

    def _figure(self, label: str, figure: str, words: str, width: int) -> Line:
        ink = self.ink
        return line(
            (f"{label:<7} ", ink.ink("dim")),
            (f"{figure:>7}   ", ink.ink("bright" if label == "found" else "text", bold=label == "found")),
            (clipped(words, width - 18), ink.ink("dim")),
        )

    def _taken_for(self, width: int) -> Line:
        ink, row = self.ink, self._matrix[self._at]
        others = sorted(((count, at) for at, count in enumerate(row) if count and at != self._at), key=lambda pair: -pair[0])
        if not others:
            return line(("never taken for another" if sum(row) else f"no {self._word} of it", ink.ink("dim")))
        spans = line(("taken for ", ink.ink("dim")))
        for number, (count, at) in enumerate(others):
            name = clipped(units.plain(self._names[at]), 12)
            one = line(
                (name, ink.ink("text" if number else "worse")),
                (f" {units.percent(count / sum(row))}  ", ink.ink("dim" if number else "text")),
            )
            if width_of(spans) + width_of(one) > width + 2:
                break
            spans += one
        return spans


def _place(own: float, every: Sequence[float]) -> str:
    """`the lowest of ten`, `3rd of ten`; where all are equal none is the highest."""
    if min(every) == max(every):
        return "as of every other"
    of = COUNTS[len(every)] if len(every) < len(COUNTS) else str(len(every))
    place = 1 + sum(one > own for one in every)
    if place == 1:
        return f"the highest of {of}"
    if own == min(every):
        return f"the lowest of {of}"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place % 100 not in {11, 12, 13} else 0, "th")
    return f"{place}{ending} of {of}"
