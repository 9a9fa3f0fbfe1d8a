"""The list of runs: those that a filter chooses, in the order of a column."""

from __future__ import annotations

import json

from tui_trainer import paths, units
from tui_trainer.console import record, tables
from tui_trainer.console.output import Output
from tui_trainer.console.resumable import PROGRAM
from tui_trainer.runs import columns, filters, store, trash


class Unclear(ValueError):
    """A filter or a column that means nothing: one sentence."""


def runs(text: str, sort: str | None, *, backwards: bool, as_json: bool) -> int:
    """Say which runs there are. Raises Unclear."""
    out, known = Output(), [store.summary(run) for run in store.everything()]
    chosen = filters.parse(text, columns.knobs(known))
    if problem := chosen.problem or chosen.unfinished:
        raise Unclear(problem)
    try:
        column = columns.find(sort) if sort else None
    except columns.ColumnError as wrong:
        raise Unclear(str(wrong)) from wrong
    found = [one for one in known if chosen.wanted(one)]
    if column is not None:
        found = columns.ordered(found, column, falling=column.falling != backwards)
    elif backwards:
        found.reverse()
    if as_json:
        out.line(json.dumps([record.summary_json(one) for one in found], indent=2, allow_nan=False))
    elif found:
        out.lines(tables.runs(found, out.width(), column))
    elif known:
        out.line(units.plain(f"none of {len(known)} run{'s' * (len(known) != 1)} fits {text}"))
    elif trash.everything():
        out.line(store.none())
    else:
        out.line(f"no runs yet; {PROGRAM} train cnn makes one, in {paths.short(paths.runs())}")
    return 0
