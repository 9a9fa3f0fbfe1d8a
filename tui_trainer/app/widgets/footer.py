"""The keys at the bottom: as many as fit, each with its word, each to be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from tui_trainer.app.widgets.rows import Line, Rows, line

if TYPE_CHECKING:
    from textual import events

GAP = 3


class KeyChosen(Message):
    """A key was clicked, given as it is written."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class Footer(Rows):
    """Given (key, word) pairs, the most important first."""

    DEFAULT_CSS = "Footer { height: 1; dock: none; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        spans, used = line((" ", ink.ink())), 1
        for start, key, word in self._placed(width):
            spans += line((" " * (start - used), ink.ink()), (key, ink.ink("bright")), (f" {word}", ink.ink("dim")))
            used = start + _size(key, word)
        return [spans]

    def _placed(self, width: int) -> list[tuple[int, str, str]]:
        """Where each pair that fits starts."""
        placed: list[tuple[int, str, str]] = []
        start = 1
        for key, word in self._keys:
            if start + _size(key, word) > width:
                break
            placed.append((start, key, word))
            start += _size(key, word) + GAP
        return placed

    def key_at(self, x: int) -> str | None:
        """The key whose pair holds column `x`."""
        pairs = self._placed(self.size.width)
        return next((key for start, key, word in pairs if start <= x < start + _size(key, word)), None)

    def on_click(self, event: events.Click) -> None:
        if key := self.key_at(event.x):
            self.post_message(KeyChosen(key))


def _size(key: str, word: str) -> int:
    return cell_len(key) + 1 + cell_len(word)
