"""A sweep in print: published beside measured, as a table for a person, as Markdown, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

from tui_trainer import units
from tui_trainer.console.tables import table
from tui_trainer.runs import beside
from tui_trainer.runs.beside import Beside
from tui_trainer.runs.outcome import Outcome
from tui_trainer.runs.result import Found, notes, parts
from tui_trainer.sweeps import Entry, Sweep


def lines(sweep: Sweep, entries: Sequence[Entry], found: Found, width: int = 10_000) -> list[str]:
    """Everything to say of a sweep, tables first."""
    said: list[str] = []
    for part in parts(entries, found):
        said += [*table(part.headings, part.rows, right=part.right, width=width), ""]
    said += [units.plain(f"{name}: {text}") for name, text in notes(sweep, entries, found)]
    return said if said and said[-1] else said[:-1]


def markdown(sweep: Sweep, entries: Sequence[Entry], found: Found) -> list[str]:
    """The same for a page of documentation."""
    said = [f"**{_cell(sweep.name)}**: {_cell(sweep.about)}", ""]
    for part in parts(entries, found):
        said.append("| " + " | ".join(map(_cell, part.headings)) + " |")
        said.append("|" + "|".join("---:" if one in part.right else "---" for one in part.headings) + "|")
        said += ["| " + " | ".join(map(_cell, row)) + " |" for row in part.rows]
        said.append("")
    said += [f"- {_cell(name)}: {_cell(text)}" for name, text in notes(sweep, entries, found)]
    return said if said[-1] else said[:-1]


def _cell(text: str) -> str:
    return units.plain(text).replace("|", "\\|")


def as_json(sweep: Sweep, entries: Sequence[Entry], found: Found) -> dict[str, object]:
    """The same for programs: strict JSON, shares from 0 to 1."""
    return {
        "sweep": sweep.name,
        "about": sweep.about,
        "source": sweep.source,
        "note": sweep.note,
        "runs": [_entry(entry, found.get(entry.label, ())) for entry in entries],
    }


def _entry(entry: Entry, outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "label": entry.label,
        "settings": dict(entry.settings),
        "figures": [_figure(line) for line in beside.figures(entry, outcomes)],
        "steps": [_figure(line) for line in beside.steps(entry, outcomes)],
        "parameters": [_figure(line) for line in beside.parameters(entry, outcomes)],
        "classes": [_figure(line) for line in beside.classes(entry, outcomes)],
        "note": entry.published.note,
        "records": [_outcome(one) for one in outcomes],
    }


def _figure(line: Beside) -> dict[str, object]:
    measured = [_finite(value) for value in line.measured]
    return {name: value for name, value in asdict(line).items() if name != "label"} | {
        "published": _finite(line.published),
        "measured": measured,
        "mean": _finite(line.mean),
        "spread": line.spread,
        "apart": _finite(line.apart),
        "holds": line.holds,
    }


def _finite(value: float | None) -> float | None:
    """JSON has no nan: what is none is null."""
    return value if value is not None and math.isfinite(value) else None


def _outcome(one: Outcome) -> dict[str, object]:
    return {
        "run": one.run.id,
        "folder": str(one.run.folder),
        "status": one.status,
        "error": one.error,
        "test_accuracy": one.test_accuracy,
        "val_accuracy": one.val_accuracy,
        "best_val_accuracy": one.best_val_accuracy,
        "seconds": one.seconds,
    }
