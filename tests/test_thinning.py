"""Curves of any length as two dozen values: first and last are there, and it grows in bounds."""

from __future__ import annotations

import math
from dataclasses import asdict
from itertools import pairwise

import pytest

from tui_trainer.thinning import MOST, Thin, thinned


@pytest.mark.parametrize("count", [0, 1, 2, 5, MOST - 1, MOST, MOST + 1, 100, 10_000])
def test_it_keeps_the_first_the_last_and_evenly_what_lies_between(count: int) -> None:
    values = [float(at) for at in range(1, count + 1)]
    curve, grown = Thin(), thinned(values)
    for value in values:
        curve.add(value)
    for found in (curve.values(), grown):
        assert len(found) <= MOST
        assert list(found) == sorted(found)
        assert len(found) == min(count, MOST)
        if count:
            assert found[0] == 1
            assert found[-1] == pytest.approx(count, rel=5e-3)
    assert len(curve.kept) <= 4 * MOST
    steps = [b - a for a, b in pairwise(grown)]
    assert not steps or max(steps) - min(steps) <= max(1.0, 0.02 * count)


def test_three_digits_stay_and_what_is_not_finite_goes() -> None:
    assert thinned([2.30258509, math.nan, 0.000123456, math.inf, 1234.5]) == (2.3, 0.000123, 1230.0)


def test_it_goes_on_from_its_own_values() -> None:
    whole, half = Thin(), Thin()
    for value in range(500):
        whole.add(float(value))
    for value in range(230):
        half.add(float(value))
    again = Thin(**asdict(half))
    for value in range(230, 500):
        again.add(float(value))
    assert again == whole
    assert Thin(**asdict(Thin())) == Thin()
