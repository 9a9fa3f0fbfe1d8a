"""Runs side by side in print: leaderboard, curves, what differs, classes, fairness and verdict, for a terminal or a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tui_trainer import units
from tui_trainer.console.board import board
from tui_trainer.console.output import columns, cut
from tui_trainer.console.overlay import overlay
from tui_trainer.console.tables import GAP, STATES, table
from tui_trainer.runs import cutting
from tui_trainer.runs.board import time
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.differing import PresetDiff
from tui_trainer.runs.fairness import names

MOST_CLASSES = 12
"""That are printed on a terminal."""
MOST_DIFF = 40
"""Lines of a diff that are printed on a terminal."""


class Part(NamedTuple):
    """One table; the columns named in `right` are of figures."""

    title: str
    headings: tuple[str, ...]
    right: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def lines(found: Comparison, axis: str, width: int, *, colours: bool, unicode: bool = True) -> list[str]:
    """Everything to say of these runs, each part under its name, in lines of at most `width` columns."""
    parts = [
        [cut(title(found), width)],
        board(found, width),
        _runs(found, width),
        overlay(found, axis, width, colours=colours, unicode=unicode),
        _differing(found, width),
        *(_diff(diff, width) for diff in found.diffs if diff.edited),
        _classes(found, width),
        _fairness(found, axis, width),
        _wrapped("verdict", found.verdicts, width),
    ]
    said: list[str] = []
    for part in parts:
        said += [*part, ""] if part else []
    return said[:-1]


def title(found: Comparison) -> str:
    """`3 runs on digits`; `12 runs on digits, 4 settings, cut at 10 epochs`"""
    on = list(dict.fromkeys(side.config.dataset for side in found.sides))
    shared = len(found.groups) > 1 and len(found.sides) > len(found.groups)
    more = [f"{len(found.groups)} settings"] if shared else []
    more += [cutting.words(*found.cut_at)] if found.cut_at else []
    counted = f"{len(found.sides)} run{'s' * (len(found.sides) != 1)} on {names(on)}"
    return units.plain(", ".join([counted, *more]))


def runs(found: Comparison) -> Part:
    """Every run, setting by setting, where some of them share a letter."""
    if len(found.letters) == len(found.sides):
        return Part("runs", (), (), ())
    best, figure = ("best loss", units.loss) if found.regression else ("best val", units.percent)
    headings = ("", "run", "seed", "state", best, "at epoch", "test", "time")
    rows = [
        (
            side.letter,
            side.run.id,
            str(side.config.seed),
            f"{STATES.get(side.status, ' ')} {side.status}",
            figure(side.score),
            str(side.best.epoch) if side.best else units.UNKNOWN,
            (units.loss(side.test.mae) if side.regression else units.percent(side.test.accuracy)) if side.test else units.UNKNOWN,
            time(side.seconds or None),
        )
        for one in found.standings
        for side in sorted(one.sides, key=lambda side: side.config.seed)
    ]
    return Part("runs", headings, ("seed", best, "at epoch", "test", "time"), rows)


def differing(found: Comparison) -> Part:
    letters = found.letters
    rows = [(one.label, *one.words()) for one in found.differing]
    return Part(f"what differs; {found.same} settings are the same", ("setting", *letters), letters, rows)


def classes(found: Comparison) -> Part:
    letters = found.letters
    rows = [(row.name, *map(units.tenths, row.shares), units.tenths(row.spread)) for row in found.classes]
    return Part("classes found in %, at the best validation", ("class", *letters, "apart"), (*letters, "apart"), rows)


def _runs(found: Comparison, width: int) -> list[str]:
    part = runs(found)
    return [cut(part.title, width), *table(part.headings, part.rows, right=part.right, width=width)] if part.rows else []


def _differing(found: Comparison, width: int) -> list[str]:
    """A column a run; where these are too wide, each value with the runs that have it."""
    part = differing(found)
    if not part.rows:
        return [cut(f"no setting differs; {found.same} are the same", width)]
    drawn = table(part.headings, part.rows, right=part.right)
    if max(map(columns, drawn)) <= width:
        return [cut(part.title, width), *drawn]
    return [cut(part.title, width), *(line for row in part.rows for line in _listed(row, part.headings[1:], width))]


def _listed(row: Sequence[str], letters: Sequence[str], width: int) -> list[str]:
    """`rate: A and B 1e-3; C 1e-2`, wrapped."""
    held: dict[str, list[str]] = {}
    for letter, value in zip(letters, row[1:], strict=True):
        held.setdefault(value, []).append(letter)
    text = "; ".join(f"{names(those)} {value}" for value, those in held.items())
    return _wrap(f"{row[0]}: {text}", width)


def _diff(diff: PresetDiff, width: int) -> list[str]:
    """Of a preset that was edited: between different ones every line is another, and only JSON has them."""
    shown = [cut(units.plain(line.expandtabs(4)), width) for line in diff.lines[:MOST_DIFF]]
    more = len(diff.lines) - len(shown)
    rest = [f"… {more} more lines; --json has all"] if more else []
    return [cut(f"the preset file of {diff.before} and that of {names(diff.after)}", width), *shown, *rest]


def _classes(found: Comparison, width: int) -> list[str]:
    part = classes(found)
    if not part.rows:
        return []
    room = max(width - sum(max(len(one), 5) + len(GAP) for one in part.headings[1:]), 8)
    rows = [(cut(units.plain(name), room), *rest) for name, *rest in part.rows[:MOST_CLASSES]]
    more = len(part.rows) - len(rows)
    rest = [f"… {more} more classes, less apart; --json has all"] if more else []
    return [cut(part.title, width), *table(part.headings, rows, right=part.right, width=width), *rest]


def _fairness(found: Comparison, axis: str, width: int) -> list[str]:
    said = [f"! {remark.text}" for remark in found.remarks]
    return _wrapped("fairness", [*said, *_hint(found, axis)], width) if said else []


def _hint(found: Comparison, axis: str) -> list[str]:
    """How runs of unequal length are made equal."""
    amount = None if found.cut_at else found.shortest(axis)
    if amount is None or all(remark.kind != "budget" for remark in found.remarks):
        return []
    return [f"--by {axis} --cut compares them {cutting.words(axis, amount)}"]


def _wrapped(name: str, sentences: Iterable[str], width: int) -> list[str]:
    return [name, *(line for sentence in sentences for line in _wrap(sentence, width))]


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(units.plain(text), max(width, 20), initial_indent="  ", subsequent_indent="    ")
