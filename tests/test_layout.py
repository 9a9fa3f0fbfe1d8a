"""Where panels stand: never over each other, never outside, both charts always."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.geometry import Region
from textual.geometry import Size as Cells

from stage import staged
from tui_trainer.app.layout import SMALLEST, Places, Size, setting_up, watching
from tui_trainer.app.widgets.rows import Line, Rows, line

WIDTHS = (60, 61, 72, 80, 99, 100, 101, 120, 139, 140, 160, 200, 320)
HEIGHTS = (18, 19, 20, 21, 24, 29, 30, 31, 36, 43, 44, 50, 60, 100)
SIZES = [Size(width, height) for width in WIDTHS for height in HEIGHTS]


def check(size: Size, places: Places) -> None:
    room = Region(0, 1, size.width, size.height - 3)
    for name, place in places.items():
        assert place.width > 0, (size, name, place)
        assert place.height > 0, (size, name, place)
        assert room.contains_region(place), (size, name, place)
    for (one, first), (other, second) in combinations(places.items(), 2):
        assert not first.overlaps(second), (size, one, first, other, second)


@pytest.mark.parametrize("classes", [0, 2, 10, 16, 100])
@pytest.mark.parametrize(("layers", "settings"), [(2, 9), (7, 12), (40, 20)])
def test_panels_of_a_run_never_meet(classes: int, layers: int, settings: int) -> None:
    for size in SIZES:
        places = watching(size, classes=classes, layers=layers, settings=settings)
        check(size, places)
        assert places["loss"].height >= 4, size
        assert places["accuracy"].height >= 5, size
        assert places["loss"].x == places["accuracy"].x
        assert places["loss"].bottom == places["accuracy"].y


@pytest.mark.parametrize(("form", "layers", "shell"), [(20, 5, 2), (26, 9, 3), (40, 60, 6)])
def test_the_form_and_its_cards_never_meet(form: int, layers: int, shell: int) -> None:
    for size in SIZES:
        places = setting_up(size, form=form, layers=layers, shell=shell)
        check(size, places)
        assert {"form", "preflight"} <= places.keys()


def test_only_what_is_smaller_than_the_smallest_is_too_small() -> None:
    width, height = SMALLEST
    assert not Size(width, height).too_small
    assert Size(width - 1, height).too_small
    assert Size(width, height - 1).too_small


class Word(Rows):
    told: Cells | None = None

    @property
    def size(self) -> Cells:
        return self.told or super().size

    def lines(self, width: int, height: int) -> list[Line]:
        return [line(("word", self.ink.ink()), (" " * (width - 4), self.ink.ink()))]


@pytest.mark.parametrize("narrowed", [16, 3])
async def test_a_row_that_was_made_for_another_width_is_cut(narrowed: int) -> None:
    """Textual paints a widget in its new size before it says so."""
    word = Word()
    async with staged(word, 40, 1):
        assert word.render_line(0).cell_length == 40
        word.told = Cells(narrowed, 1)
        assert len(word.render_line(0).text) == narrowed
        word.told = Cells(60, 1)
        assert len(word.render_line(0).text) == 60
