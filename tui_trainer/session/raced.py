"""A race as whoever ends this process sees it: it cannot go on in the background, so it is stopped, and all of it is kept."""

from __future__ import annotations

from tui_trainer.commands import Abandon, Command
from tui_trainer.session.race import Race


class InHand:
    """All runs of a race in place of one."""

    def __init__(self, race: Race) -> None:
        self._race = race

    @property
    def ours(self) -> bool:
        """Whether this process trains it now."""
        return self._race.alive

    def hand_over(self, wait: float = 0.0, *, leaving: bool = False) -> str:
        """Why not: the racers take turns in one process."""
        return "a race takes turns in one process: it cannot go on in the background"

    def ask(self, command: Command) -> None:
        """End it, whichever way is asked for."""
        if isinstance(command, Abandon):
            self._race.abandon()
        else:
            self._race.stop()

    def wait(self, timeout: float) -> bool:
        """Wait until all have ended, at most so many seconds; whether they have."""
        return self._race.wait(timeout)
