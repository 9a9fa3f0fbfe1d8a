"""The tables of what came of a sweep, in words: for a terminal, a page and the screen alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tui_trainer import units
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


def parts(entries: Sequence[Entry], found: Found) -> list[Part]:
    """The tables that there is something to say in."""
    lines = [line for entry in entries for line in beside.figures(entry, found.get(entry.label, ()))]
    apart = "points" if all(line.share for line in lines) else "difference"
    headings = ("run", "figure", "published", "measured", apart, "time", "record")
    rows = [row for entry in entries for row in _rows(entry, found.get(entry.label, ()))]
    kept = [Part(headings, headings[2:6], rows)]
    for what, each in (("step", beside.steps), ("parameter", beside.parameters), ("class", beside.classes)):
        told = [line for entry in entries for line in each(entry, found.get(entry.label, ()))]
        titles = ("run", what, "published", "measured", "points" if what == "class" else "difference")
        kept.append(Part(titles, titles[2:], [(label, line.figure, *line.cells()) for label, line in _once(told)]))
    return [part for part in kept if part.rows]


def _once(lines: Iterable[Beside]) -> Iterator[tuple[str, Beside]]:
    """Each line with its label, which only the first of several has."""
    before = None
    for one in lines:
        yield ("" if one.label == before else one.label), one
        before = one.label


def _rows(entry: Entry, outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """The figures of one entry, its name, time and record in the first of them."""
    figures = beside.figures(entry, outcomes)
    cells = [(line.figure, *line.cells()) for line in figures] or [("", "", "", "")]
    times = [one.seconds for one in outcomes if one.seconds]
    took = units.duration(sum(times) / len(times)) if times else units.UNKNOWN
    first = (entry.label, *cells[0], took, _record(outcomes))
    return [first, *(("", *row, "", "") for row in cells[1:])]


def _record(outcomes: Sequence[Outcome]) -> str:
    """`7f3a`, `7f3a failed`, or `5 runs, 1 failed`."""
    if not outcomes:
        return "not run"
    states = [one.status for one in outcomes if not one.finished]
    if len(outcomes) == 1:
        return " ".join([outcomes[0].run.id, *states])
    return ", ".join([f"{len(outcomes)} runs", *(f"{states.count(state)} {state}" for state in dict.fromkeys(states))])


def notes(sweep: Sweep, entries: Iterable[Entry], found: Found) -> list[tuple[str, str]]:
    """What has to be known beside the figures: what failed and why, what a source says in words, what is ours."""
    entries = list(entries)
    said = _failures(entries, found)
    said += [(entry.label, entry.published.note) for entry in entries if entry.published.note]
    said += [("note", sweep.note)] if sweep.note else []
    return [*said, ("published", sweep.source)] if sweep.source else said


def _failures(entries: Iterable[Entry], found: Found) -> list[tuple[str, str]]:
    """Why runs did not finish: each reason once, with the runs it ended."""
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for entry in entries:
        for one in found.get(entry.label, ()):
            if one.error:
                reasons.setdefault((one.status, one.error), []).append((entry.label, one.run.id))
    said = []
    for (status, error), ended in reasons.items():
        labels, runs = dict.fromkeys(label for label, _ in ended), ", ".join(run for _, run in ended)
        said.append((", ".join(labels), f"run{'s' if len(ended) > 1 else ''} {runs} {status}: {error}"))
    return said
