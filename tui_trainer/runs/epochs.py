"""The validation of each epoch, to look back at: bounded, and its tables are made once however often they are drawn."""

from __future__ import annotations

from collections.abc import Callable

from tui_trainer.events import Evaluated
from tui_trainer.runs import figures
from tui_trainer.runs.moments import ClassLine, Confused, class_lines

MOST_CELLS = 1_000_000
"""Cells of confusion matrices kept, over all epochs."""


class Epochs:
    """What each epoch came to. Of many epochs, or many classes, every other one is kept, and always the last two."""

    def __init__(self, name_of: Callable[[int], str]) -> None:
        self._name_of = name_of
        self._kept: list[Evaluated] = []
        self._board: tuple[Evaluated, list[ClassLine]] | None = None
        self._pairs: tuple[Evaluated, int, list[Confused]] | None = None

    def keep(self, event: Evaluated) -> None:
        """The newest validation; of an epoch that was tried twice the second counts."""
        kept = self._kept
        if kept and kept[-1].epoch == event.epoch:
            kept.pop()
        kept.append(event)
        if len(kept) > 2 and len(kept) * len(event.confusion) ** 2 > MOST_CELLS:
            self._kept = kept[:-2:2] + kept[-2:]

    def truncate(self, counts: Callable[[Evaluated], bool]) -> None:
        """Forget those that do not count any more."""
        self._kept = [one for one in self._kept if counts(one)]

    def numbers(self) -> list[int]:
        """Epochs that can be looked back at, oldest first."""
        return [one.epoch for one in self._kept]

    def at(self, epoch: int | None) -> Evaluated | None:
        """The validation after this epoch; the newest for None, or where that epoch is not known."""
        newest = self._kept[-1] if self._kept else None
        return newest if epoch is None else next((one for one in self._kept if one.epoch == epoch), newest)

    def before(self, event: Evaluated) -> Evaluated | None:
        """The validation of an earlier epoch, the nearest there is."""
        return next((one for one in reversed(self._kept) if one.epoch < event.epoch), None)

    def board(self, epoch: int | None) -> list[ClassLine]:
        """Every class after an epoch (None: the last one), worst first, with its change; those without a sample last."""
        seen = self.at(epoch)
        if seen is None:
            return []
        if self._board is None or self._board[0] is not seen:
            older = self.before(seen)
            self._board = seen, class_lines(seen.confusion, older.confusion if older else (), self._name_of)
        return self._board[1]

    def confused(self, most: int, epoch: int | None = None) -> list[Confused]:
        """The classes most often taken for others after an epoch (None: the last one), most first."""
        seen = self.at(epoch)
        if seen is None:
            return []
        if self._pairs is None or self._pairs[0] is not seen or self._pairs[1] != most:
            pairs = figures.confused(seen.confusion, most)
            named = [Confused(self._name_of(one.true), self._name_of(one.taken_for), one.count, one.of) for one in pairs]
            self._pairs = seen, most, named
        return self._pairs[2]
