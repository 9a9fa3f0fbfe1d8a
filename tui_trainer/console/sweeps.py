"""The list of sweeps: those of files and those that only their records know, with what was measured last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tui_trainer import sweeps, units
from tui_trainer.console.tables import table
from tui_trainer.runs import outcome, swept
from tui_trainer.runs.beside import widest
from tui_trainer.session import sweeping
from tui_trainer.sweeps import Sweep, SweepError


def listed(folders: Sequence[Path], width: int) -> list[str]:
    """A line for each sweep: what it is, how many runs, what was measured last."""
    rows = []
    kept = sweeps.everything(folders)
    for one in [*kept, *swept.without_file(kept)]:
        name = f"{one.name} (yours)" if one.yours and one in kept else one.name
        if one.problem:
            rows.append((name, "", "", f"✕ {one.problem}"))
        else:
            rows.append((name, units.count(len(one.entries)), _measured(one), one.about))
    return table(("sweep", "runs", "measured last", "what it is"), rows, right=("runs",), width=width)


def _measured(sweep: Sweep) -> str:
    """`6 of 6, 2 h ago, within 1.2 points`"""
    if (record := sweeping.latest(sweep)) is None:
        return units.UNKNOWN
    labels = {entry.label for entry in sweep.entries}
    found: dict[str, list[outcome.Outcome]] = {}
    for (label, _), run in record.runs().items():
        if label in labels and (one := outcome.read(run)).finished:
            found.setdefault(label, []).append(one)
    gap = widest(sweep, found)
    within = f", within {100 * gap:.1f} points" if gap is not None else ""
    return f"{len(found)} of {len(labels)}, {sweeping.ago(record.time)}{within}"


def named(name: str, folders: Sequence[Path]) -> Sweep:
    """The sweep of this name: its file, else what its newest record keeps. Raises SweepError."""
    try:
        return sweeps.find(name, folders)
    except SweepError:
        found = None if name in {one.name for one in sweeps.everything(folders)} else swept.kept(name)
        if found is None:
            raise
        return found
