"""Tests of noise in plain Python, beside those of scipy."""

from __future__ import annotations

import random

import pytest

from tui_trainer.runs import noise


def test_welch_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    chance = random.Random(0)
    for _ in range(50):
        one = [chance.gauss(0.8, 0.01) for _ in range(chance.randint(2, 8))]
        other = [chance.gauss(0.81, 0.03) for _ in range(chance.randint(2, 8))]
        found, right = noise.welch(one, other), stats.ttest_ind(one, other, equal_var=False)
        assert found is not None
        assert (found.statistic, found.p) == pytest.approx((right.statistic, right.pvalue), rel=1e-9)
        assert found.degrees == pytest.approx(right.df, rel=1e-9)


def test_the_incomplete_beta_function_is_that_of_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    for a in (0.5, 1.0, 2.5, 40.0, 3000.0):
        for b in (0.5, 1.0, 7.0, 200.0):
            for x in (0.0, 1e-9, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0):
                assert noise.incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-14)
    assert noise.student(1.0, 1.0) == pytest.approx(0.5)


def test_tests_that_cannot_be_made_are_none() -> None:
    assert noise.welch([0.5], [0.5, 0.6]) is None
    assert noise.welch([0.5, 0.5], [0.6, 0.6]) is None
    assert noise.proportions(1.0, 1.0, (10, 10)) is None
    assert noise.proportions(0.5, 0.6, (0, 10)) is None
    found = noise.proportions(1.0, 0.0, (10, 10))
    assert found is not None
    assert found.significant
