"""What the Compare screen sets side by side, and what it says around it: runs that were marked, or those of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from tui_trainer.runs.store import Run

Keys = list[tuple[str, str]]
"""A key as it is written on the keyboard, and its word in the footer."""
Entry = tuple[str, Sequence[Run]]
"""The label of a setting, empty where the comparison shall make one, and its runs, one a seed."""


class Field(Protocol):
    """Asked again and again while the screen is open: what it answers may grow."""

    @property
    def title(self) -> str:
        """What it is, in a few words; empty for runs that somebody marked."""
        ...

    def entries(self) -> Sequence[Entry]:
        """The settings by now. Cheap: this is asked once a second."""
        ...

    def state(self) -> tuple[str, str, str]:
        """Glyph, name of its colour and words for the status line; without a glyph the records say how far they are."""
        ...

    def keys(self) -> Keys:
        """Keys that mean something here beside those of the screen; each is given to `act`."""
        ...

    def act(self, key: str) -> None:
        """One of `keys` was pressed."""
        ...


@runtime_checkable
class WithStates(Protocol):
    """A field that knows why some of its settings were not to go on to the end."""

    def states(self) -> Mapping[str, str]:
        """What became of these, in words, by their labels."""
        ...


class Still:
    """The part of a field of runs that says nothing of its own and offers nothing to do."""

    def state(self) -> tuple[str, str, str]:
        return "", "", ""

    def keys(self) -> Keys:
        return []

    def act(self, key: str) -> None:
        return None


class Marked(Still):
    """Runs that somebody marked. Which of them are of one setting, the comparison finds."""

    title = ""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._entries: list[Entry] = [("", (run,)) for run in runs]

    def entries(self) -> Sequence[Entry]:
        return self._entries
