"""Places below the charts where there are no pictures: at every size all within their room, none over another."""

from __future__ import annotations

from itertools import combinations

import pytest

from tui_trainer.app.below import Views, large
from tui_trainer.app.layout import Size, watching

SIZES = [(60, 18), (60, 24), (80, 24), (100, 30), (120, 36), (140, 44), (160, 50), (220, 70)]
VIEWS = [
    Views("curve"),
    Views("curve", parameters=2),
    Views("curve", parameters=20),
    Views(parameters=2),
    Views(parameters=20),
    Views(),
    Views("regions", 2),
    Views("regions", 4, 15),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("views", VIEWS)
def test_nothing_lies_over_another_and_all_is_on_the_screen(size: tuple[int, int], views: Views) -> None:
    room = Size(*size)
    for places in (watching(room, classes=10, layers=3, settings=10, views=views), large(views, room)):
        for name, one in places.items():
            assert 0 <= one.x <= one.right <= room.width, name
            assert 0 < one.y <= one.bottom <= room.bottom, name
            assert one.height > 0, name
        for (a, one), (b, other) in combinations(places.items(), 2):
            assert not one.overlaps(other), (a, b)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("views", VIEWS)
def test_both_charts_stay_and_the_first_view_has_a_place(size: tuple[int, int], views: Views) -> None:
    places = watching(Size(*size), classes=10, layers=3, settings=10, views=views)
    assert places["loss"].height >= 4
    assert places["accuracy"].height >= 5
    first = views.plane if size[1] >= 24 and views.plane else views.tables()[0].name
    assert first in places
    assert "mistakes" not in places


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
def test_curve_and_parameters_are_shown_together_with_the_last_steps(size: tuple[int, int]) -> None:
    places = watching(Size(*size), classes=0, layers=3, settings=10, views=Views("curve", parameters=2))
    assert {"curve", "parameters"} <= set(places)
    assert places["parameters"].height >= 8


def test_a_long_table_of_parameters_leaves_room_for_notes() -> None:
    places = watching(Size(120, 36), classes=0, layers=3, settings=10, views=Views("curve", parameters=20))
    assert places["notes"].height >= 4


def test_points_keep_their_classes_and_on_large_screens_their_matrix() -> None:
    views = Views("regions", 3)
    assert {"regions", "classes", "notes"} <= set(watching(Size(80, 24), classes=3, layers=3, settings=10, views=views))
    assert "confusion" in watching(Size(160, 50), classes=3, layers=3, settings=10, views=views)
