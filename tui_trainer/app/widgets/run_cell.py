"""One cell of the table of runs, in its colours: a state with its glyph, a curve, the best of its dataset with a star."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rich.style import Style

from tui_trainer import units
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.run_columns import BY_NAME, CURVE
from tui_trainer.app.widgets.traced import traced

if TYPE_CHECKING:
    from tui_trainer.runs.store import Summary

EDGE = 3
"""Columns before the first one: the cursor's bar, the mark, and room."""

GLYPHS = {
    "running": ("●", "train"),
    "paused": ("‖", "warn"),
    "finished": ("✓", "best"),
    "stopped": ("■", "dim"),
    "abandoned": ("■", "dim"),
    "diverged": ("✕", "worse"),
    "failed": ("✕", "worse"),
    "lost": ("!", "warn"),
    "new": ("○", "dim"),
}
QUIET = frozenset({"age", "seed", "process", "machine", "note"})
"""Columns that are looked for only now and then."""


def edge(ink: Palette, *, here: bool, marked: bool) -> Line:
    """`▌▪ `: whether the cursor is on the row, and whether it is marked."""
    on = "lift" if here else None
    you = ink.ink("you" if ink.tints or not here else "bright", on=on)
    return line(("▌" if here else " ", you), ("▪" if marked else " ", you), (" ", ink.ink(on=on)))


def cell(
    ink: Palette,
    one: Summary,
    name: str,
    texts: Mapping[str, str],
    width: int,
    gap: int,
    *,
    here: bool,
    leads: bool,
    typed: bool,
) -> Line:
    """What a run has in a column, in exactly `width + gap` columns. `leads`: it is the best on its dataset; `typed`: in letters."""
    on = "lift" if here else None

    def inked(colour: str, *, bold: bool = False) -> Style:
        """In colour on the cursor row only where there are tints: 16 colours cannot all be read on bright black."""
        return ink.ink(colour if ink.tints or not here else "bright", bold=bold, on=on)

    if name == CURVE:
        return _curve(one, width, gap, inked, typed=typed)
    text, right = texts.get(name, ""), BY_NAME[name].right
    if name == "status":
        glyph, colour = GLYPHS.get(one.status, ("·", "dim"))
        word = inked("dim" if one.status == "finished" and not here else "text")
        return line((glyph, inked(colour)), (padded(f" {text}", width - 1) + " " * gap, word))
    if name == "best":
        style = inked("best" if leads else "text", bold=leads or here)
        return line((padded(text, width - 1, right=True) + (" ★" if leads else "  ").ljust(gap + 1), style))
    bold = here and name in {"run", "preset", "name"}
    colour = "dim" if text == units.UNKNOWN or name in QUIET else "bright" if bold else "text"
    if name == "rate" and one.status == "diverged":
        colour = "worse"
    return line((padded(text, width, right=right) + " " * gap, inked(colour, bold=bold)))


def _curve(one: Summary, width: int, gap: int, inked: Callable[[str], Style], *, typed: bool) -> Line:
    """Its line, over the share of the plan that is done; a run that diverged ends in its cross."""
    broken = one.status in {"diverged", "failed"}
    text = traced(one.curve, width - 2 * broken, share=_share(one), typed=typed)
    colour = "worse" if broken else "train" if one.alive else "dim"
    end = (" ✕" if text else "✕") if broken else "" if text else units.UNKNOWN
    return line((text + end, inked(colour if text or broken else "dim")), (" " * (width + gap - len(text + end)), inked("text")))


def _share(one: Summary) -> float:
    """The part of its plan that a run has done."""
    unit, planned = one.config.budget
    done = {"epochs": one.epochs, "steps": one.steps, "seconds": one.seconds}[unit]
    return 1.0 if one.status == "finished" or not planned else min(done / planned, 1.0)
