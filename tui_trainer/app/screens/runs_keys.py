"""The keys of the table of runs: what each does, and which of them the footer offers when."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui_trainer.app.screens.tab import Keys
from tui_trainer.runs.store import Summary

BINDINGS: list[BindingType] = [
    Binding(
        "slash", "filter", "filter", key_display="/", tooltip="Show only some runs: lr>=1e-3 cifar10 status:finished", id="filter"
    ),
    Binding("space", "mark", "mark", tooltip="Mark this run, or not any more, to compare or delete several", id="mark"),
    Binding("M", "unmark", "no marks", tooltip="Take all marks away", id="unmark"),
    Binding("c", "compare", "compare", tooltip="Curves, settings and results of the marked runs side by side", id="compare"),
    Binding("s", "sort(1)", "sort", tooltip="Sort by the next column, also by those not in sight", id="sort"),
    Binding("S", "turn", "turn round", tooltip="Turn the order round", id="turn"),
    Binding("left,h", "beside(-1)", "sort", key_display="←", tooltip="Sort by the column at the left", id="sort-left"),
    Binding("right,l", "beside(1)", "sort", key_display="→", tooltip="Sort by the column at the right", id="sort-right"),
    Binding("g", "resume", "resume", tooltip="Go on with this run in this app, from where it was saved", id="resume"),
    Binding("r", "again", "run again", tooltip="Fill the form with what this run was given", id="again"),
    Binding("N", "label('name')", "name", tooltip="Call this run something", id="rename"),
    Binding("n", "label('note')", "note", tooltip="Write down a word on this run", id="note"),
    Binding("D", "delete", "delete", tooltip="Move this run, or all marked ones, to the trash; asks first", id="delete"),
    Binding("u", "undo", "undo", tooltip="Bring back what was deleted last", id="undo"),
]

ORDER = ("age", "best", "loss", "test", "time", "rate", "preset", "dataset", "optimizer", "batch", "parameters", "epochs", "speed")
"""The columns that `s` goes through first."""

IN_THE_FILTER: Keys = [("Enter", "to the table"), ("Esc", "clear"), ("F1", "help")]


def in_the_table(one: Summary | None, *, marked: int, undo: bool, read_only: bool, narrow: bool, ours: bool = False) -> Keys:
    """`one` is the run under the cursor, which this app trains if it is `ours`; `undo`: something was deleted here a moment ago."""
    back = [("u", "undo")] if undo else []
    if one is None:
        return [*back, ("/", "filter"), ("Esc", "back"), ("?", "help")]
    look = "open" if ours or not one.alive else "watch" if read_only else "attach"
    compare = [("c", "compare")] if marked > 1 else []
    again = ("r", "run again") if one.status in {"finished", "new"} else ("g", "resume")
    left = [] if narrow else [("n", "note")] if one.alive else [again]
    last = back or ([("D", "delete")] if not one.alive and not compare else [])
    act = [] if read_only else [*left, *last]
    take = [] if narrow else [("E", "export")]
    return [("space", "mark"), *compare, ("Enter", look), ("s", "sort"), ("/", "filter"), *act, *take, ("?", "help")]
