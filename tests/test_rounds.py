"""Loops that take turns: what is counted, what is measured again, and how much others use."""

from __future__ import annotations

from tui_trainer.engine.neighbours import Neighbours
from tui_trainer.engine.rounds import Rounds, Slice, take_turns


class Scripted:
    """A loop that is as fast as a list says."""

    def __init__(self, name: str, *speeds: int) -> None:
        self.name, self._speeds, self.asked = name, iter(speeds), 0

    def turn(self, seconds: float) -> Slice:
        self.asked += 1
        return Slice(next(self._speeds), 1.0)


def looks(*used: float) -> list[float]:
    """What others used in each slice, with the look before it."""
    return [figure for one in used for figure in (0.0, one)]


def turns(one: Scripted, other: Scripted, used: list[float], *, rounds: int = 3, repeats: int = 2) -> Rounds:
    figures = iter(used + [0.0] * 50)
    return take_turns([one, other], rounds=rounds, seconds=1.0, others=lambda: next(figures), repeats=repeats)


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    found = turns(Scripted("a", 10, 30, 20), Scripted("b", 10, 10, 10), [])
    assert found.ratios("a", "b") == [1, 3, 2]
    assert (found.ratio("a", "b"), found.speed("a"), len(found)) == (2, 20, 3)
    assert found.quartiles("a", "b") == (1.5, 2.5)
    assert (found.noisy, found.repeated) == (0, 0)


def test_a_slice_that_others_disturbed_is_measured_again() -> None:
    one = Scripted("a", 1, 10, 10, 10)
    found = turns(one, Scripted("b", 10, 10, 10), looks(0.5))
    assert found.speeds["a"] == [10, 10, 10]
    assert (found.repeated, found.noisy, found.others, one.asked) == (1, 0, 0.5, 4)


def test_no_more_is_measured_again_than_may_be() -> None:
    one, other = Scripted("a", *range(1, 9)), Scripted("b", *range(1, 9))
    found = turns(one, other, looks(*[0.9] * 8))
    assert one.asked + other.asked == 6 + 2
    assert (found.repeated, found.noisy) == (2, 6)
    assert found.kept == {"a": 3, "b": 3}


def test_rounds_end_sooner_where_it_was_enough() -> None:
    found = take_turns(
        [Scripted("a", 1, 1, 1), Scripted("b", 1, 1, 1)],
        rounds=3,
        seconds=1,
        others=lambda: 0,
        repeats=0,
        enough=lambda done: done == 2,
    )
    assert len(found) == 2


def test_neighbours_are_all_processor_time_less_our_own() -> None:
    now, everybody, ours = iter([0.0, 2.0, 4.0]), iter([100.0, 103.0, 104.0]), iter([10.0, 12.0, 14.0])
    others = Neighbours(lambda: next(now), lambda: next(everybody), lambda: next(ours))
    assert others.cores() == 0.5
    assert others.cores() == 0.0
