"""A curve in one row: where its dots lie, and what it does with what is no number."""

from __future__ import annotations

import math

import pytest

from tui_trainer.app.widgets.traced import traced


def test_it_falls_from_the_upper_left_to_the_lower_right() -> None:
    assert traced([8.0, 4.0, 2.0, 1.0], 2) == "⠑⢄"


def test_few_values_are_joined_and_many_fit() -> None:
    assert len(traced([3.0, 1.0], 12)) == 12
    assert len(traced([1.0 / (at + 1) for at in range(200)], 12)) == 12


@pytest.mark.parametrize(("share", "columns"), [(1.0, 12), (0.5, 6), (0.0, 1), (3.0, 12)])
def test_a_run_that_goes_on_has_only_its_share(share: float, columns: int) -> None:
    assert len(traced([3.0, 2.0, 1.0], 12, share=share)) == columns


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf, math.nan]])
def test_without_a_number_there_is_nothing(values: list[float]) -> None:
    assert traced(values, 12) == ""


@pytest.mark.parametrize("values", [[2.0], [2.0, 2.0], [0.0, 0.0], [1e-300, 1e300], [-1.0, 0.0, 5.0], [math.nan, 1.0, 2.0]])
def test_any_numbers_fill_their_columns(values: list[float]) -> None:
    assert len(traced(values, 6)) == 6


def test_letters_where_there_is_no_braille() -> None:
    assert traced([8.0, 4.0, 2.0, 1.0], 4, typed=True) == "^-._"
