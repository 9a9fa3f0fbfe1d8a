"""Numbers of threads on trial, against a machine that is simulated: quiet, with neighbours, noisy, slow."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tui_trainer.engine.governor import Governor, ladder
from tui_trainer.events import ThreadsChanged

Pace = Callable[[int, float], float]
"""Seconds of a step, by the number of threads and the time."""

BATCH = 32


class Machine:
    """A run on a machine with this pace; counts the steps and the time at each number of threads."""

    def __init__(self, pace: Pace, threads: int = 1, cores: int = 2) -> None:
        self.pace, self.now, self.threads, self.step = pace, 0.0, threads, 0
        self.spent: dict[int, float] = {}
        self.changes: list[ThreadsChanged] = []
        self.governor = Governor(threads, ladder(threads, cores), lambda: self.now, self.use)

    def use(self, threads: int) -> None:
        self.threads = threads

    def run(self, seconds: float) -> int:
        """Steps in that time."""
        before, until = self.step, self.now + seconds
        while self.now < until:
            took = self.pace(self.threads, self.now)
            self.now += took
            self.spent[self.threads] = self.spent.get(self.threads, 0.0) + took
            self.step += 1
            if changed := self.governor.turn(self.step, BATCH):
                self.changes.append(changed)
        return self.step - before


def fixed(pace: Pace, threads: int, seconds: float) -> int:
    """Steps in that time with a number that stays."""
    now, steps = 0.0, 0
    while now < seconds:
        now += pace(threads, now)
        steps += 1
    return steps


def quiet(threads: int, now: float) -> float:
    return 0.010 if threads == 1 else 0.007


def busy(threads: int, now: float) -> float:
    return 0.010 if threads == 1 else 0.028


def visited(threads: int, now: float) -> float:
    """A neighbour comes after 30 seconds and leaves after 60."""
    return (busy if 30 <= now < 60 else quiet)(threads, now)


def noisy(pace: Pace, seed: int = 0) -> Pace:
    """Every step a fifth longer or shorter, and every twentieth four times as long."""
    drawn = random.Random(seed)
    return lambda threads, now: pace(threads, now) * drawn.uniform(0.8, 1.2) * (4 if drawn.random() < 0.05 else 1)


@pytest.mark.parametrize("begin", [1, 2])
@pytest.mark.parametrize(
    "pace", [quiet, busy, visited, lambda threads, now: 40 * quiet(threads, now), lambda threads, now: 40 * busy(threads, now)]
)
def test_it_is_never_far_from_the_best_number(pace: Pace, begin: int) -> None:
    seconds = 120.0
    best = max(fixed(pace, threads, seconds) for threads in (1, 2))
    assert Machine(pace, begin).run(seconds) >= 0.95 * best


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pace", [quiet, busy, visited])
def test_noise_does_not_mislead_it(pace: Pace, seed: int) -> None:
    best = max(fixed(noisy(pace, seed), threads, 120.0) for threads in (1, 2))
    machine = Machine(noisy(pace, seed))
    assert machine.run(120.0) >= 0.92 * best
    assert len(machine.changes) <= 12


def test_equal_numbers_are_not_exchanged_for_each_other() -> None:
    machine = Machine(noisy(lambda threads, now: 0.01))
    machine.run(300.0)
    assert len(machine.changes) <= 6


def test_each_change_is_said_with_what_was_measured() -> None:
    machine = Machine(quiet)
    machine.run(5.0)
    (change,) = machine.changes
    assert (change.old, change.new) == (1, 2)
    assert change.samples_per_second == pytest.approx(BATCH / 0.007)
    assert 0 < change.step < 60
    assert 0 < change.seconds < 1
    assert machine.threads == machine.governor.threads == 2


def test_it_follows_a_neighbour_within_seconds() -> None:
    machine = Machine(visited)
    machine.run(90.0)
    assert [(change.old, change.new) for change in machine.changes] == [(1, 2), (2, 1), (1, 2)]
    _, came, left = (change.seconds for change in machine.changes)
    assert 30 < came < 32
    assert 60 < left < 70


@pytest.mark.parametrize(("pace", "other"), [(quiet, 1), (busy, 2)])
def test_trials_cost_little(pace: Pace, other: int) -> None:
    machine = Machine(pace, 3 - other)
    machine.run(300.0)
    assert 0 < machine.spent[other] < 0.02 * 300
    assert not machine.changes


def test_slow_steps_are_tried_one_by_one_and_seldom() -> None:
    machine = Machine(lambda threads, now: 5.0 if threads == 1 else 9.0)
    machine.run(3600.0)
    assert 0 < machine.spent[2] < 0.025 * 3600
    assert not machine.changes


def test_many_cores_are_climbed_in_both_directions() -> None:
    machine = Machine(lambda threads, now: 0.08 / threads + 0.002 * threads, threads=15, cores=16)
    machine.run(60.0)
    assert machine.threads == 8
    machine.pace = lambda threads, now: 0.16 / threads
    machine.run(60.0)
    assert machine.threads >= 15


def test_what_is_no_step_is_not_timed() -> None:
    machine = Machine(lambda threads, now: 0.01)
    for _ in range(200):
        machine.run(0.3)
        machine.governor.rest()
        assert machine.threads == machine.governor.threads, "an evaluation runs with the number of the run"
        machine.now += 60.0
    assert not machine.changes


def test_a_trial_that_was_broken_off_begins_anew() -> None:
    machine = Machine(quiet)
    while machine.threads == 1:
        machine.run(0.005)
    machine.run(0.03)
    machine.governor.rest()
    assert machine.threads == 1
    machine.run(2.0)
    assert machine.threads == 2


def test_with_one_number_nothing_is_timed() -> None:
    machine = Machine(quiet, threads=1, cores=1)
    machine.governor = Governor(1, (1,), pytest.fail, machine.use)
    machine.run(10.0)
    assert machine.spent.keys() == {1}


@pytest.mark.parametrize(
    ("threads", "cores", "numbers"),
    [
        (1, 1, (1,)),
        (1, 2, (1, 2)),
        (3, 4, (1, 2, 3, 4)),
        (15, 16, (1, 2, 4, 8, 15, 16)),
        (16, 96, (1, 2, 4, 8, 16, 32, 64, 95, 96)),
    ],
)
def test_the_ladder_has_few_numbers(threads: int, cores: int, numbers: tuple[int, ...]) -> None:
    assert ladder(threads, cores) == numbers


def test_kernels_that_are_built_in_the_first_step_of_a_number_do_not_count_against_it() -> None:
    seen: set[int] = set()

    def pace(threads: int, now: float) -> float:
        first = threads not in seen
        seen.add(threads)
        return 6 * quiet(threads, now) + (0.5 if first else 0.0)

    machine = Machine(pace)
    machine.run(10.0)
    assert [(change.old, change.new) for change in machine.changes] == [(1, 2)]
    assert machine.changes[0].seconds < 3
