"""What came of a sweep in print: published beside measured where there are such figures, the leaderboard, and the verdicts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tui_trainer import units
from tui_trainer.console import beside, compare_data
from tui_trainer.console.board import board
from tui_trainer.console.compare import title
from tui_trainer.console.output import cut
from tui_trainer.console.sweep_runs import again
from tui_trainer.runs import compare, result
from tui_trainer.runs.compare import CompareError, Comparison
from tui_trainer.runs.result import Found
from tui_trainer.runs.stopped import with_states
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Entry, Published


class Result:
    """What the runs of a queue came to by now."""

    def __init__(self, queue: Queue, entries: Sequence[Entry], given: Mapping[str, object], folders: Sequence[Path] = ()) -> None:
        self.queue, self.entries, self.given, self.folders = queue, entries, given, folders
        self.published = any(entry.published != Published() for entry in entries)
        self.outcomes: Found = queue.outcomes()
        self.comparison = _compared(queue)

    def lines(self, width: int) -> list[str]:
        """For a terminal."""
        said: list[str] = []
        if self.published:
            said += ["", *beside.lines(self.queue.sweep, self.entries, self.outcomes, width)]
        elif told := result.notes(self.queue.sweep, self.entries, self.outcomes):
            said += ["", *(units.plain(f"{name}: {text}") for name, text in told)]
        if (found := self.comparison) is None:
            return said or ["", "nothing was run yet"]
        said += ["", cut(title(found), width), *board(found, width)]
        said += _named("", (f"{label}: {state}" for label, state in self._states()), width)
        said += _named("fairness", (f"! {remark.text}" for remark in found.remarks), width)
        said += _named("verdict", found.verdicts, width)
        return [*said, "", f"to repeat it: {again(self.queue, self.folders, anew=True)}"]

    def _states(self) -> list[tuple[str, str]]:
        """What became of those that did not go on to the end."""
        return [(entry.label, state) for entry in self.entries if (state := self.queue.state(entry.label))]

    def json(self) -> str:
        data = beside.as_json(self.queue.sweep, self.entries, self.outcomes) | {"given": dict(self.given)}
        data["states"] = dict(self._states())
        data["comparison"] = compare_data.as_json(self.comparison) if self.comparison is not None else None
        return json.dumps(data, indent=2)

    def csv(self) -> list[str]:
        return compare_data.as_csv(self.comparison) if self.comparison is not None else []

    def markdown(self) -> list[str]:
        said = beside.markdown(self.queue.sweep, self.entries, self.outcomes) if self.published else []
        if self.comparison is not None:
            said += ["", *compare_data.markdown(self.comparison)] if said else compare_data.markdown(self.comparison)
        return said


def _compared(queue: Queue) -> Comparison | None:
    """The runs side by side; None where there is nothing to compare."""
    try:
        found = compare.of_sweep(queue.entries())
    except CompareError:
        return None
    return with_states(found, {label: state for label, _ in queue.entries() if (state := queue.state(label))})


def _named(name: str, sentences: Iterable[str], width: int) -> list[str]:
    told = [units.plain(one) for one in sentences]
    wrapped = [line for one in told for line in textwrap.wrap(one, max(width, 20), initial_indent="  ", subsequent_indent="    ")]
    return ["", *([name] if name else []), *wrapped] if wrapped else []
