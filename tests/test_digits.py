"""Figures of dots: every sign in every size, and what fits where."""

from __future__ import annotations

import pytest

from tui_trainer.app.widgets import digits


def test_figures_of_the_usual_size_are_two_columns_a_dot() -> None:
    assert digits.digits("1:7", 2) == [
        "  ██        ██████",
        "████    ██      ██",
        "  ██            ██",
        "  ██    ██      ██",
        "██████          ██",
    ]


def test_the_smallest_takes_three_rows_and_the_next_but_one_halves_of_them() -> None:
    assert digits.digits("71", 1) == ["▀▀█ ▄█ ", "  █  █ ", "  ▀ ▀▀▀"]
    assert [digits.rows(size) for size in (1, 2, 3, 4)] == [3, 5, 8, 10]


def test_typed_figures_are_of_strokes() -> None:
    assert digits.digits("2.8", 1, typed=True) == [" _     _ ", " _|   |_|", "|_  . |_|"]
    assert digits.digits("2", 2, typed=True) == digits.digits("2", 2)


@pytest.mark.parametrize("sign", digits.FONT)
def test_every_sign_is_as_wide_as_is_said_in_every_size(sign: str) -> None:
    for size in (1, 2, 3, 4):
        rows = digits.digits(sign + "8", size)
        assert len(rows) == digits.rows(size)
        assert {len(row) for row in rows} == {digits.columns(sign + "8", size)}
    assert {len(row) for row in digits.digits(sign, 1, typed=True)} == {digits.columns(sign, 1)}


def test_all_digits_differ_in_every_size() -> None:
    for size, typed in ((1, False), (1, True), (2, False), (3, False)):
        assert len({tuple(digits.digits(one, size, typed=typed)) for one in "0123456789.:-e?"}) == 15


def test_the_largest_that_fits() -> None:
    assert digits.columns("71.8", 2) == 26
    assert digits.largest("71.8", 26, 5) == 2
    assert digits.largest("71.8", 25, 5) == 1
    assert digits.largest("71.8", 100, 4) == 1
    assert digits.largest("71.8", 100, 9, most=2) == 2
    assert digits.largest("71.8", 5, 9) == 0
