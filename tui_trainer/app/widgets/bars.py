"""The small marks that panels are made of: thin bars, padded names and lines with two ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from tui_trainer import units
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.rows import Line, clipped, line, width_of


def bar(ink: Palette, share: float, width: int, colour: str, *, track: str | None = "line", on: str | None = None) -> Line:
    """A share from 0 to 1 as `━━╸───`, exactly `width` columns; `track` None leaves the rest empty."""
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    rest = width - len(done)
    spans: Line = [Segment(done, ink.ink(colour, on=on))] if done else []
    if rest > 0:
        spans.append(Segment(("─" if track else " ") * rest, ink.ink(track or "line", on=on)))
    return spans


def shade(ink: Palette, colour: str) -> str:
    """A colour a little nearer the ground, for long bars; itself where there are no tints."""
    return ink.mixed(colour, 0.85) if ink.tints else colour


def clear(ink: Palette, *, on: str | None = None) -> Style:
    """The bright colour at regular weight: figures that matter among their like."""
    return ink.ink(ink.hex("bright"), on=on)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A name from data or a file in exactly `width` columns: shortened or filled, and never obeyed."""
    kept = clipped(units.plain(text), width)
    room = " " * (width - cell_len(kept))
    return room + kept if right else kept + room


@lru_cache(maxsize=16)
def told_apart(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    """The names, without the words that all begin with where cutting to `width` columns would make several look the same."""
    shown = [units.plain(name) for name in names]
    if len({name[: width - 1] if cell_len(name) > width else name for name in shown}) == len(set(shown)):
        return names
    first, last = min(shown), max(shown)  # what these two share, all do
    shared = first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
    at = next((at for at in range(len(shared), 0, -1) if not shared[at - 1].isalnum()), len(shared))
    rests = [name[at:] for name in shown]
    if not at or not all(rests):
        return names
    dots = "…" if max(map(cell_len, rests)) < width else ""
    return tuple(dots + rest for rest in rests)


def sides(left: Sequence[Segment], right: Sequence[Segment], width: int, fill: Style) -> Line:
    """`left` and `right` at the two ends of `width` columns."""
    room = width - width_of(left) - width_of(right)
    return [*left, *line((" " * max(room, 0), fill)), *right]
