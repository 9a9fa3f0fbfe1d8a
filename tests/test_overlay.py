"""The curves of several settings over each other, as they stand on the screen."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult

from tui_trainer.app import palette
from tui_trainer.app.widgets.frame import GUTTER
from tui_trainer.app.widgets.overlay import OverlayChart, OverlayView
from tui_trainer.app.widgets.overlay_curves import Stroke
from tui_trainer.app.widgets.strokes import COLOURS


class Alone(App[None]):
    CSS = "OverlayChart { height: 16; }"

    def __init__(self, depth: str) -> None:
        super().__init__()
        self.palette = palette.choose(depth=depth)

    def compose(self) -> ComposeResult:
        chart = OverlayChart()
        chart.can_focus = False
        yield chart


@asynccontextmanager
async def chart(view: OverlayView, depth: str = "full", width: int = 100) -> AsyncIterator[OverlayChart]:
    app = Alone(depth)
    async with app.run_test(size=(width, 16)) as pilot:
        await pilot.pause()
        found = app.query_one(OverlayChart)
        found.show(view)
        yield found


def stroke(letter: str, top: float, until: float = 100.0, *, band: bool = False) -> Stroke:
    points = tuple((until * at / 20, top * (1 - math.exp(-at / 5))) for at in range(1, 21))
    around = tuple((x, y - 0.08, y + 0.08) for x, y in points) if band else ()
    return Stroke(letter, f"net {letter.lower()}", COLOURS["ABCD".index(letter)], points, around)


def rows(found: OverlayChart) -> list[str]:
    return ["".join(part.text for part in line) for line in found._lines]


def coloured(found: OverlayChart, colour: str) -> set[tuple[int, int]]:
    """(column, row) of the cells that show something in this colour."""
    wanted, cells = found.ink.ink(colour).color, set()
    for y, line in enumerate(found._lines[1:]):
        x = 0
        for part in line:
            if part.style is not None and part.style.color == wanted:
                cells |= {(x + at, y) for at, sign in enumerate(part.text) if sign.strip()}
            x += len(part.text)
    return cells


def tinted(found: OverlayChart) -> int:
    ground = found.ink.ink().bgcolor
    return sum(len(part.text) for line in found._lines for part in line if part.style and part.style.bgcolor != ground)


FOUR = tuple(stroke(letter, 0.5 + at / 10) for at, letter in enumerate("ABCD"))


async def test_every_curve_has_its_colour_and_its_name_at_the_end_and_none_hides_another() -> None:
    async with chart(OverlayView(FOUR, axis="seconds", asides=("far too long a sentence " * 9, "x: seconds"))) as found:
        text = rows(found)
        for one in FOUR:
            label = f"{one.letter} {one.name}"
            row = next(line for line in text if label in line)
            assert row.index(label) > 70
            assert len(coloured(found, one.colour)) > 30
        assert "x: seconds" in text[0]
        assert "50 %" in "".join(text)
        assert text[-1].split()[:2] == ["s", "0"]
        assert tinted(found) == 0
        alone = OverlayView(FOUR[:1], axis="seconds", reach=100.0)
        found.show(alone)
        assert not coloured(found, "val")


async def test_a_curve_that_is_shorter_ends_where_it_ends_on_the_common_axis() -> None:
    short = OverlayView((stroke("A", 0.8), stroke("B", 0.6, until=25.0)), axis="seconds")
    async with chart(short) as found:
        curve = {x for x, y in coloured(found, "val") if rows(found)[y + 1][x] >= "⠀"}
        long = {x for x, y in coloured(found, "train") if rows(found)[y + 1][x] >= "⠀"}
        assert abs((max(curve) - GUTTER) / (max(long) - GUTTER) - 0.25) < 0.02


async def test_the_band_is_that_of_the_uppermost_curve_and_a_texture_where_there_are_no_tints() -> None:
    view = OverlayView((stroke("A", 0.8), stroke("B", 0.6, band=True)))
    async with chart(view) as found:
        assert tinted(found) > 20
    async with chart(view, depth="16") as found:
        assert tinted(found) == 0
        assert len(coloured(found, "band")) > 20


async def test_without_colour_letters_stand_along_the_curves_and_where_there_are_none_it_says_why() -> None:
    async with chart(OverlayView(FOUR), depth="none") as found:
        text = "".join(rows(found)[1:])
        assert all(text.count(letter) >= 2 for letter in "ABCD")
        found.show(OverlayView(empty=("no validation yet", "the first comes soon")))
        assert any("no validation yet" in line for line in rows(found))
        assert not any("net a" in line for line in rows(found))
