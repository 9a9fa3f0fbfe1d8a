"""Labels at the ends of curves."""

from __future__ import annotations

from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.end_labels import EndLabel, place


def texts(grid: Grid) -> list[str]:
    return ["".join(text for text, _, _ in grid.runs(row)).rstrip() for row in range(grid.rows)]


def test_a_label_stands_right_of_the_end() -> None:
    grid = Grid(20, 3, ("train",))
    place(grid, [EndLabel(5, 1, ("A cnn", "A"), "train")])
    assert texts(grid) == ["", "       A cnn", ""]


def test_labels_that_would_meet_stand_in_rows_of_their_own() -> None:
    grid = Grid(20, 5, ("train", "val"))
    place(grid, [EndLabel(5, 2, (f"{letter} cnn", letter), "train") for letter in "ABC"])
    rows = texts(grid)
    assert sorted(row.strip() for row in rows if row) == ["A cnn", "B cnn", "C cnn"]
    assert rows[2].strip() == "A cnn"


def test_a_label_moves_rather_than_hide_a_curve() -> None:
    grid = Grid(20, 3, ("train", "val"))
    for x in range(40):
        grid.dot(x, 6, 2)
    before = [*grid.dots]
    place(grid, [EndLabel(5, 1, ("A cnn", "A"), "train")])
    assert grid.dots == before
    assert "A cnn" in texts(grid)[0]
    assert not grid.glyphs.keys() & {20 + column for column in range(20)}


def test_where_the_name_has_no_room_the_letter_stands_alone_and_where_that_has_none_nothing_is_hidden() -> None:
    grid = Grid(9, 1, ("train",))
    place(grid, [EndLabel(4, 0, ("A convnet", "A"), "train")])
    assert texts(grid) == ["      A"]
    full = Grid(9, 1, ("train",))
    for x in range(18):
        full.dot(x, 1, 1)
    place(full, [EndLabel(4, 0, ("A cnn", "A"), "train")])
    assert full.glyphs == {}
