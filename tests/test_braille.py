"""The grid of dots: one layer's dots a cell, upper layers first."""

from __future__ import annotations

from tui_trainer.app.widgets.braille import Grid


def text(grid: Grid, row: int = 0, blank: str = " ") -> str:
    return "".join(part for part, _, _ in grid.runs(row, blank))


def test_each_dot_of_a_cell_has_its_own_bit() -> None:
    seen = set()
    for x in range(2):
        for y in range(4):
            grid = Grid(1, 1, ("low",))
            grid.dot(x, y, 1)
            seen.add(text(grid))
    assert len(seen) == 8
    full = Grid(1, 1, ("low",))
    for x in range(2):
        for y in range(4):
            full.dot(x, y, 1)
    assert text(full) == "⣿"


def test_the_upper_layer_replaces_the_lower_ones_dots_in_its_cell_in_any_order() -> None:
    for order in ((1, 2), (2, 1)):
        grid = Grid(2, 1, ("low", "high"))
        for layer in order:
            grid.dot(0, layer, layer)
        grid.dot(2, 0, 1)
        assert grid.runs(0) == [("⠄", "high", False), ("⠁", "low", False)]


def test_a_line_is_whole_from_end_to_end() -> None:
    grid = Grid(10, 5, ("low",))
    grid.line(0, 0, 19, 19, 1)
    assert sum(dots.bit_count() for dots in grid.dots) == 20
    steep = Grid(2, 5, ("low",))
    steep.line(0, 19, 1, 0, 1)
    assert sum(dots.bit_count() for dots in steep.dots) == 20


def test_dots_outside_are_dropped() -> None:
    grid = Grid(2, 1, ("low",))
    grid.blob(0, 0, 1)
    grid.blob(50, 50, 1)
    grid.dot(-1, -1, 1)
    assert sum(dots.bit_count() for dots in grid.dots) == 4


def test_equal_neighbours_are_one_run_and_blanks_stand_where_nothing_is() -> None:
    grid = Grid(6, 1, ("low",))
    grid.dot(4, 0, 1)
    grid.dot(6, 0, 1)
    assert [colour for _, colour, _ in grid.runs(0)] == ["", "low", ""]
    assert text(grid, blank="─") == "──⠁⠁──"


def test_a_glyph_stands_over_dots_and_a_tint_under_them() -> None:
    grid = Grid(3, 1, ("low",))
    grid.dot(0, 0, 1)
    grid.tinted[0] = 1
    grid.glyph(1, 0, "★!?", "best")
    assert grid.runs(0, "─") == [("⠁", "low", True), ("★!", "best", False)]
    assert not grid.free(1, 0)


def test_a_copy_is_its_own() -> None:
    grid = Grid(1, 1, ("low",))
    twin = grid.copy()
    twin.dot(0, 0, 1)
    assert text(grid) == " "
    assert text(twin) == "⠁"
