"""Lines that are told apart without colour."""

from __future__ import annotations

import pytest

from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.scale import linear_scale
from tui_trainer.app.widgets.strokes import RHYTHMS, draw_stroke, rhythm, sample

ROWS = 4


def drawn(line: list[tuple[int, float]], letter: str = "A") -> str:
    """One character a column: how many dots it has there."""
    grid = Grid(20, ROWS, ("train",))
    draw_stroke(grid, line, linear_scale(0.0, 1.0, ROWS), 1, rhythm(letter))
    columns = ["".join(str(grid.dots[row * 20 + at].bit_count()) for row in range(ROWS)) for at in range(20)]
    return "".join(str(sum(map(int, column))) for column in columns)


def test_every_letter_has_its_own_rhythm_and_sample() -> None:
    assert len(set(RHYTHMS)) == 8
    assert len({sample(letter) for letter in "ABCE"}) == 4
    assert rhythm("A") == rhythm("I")


def test_flat_lines_of_the_same_length_differ_in_their_dots() -> None:
    lines = [drawn([(0, 0.5), (39, 0.5)], letter) for letter in "ABCDEFGH"]
    assert len(set(lines)) == 8
    assert lines[0] == "2" * 20


@pytest.mark.parametrize("letter", ["A", "B", "H"])
def test_the_ends_are_always_drawn(letter: str) -> None:
    line = drawn([(0, 0.5), (38, 0.5)], letter)
    assert line[0] != "0"
    assert line[19] != "0"


def test_a_single_validation_is_seen() -> None:
    assert sum(map(int, drawn([(10, 0.5)]))) == 9
