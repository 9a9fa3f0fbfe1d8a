"""Rows of text under headings, and the lists made of them: runs, presets, devices."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.console.output import columns, cut, padded
from tui_trainer.console.resumable import PROGRAM, resume
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from tui_trainer.preset import Preset
    from tui_trainer.runs.columns import Column
    from tui_trainer.runs.store import Summary
    from tui_trainer.session import Device
    from tui_trainer.settings import Knob

GAP = "  "
LONGEST_NAME = 24
"""Columns of what a person calls a run, in a list."""
NOTE = 12
"""Columns that a note needs at least to say anything; for a whole one there is `note RUN`."""
HEADINGS = ("run", "preset", "dataset", "state", "best", "epoch", "loss", "test", "time", "age")
TOLD = {"run", "name", "preset", "dataset", "status", "best", "loss", "test", "time", "age", "note"}
"""Columns, as `runs.columns` names them, that a list has anyway."""
STATES = remarks.STATES


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = (), width: int = 10_000) -> list[str]:
    """Aligned columns; those named in `right` are flush right; the last one is cut at `width`."""
    body = [[units.plain(cell) for cell in row] for row in rows]
    sizes = _sizes(headings, body)
    flush = [heading in set(right) for heading in headings]
    lines = []
    for row in (list(headings), *body):
        cells = [padded(cell, size, right=end) for cell, size, end in zip(row, sizes, flush, strict=True)]
        lines.append(cut(GAP.join(cells).rstrip(), width))
    return lines


def _sizes(headings: Sequence[str], body: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column must be."""
    return [max(map(columns, column)) for column in zip(headings, *body, strict=True)]


def runs(summaries: Iterable[Summary], width: int, also: Column | None = None) -> list[str]:
    """A line each; where one is being trained, and there is room, by which process and on which machine. Names, notes, and what
    they are sorted by (`also`) where there are any; below them, what goes on with those that are lost."""
    found = list(summaries)
    headings, rows = list(HEADINGS), [list(_run(one)) for one in found]
    if any(one.name for one in found):
        _insert(headings, rows, 1, "name", [cut(units.plain(one.name), LONGEST_NAME) for one in found])
    if also is not None and also.name not in TOLD:
        _insert(headings, rows, len(headings) - 1, also.heading, [also.text(one) for one in found])
    right = {"best", "epoch", "loss", "test", "time", "age", "process", *([also.heading] if also and also.right else [])}
    if any(one.alive and one.pid for one in found):
        wider = [[*row, *_where(one)] for row, one in zip(rows, found, strict=True)]
        if _fits([*headings, "process", "machine"], wider, width):
            headings, rows = [*headings, "process", "machine"], wider
    wide = _narrowed(headings, rows, width - len(GAP) - NOTE) if any(one.note for one in found) else None
    headings, rows = wide or _narrowed(headings, rows, width) or (headings, rows)
    if wide:
        _insert(headings, rows, len(headings), "note", [one.note for one in found])
    return [*table(headings, rows, right=right, width=width), *_lost(found)]


def _narrowed(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> tuple[list[str], list[list[str]]] | None:
    """The same without some columns that say least, so that it fits; None where it does not."""
    kept = list(range(len(headings)))
    for rarely in ("", "epoch", "loss", "test"):
        kept = [at for at in kept if headings[at] != rarely]
        left = [headings[at] for at in kept], [[row[at] for at in kept] for row in rows]
        if _fits(*left, width):
            return left
    return None


def _fits(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    sizes = _sizes(headings, [[units.plain(cell) for cell in row] for row in rows])
    return sum(sizes) + len(GAP) * (len(sizes) - 1) <= width


def _insert(headings: list[str], rows: list[list[str]], at: int, heading: str, cells: Sequence[str]) -> None:
    headings.insert(at, heading)
    for row, cell in zip(rows, cells, strict=True):
        row.insert(at, cell)


def _where(one: Summary) -> tuple[str, str]:
    return (str(one.pid) if one.pid else units.UNKNOWN, one.host or units.UNKNOWN) if one.alive else ("", "")


def _lost(found: Iterable[Summary]) -> list[str]:
    lost = [one.run for one in found if one.status == "lost"]
    if not lost:
        return []
    if len(lost) == 1:
        return ["", f"run {lost[0].id} has no end, and nobody trains it: {resume(lost[0])} goes on with it"]
    return ["", f"{len(lost)} runs have no end, and nobody trains them: {PROGRAM} resume --all-lost goes on with them"]


def _run(one: Summary) -> tuple[str, ...]:
    config = one.config
    return (
        one.run.id,
        config.preset,
        config.dataset,
        f"{STATES.get(one.status, ' ')} {one.status}",
        remarks.score(one.best_accuracy, one.best_mae),
        str(one.best_epoch) if one.best_loss is not None else units.UNKNOWN,
        units.loss(one.best_loss),
        remarks.score(one.test_accuracy, one.test_mae),
        units.clock(one.seconds) if one.seconds else units.UNKNOWN,
        units.age(max(time.time() - one.time, 0)),
    )


def presets(found: Iterable[Preset], width: int) -> list[str]:
    """One line each; a broken file says what is wrong with it."""
    rows = []
    for one in found:
        name = f"{one.name} (yours)" if one.yours else one.name
        knobs = ", ".join(f"{knob.name}={knob.default}" for knob in one.knobs)
        rows.append((name, f"✕ {one.problem}" if one.problem else one.about, knobs))
    return [line.rstrip() for line in _two_wide(("preset", "what it is", "knobs"), rows, width)]


def _two_wide(headings: tuple[str, str, str], rows: list[tuple[str, str, str]], width: int) -> list[str]:
    """Three columns of which the middle one gives way, so that the last is seen."""
    first = max(columns(units.plain(row[0])) for row in (headings, *rows))
    last = max(columns(units.plain(row[2])) for row in (headings, *rows))
    first = min(first, max(width // 3, 12))
    room = max(width - first - last - 2 * len(GAP), width // 3, 24)
    return table(headings, [(cut(units.plain(a), first), cut(units.plain(b), room), c) for a, b, c in rows], width=width)


def preset(one: Preset) -> list[str]:
    """One preset in full: its text, its knobs, and what it suggests, as options."""
    head = [f"{one.name}{' (yours)' if one.yours else ''}: {units.plain(one.about)}", ""]
    if one.problem:
        return [f"{one.name}: ✕ {units.plain(one.problem)}", f"  file      {units.plain(str(one.path))}"]
    text = [units.plain(line) for line in one.text.strip().splitlines()]
    knobs = table(("knob", "default", "what it does"), [(k.name, str(k.default), knob_help(k)) for k in one.knobs])
    lines = head + ([*text, ""] if text else [])
    if one.knobs:
        lines += [*knobs, ""]
    defaults = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in one.defaults.items())
    return [*lines, f"defaults  {units.plain(defaults)}", f"file      {units.plain(str(one.path))}"]


def knob_help(knob: Knob) -> str:
    if not knob.choices:
        return knob.help
    return f"{knob.help}; one of {', '.join(map(str, knob.choices))}".removeprefix("; ")


def devices(found: Iterable[Device], width: int) -> list[str]:
    rows = [(one.name, units.size(one.free or None), units.size(one.total or None), one.label) for one in found]
    return table(("device", "free", "memory", "what it is"), rows, right=("free", "memory"), width=width)
