"""Where the panels of Compare stand."""

from __future__ import annotations

import pytest

from tui_trainer.app.compare_layout import faces, places
from tui_trainer.app.layout import Size

SIZES = [(60, 18), (80, 24), (99, 40), (100, 30), (120, 36), (140, 44), (160, 50), (240, 80)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("settings", [2, 4, 8, 30])
def test_no_panel_lies_on_another_or_outside(size: tuple[int, int], settings: int) -> None:
    of = Size(*size)
    for face in faces(of):
        found = places(of, face, settings, 9)
        taken: set[tuple[int, int]] = set()
        for place in found.values():
            assert place.height >= 2
            assert place.width >= 20
            assert place.x >= 0
            assert place.right <= of.width
            assert of.top <= place.y
            assert place.bottom <= of.bottom
            cells = {(x, y) for x in range(place.x, place.right) for y in range(place.y, place.bottom)}
            assert not cells & taken
            taken |= cells


def test_the_leaderboard_is_in_sight_on_every_face_and_the_words_wherever_they_have_room() -> None:
    assert faces(Size(160, 50)) == ("curves",)
    assert set(places(Size(160, 50), "curves", 4, 6)) == {
        *("curves", "time", "parameters", "board", "differs", "verdict", "classes"),
    }
    assert set(places(Size(120, 36), "costs", 4, 6)) == {"time", "parameters", "board", "differs", "verdict"}
    assert set(places(Size(80, 24), "curves", 4, 6)) == {"curves", "board"}
    assert set(places(Size(80, 24), "words", 4, 6)) == {"differs", "verdict", "board"}


def test_the_curves_keep_their_room_however_many_settings_there_are() -> None:
    assert places(Size(120, 36), "curves", 30, 20)["curves"].height >= 12
    assert places(Size(120, 36), "curves", 4, 5)["curves"].height >= 16
