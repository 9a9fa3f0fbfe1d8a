"""The learning rate over a run."""

from __future__ import annotations

import pytest

from tui_trainer.schedules import SCHEDULES, factor


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_factor_is_never_above_one_nor_below_zero(name: str) -> None:
    factors = [factor(name, part / 1000) for part in range(-100, 1101)]
    assert all(0 <= one <= 1 for one in factors)
    assert max(factors) == pytest.approx(1)


@pytest.mark.parametrize("name", SCHEDULES)
def test_before_the_start_and_after_the_end_it_is_held(name: str) -> None:
    assert factor(name, -1) == factor(name, 0)
    assert factor(name, 2) == factor(name, 1)


def test_the_shapes() -> None:
    assert [factor("constant", part) for part in (0, 0.5, 1)] == [1, 1, 1]
    assert [factor("cosine", part) for part in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])
    assert [factor("linear", part) for part in (0, 0.05, 0.525, 1)] == pytest.approx([0.1, 1, 0.5, 0])
    assert [factor("step", part) for part in (0, 0.49, 0.5, 0.74, 0.75, 1)] == [1, 1, 0.1, 0.1, 0.01, 0.01]
    assert [factor("one-cycle", part) for part in (0, 0.3, 1)] == pytest.approx([1 / 25, 1, 1e-4])


def test_one_cycle_rises_and_then_falls() -> None:
    factors = [factor("one-cycle", part / 100) for part in range(101)]
    assert factors[:31] == sorted(factors[:31])
    assert factors[30:] == sorted(factors[30:], reverse=True)
