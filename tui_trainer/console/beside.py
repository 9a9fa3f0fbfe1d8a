"""A sweep in print: published beside measured, as a table for a person, as Markdown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from tui_trainer import units
from tui_trainer.console.tables import STATES, table
from tui_trainer.runs import beside
from tui_trainer.runs.beside import Beside
from tui_trainer.runs.outcome import Outcome
from tui_trainer.sweeps import Entry, Sweep

Found = Mapping[str, Sequence[Outcome]]
"""What the runs of each entry came to, by label."""


class Part(NamedTuple):
    """One table."""

    headings: tuple[str, ...]
    right: tuple[str, ...]
    """Headings of columns of figures."""
    rows: Sequence[tuple[str, ...]]


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


def parts(entries: Sequence[Entry], found: Found) -> list[Part]:
    """The tables that there is something to say in."""
    kept = [
        Part(
            ("run", "figure", "published", "measured", "points", "time", "record"),
            ("published", "measured", "points", "time"),
            [row for entry in entries for row in _rows(entry, found.get(entry.label, ()))],
        )
    ]
    for heading, several in (("step", beside.steps), ("parameter", beside.parameters)):
        rows = [
            (line.label, line.figure, *line.cells()) for entry in entries for line in several(entry, found.get(entry.label, ()))
        ]
        kept.append(Part(("run", heading, "published", "measured", "difference"), ("published", "measured", "difference"), rows))
    told = [line for entry in entries for line in beside.classes(entry, found.get(entry.label, ()))]
    rows = [(line.label, line.figure, *line.cells()) for line in told]
    kept.append(Part(("run", "class", "published", "measured", "points"), ("published", "measured", "points"), rows))
    return [part for part in kept if part.rows]


def _rows(entry: Entry, outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """The figures of one entry, its name, time and record in the first of them."""
    figures = beside.figures(entry, outcomes)
    cells = [(line.figure, *line.cells()) for line in figures] or [("", "", "", "")]
    times = [one.seconds for one in outcomes if one.seconds]
    took = units.duration(sum(times) / len(times)) if times else units.UNKNOWN
    first = (entry.label, *cells[0], took, _record(outcomes))
    return [first, *(("", *row, "", "") for row in cells[1:])]


def _record(outcomes: Sequence[Outcome]) -> str:
    """`7f3a`, `7f3a ✕ failed`, or `5 runs, 1 failed`."""
    if not outcomes:
        return "not run"
    states = [one.status for one in outcomes if not one.finished]
    if len(outcomes) == 1:
        return " ".join([outcomes[0].run.id, *(f"{STATES.get(state, '')} {state}" for state in states)])
    return ", ".join([f"{len(outcomes)} runs", *(f"{states.count(state)} {state}" for state in dict.fromkeys(states))])


def notes(sweep: Sweep, entries: Iterable[Entry], found: Found) -> list[tuple[str, str]]:
    """What has to be known beside the figures: what failed and why, what a source says in words, what is ours."""
    said = []
    for entry in entries:
        broken = (one for one in found.get(entry.label, ()) if one.error)
        said += [(entry.label, f"run {one.run.id} {one.status}: {one.error}") for one in broken]
        if entry.published.note:
            said.append((entry.label, entry.published.note))
    said += [("note", sweep.note)] if sweep.note else []
    return [*said, ("published", sweep.source)] if sweep.source else said


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
    return {name: value for name, value in asdict(line).items() if name != "label"} | {
        "mean": line.mean,
        "spread": line.spread,
        "apart": line.apart,
        "holds": line.holds,
    }


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
