"""What the Compare screen sets side by side of a race: its settings, each with the runs of every seed that was raced."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer.app.field import Entry, Still
from tui_trainer.runs.store import Run
from tui_trainer.session.race import Race


class RaceField(Still):
    """Races of the same settings over the same budget, one seed each, oldest first."""

    def __init__(self, races: Sequence[Race]) -> None:
        self._races = tuple(races)

    @property
    def title(self) -> str:
        last = self._races[-1]
        again = f" · {len(self._races)} races" if len(self._races) > 1 else ""
        return f"race over {last.budget.total()}{again}"

    def entries(self) -> Sequence[Entry]:
        """A setting for each lane."""
        found: dict[str, list[Run]] = {lane.label: [] for lane in self._races[-1].lanes}
        for race in self._races:
            for lane in race.lanes:
                found.setdefault(lane.label, []).append(lane.run)
        return list(found.items())
