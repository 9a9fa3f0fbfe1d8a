"""The trail of parameters: what is kept, what changed, and values that go to and fro."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import fitted
from tui_trainer.runs.trail import MOST, Trail, flipping, pairs


def kept(*values: float, start: int = 1, apart: int = 1) -> Trail:
    trail = Trail()
    for at, value in enumerate(values):
        trail.keep(fitted.parameters(start + apart * at, (value, 1.0), (0.5, 0.0), ("a", "b")))
    return trail


def test_the_newest_moments_are_kept_in_bounded_room() -> None:
    trail = kept(*map(float, range(MOST + 50)))
    assert len(trail) == MOST
    assert trail.values(0) == [float(value) for value in range(50, MOST + 50)]
    assert trail.now is not None
    assert trail.now == (MOST + 50, (MOST + 49.0, 1.0), (0.5, 0.0))


def test_the_change_is_that_since_the_moment_before() -> None:
    assert kept(0.2).change(0) is None
    trail = kept(0.2, 0.36)
    assert trail.change(0) == pytest.approx(0.16)
    assert trail.change(1) == 0.0


def test_a_step_that_is_looked_at_again_replaces_what_came_after_it() -> None:
    trail = kept(1.0, 2.0, 3.0)
    trail.keep(fitted.parameters(2, (9.0, 1.0), (0.0, 0.0), ("a", "b")))
    assert trail.values(0) == [1.0, 9.0]


def test_other_names_are_another_net() -> None:
    trail = kept(1.0, 2.0)
    trail.keep(fitted.parameters(3, (5.0,), (0.0,), ("c",)))
    assert trail.names == ("c",)
    assert trail.values(0) == [5.0]


def test_a_flip_between_two_values_is_noticed() -> None:
    trail = kept(0.5, *[0.94, 1.04] * 3)
    assert trail.flips(0)
    assert not trail.flips(1)


def test_a_flip_is_not_claimed_where_steps_were_not_looked_at() -> None:
    assert not kept(*[0.94, 1.04] * 3, apart=2).flips(0)


@pytest.mark.parametrize(
    ("values", "flips"),
    [
        ([0.2, 0.36, 0.488, 0.5904, 0.6723, 0.7379], False),
        ([1.0] * 8, False),
        ([1.0, 2.0] * 2, False),  # too few to tell
        ([1.0, 2.0] * 3, True),
        ([1.0, -1.0, 0.8, -0.8, 0.64, -0.64], False),  # swings that die away
        ([1.0, 2.0, 1.0, math.nan, 1.0, 2.0], False),
    ],
)
def test_what_counts_as_flipping(values: list[float], flips: bool) -> None:
    assert flipping(values) is flips


def test_points_of_a_probe_leave_out_what_is_not_finite() -> None:
    probed = fitted.curve(1, 1.0)
    broken = replace(probed, facts={"x": (0.0, 1.0, 2.0), "predicted": (0.0, math.nan, 2.0, 3.0)})
    assert pairs(broken, "x", "predicted") == [(0.0, 0.0), (2.0, 2.0)]
    assert pairs(broken, "x", "nothing") == []
