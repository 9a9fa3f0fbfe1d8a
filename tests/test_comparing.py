"""The comparison on the screen: read in portions, and again while runs go on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import compared
from tui_trainer.app import comparing
from tui_trainer.app.comparing import Bands, Comparing
from tui_trainer.app.field import Entry, Marked
from tui_trainer.runs import band, compare, log
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.store import Run


class Labelled(Marked):
    """A field whose settings have names, and that grows."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)

    def add(self, label: str, run: Run) -> None:
        self._entries.append((label, [run]))


class Clock:
    now = 0.0
    step = 0.0
    """How much passes between two looks at it."""

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def made(field: Marked) -> tuple[Comparing, Clock]:
    clock = Clock()
    return Comparing(field, clock, cpu=lambda: 0.0), clock


def settled(one: Comparing, clock: Clock) -> Comparison | None:
    """After one whole look."""
    clock.now += 10.0
    one.advance()
    while one.busy:
        one.advance()
    return one.found


def write(run: Run, *events: object) -> None:
    with log.Writer(run.events) as writer:
        for event in events:
            writer(event)  # type: ignore[arg-type]


def test_nothing_is_shown_before_every_record_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "PORTION", 200)
    one, clock = made(Marked([compared.ran([0.5, 0.6]), compared.ran([0.5, 0.7], preset="cnn")]))
    clock.step = 1.0  # so that each has time for one piece only
    looks = 0
    while not one.advance(0.5):
        assert one.found is None
        looks += 1
    assert looks > 5
    assert one.found is not None
    assert [side.status for side in one.found.sides] == ["finished", "finished"]
    assert one.behind == 0


def test_a_look_that_finds_nothing_new_makes_no_new_comparison() -> None:
    one, clock = made(Marked([compared.ran([0.5]), compared.ran([0.6], preset="cnn")]))
    found = settled(one, clock)
    assert settled(one, clock) is found
    assert one.version == 1
    clock.now += 0.5
    assert not one.advance()
    assert not one.busy


def test_a_run_that_goes_on_is_read_on_and_keeps_its_letter() -> None:
    going = compared.ran([0.5, 0.6], reason="", epochs=9, preset="cnn")
    one, clock = made(Marked([compared.ran([0.5, 0.7]), going]))
    before = settled(one, clock)
    assert before is not None
    letters = {side.run.name: side.letter for side in before.sides}
    write(going, compared.epoch_of(3), compared.tried(3, 0.9, best=True, seconds=3.0))
    after = settled(one, clock)
    assert after is not None
    assert after is not before
    assert after.standings[0].label == "cnn"
    assert after.standings[0].best == 0.9
    assert {side.run.name: side.letter for side in after.sides} == letters


def test_settings_that_come_later_get_the_next_letters() -> None:
    field = Labelled([("a", [compared.ran([0.5])]), ("b", [compared.ran([0.6], lr=0.1)])])
    one, clock = made(field)
    assert settled(one, clock) is not None
    field.add("c", compared.ran([0.9], lr=0.5))
    found = settled(one, clock)
    assert found is not None
    assert [(row.letter, row.label) for row in found.standings] == [("C", "c"), ("B", "b"), ("A", "a")]


def test_letters_are_in_the_order_of_the_sweep_also_of_settings_that_are_to_come() -> None:
    seeds = [compared.ran([0.5], seed=seed) for seed in (1, 2)]
    entries: list[Entry] = [("a", seeds), ("b", []), ("c", [])]
    one, clock = made(Labelled(entries))
    found = settled(one, clock)
    assert found is not None
    assert [(row.letter, row.label) for row in found.standings] == [("A", "a")]
    field = Labelled([("a", seeds), ("b", []), ("c", [compared.ran([0.9], lr=0.5)])])
    one.field = field
    found = settled(one, clock)
    assert found is not None
    assert [(row.letter, row.label) for row in found.standings] == [("C", "c"), ("A", "a")]
    assert [(row.letter, row.label) for row in compare.of_sweep(field.entries()).standings] == [("C", "c"), ("A", "a")]


def test_of_many_settings_the_best_eight_are_read_and_the_others_summed_up() -> None:
    field = Labelled([(f"n{at}", [compared.ran([0.5 + at / 100], lr=0.1 + at)]) for at in range(10)] + [("later", [])])
    one, clock = made(field)
    found = settled(one, clock)
    assert found is not None
    assert [row.label for row in found.standings] == [f"n{at}" for at in range(9, 1, -1)]
    assert [row.label for row in found.rest] == ["n1", "n0", "later"]


def test_a_run_whose_settings_are_lost_is_told_and_the_others_are_compared() -> None:
    bad = compared.ran([0.5])
    bad.config_file.write_text("{", encoding="utf-8")
    one, clock = made(Marked([bad, compared.ran([0.6]), compared.ran([0.7], preset="cnn")]))
    found = settled(one, clock)
    assert found is not None
    assert len(found.sides) == 2
    assert list(one.problems) == [bad.name]


def test_nothing_marked_is_nothing_found() -> None:
    one, clock = made(Marked([]))
    assert settled(one, clock) is None
    assert not one.busy


def test_a_curve_is_the_mean_of_the_seeds_and_is_made_once() -> None:
    one, clock = made(
        Marked([compared.ran([0.5, 0.6 + seed / 10], seed=seed) for seed in (0, 1)] + [compared.ran([0.1], preset="cnn")])
    )
    found = settled(one, clock)
    assert found is not None
    bands, first = Bands(), found.standings[0]
    points, bounds = bands.points(first, "epoch", "accuracy")
    assert points[-1] == (2.0, pytest.approx(0.65))
    assert bounds[-1] == (2.0, pytest.approx(0.6), pytest.approx(0.7))
    assert bands.points(first, "epoch", "accuracy")[0] is points
    whole = band.band([side.curves["accuracy"] for side in first.sides], "epoch")
    assert [(row.x, row.mean) for row in whole] == list(points)
