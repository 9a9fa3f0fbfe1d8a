"""What of a comparison is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import compared
from tui_trainer.app import looking
from tui_trainer.app.looking import Looking
from tui_trainer.events import RunEnded
from tui_trainer.runs import compare
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.store import Run


def several(count: int) -> Comparison:
    return compare.read([compared.ran([0.5, 0.6 + at / 100], lr=0.1 + at) for at in range(count)])


def test_four_settings_all_have_colours_and_of_more_the_first_four() -> None:
    look, four = Looking(), several(4)
    assert list(look.colours(four).values()) == ["train", "val", "run-c", "run-d"]
    assert look.marked(four) == frozenset()
    six = several(6)
    assert [look.colours(six)[letter] for letter in "ABCDEF"] == ["train", "val", "run-c", "run-d", "last", "last"]
    assert look.marked(six) == frozenset("ABCD")


def test_marking_takes_the_colour_of_whoever_has_had_one_longest() -> None:
    look, six = Looking(), several(6)
    look.colours(six)
    look.mark("F")
    assert look.colours(six) == {"A": "last", "B": "val", "C": "run-c", "D": "run-d", "E": "last", "F": "train"}
    look.mark("C")
    look.mark("E")
    assert look.colours(six)["E"] == "run-c"
    assert look.colours(six)["C"] == "last"


def test_a_setting_that_is_among_the_best_no_more_leaves_its_colour_and_is_not_shown_alone() -> None:
    look, six = Looking(), several(6)
    look.colours(six)
    look.solo = "A"
    five = replace(six, letters=six.letters[1:])
    assert five.letters == tuple("BCDEF")
    assert look.colours(five) == {"B": "val", "C": "run-c", "D": "run-d", "E": "train", "F": "last"}
    assert look.solo == ""


def test_the_curve_under_the_cursor_lies_on_top_with_its_band() -> None:
    runs = [compared.ran([0.5, 0.6 + at / 10 + seed / 50], lr=0.1 + at, seed=seed) for at in range(3) for seed in (0, 1)]
    found = compare.read(runs)
    view = Looking().overlay(found, "B")
    assert [one.letter for one in view.strokes] == ["A", "C", "B"]
    assert [bool(one.band) for one in view.strokes] == [False, False, True]
    assert view.asides[0].startswith("mean of 2 seeds; band of B")
    assert view.asides[-1] == "x: seconds"


def test_a_cut_is_made_on_the_axis_that_is_looked_at_and_taken_back() -> None:
    found = compare.read([compared.ran([0.5, 0.6, 0.9]), compared.ran([0.5, 0.7], preset="cnn", took=2.0)])
    look = Looking()
    look.axis = "epoch"
    assert look.toggle_cut(found) == ""
    assert look.at(found).cut_at == ("epoch", 2.0)
    assert look.at(found) is look.at(found)
    assert look.at(found).standings[0].label == "cnn"
    assert "cut at 2 epochs" in look.overlay(look.at(found), "A").asides[0]
    look.toggle_cut(found)
    assert look.at(found) is found


def test_where_all_went_equally_far_it_is_said() -> None:
    look, found = Looking(), several(2)
    look.axis = "epoch"
    assert "nothing to cut" in look.toggle_cut(found)
    assert look.at(found) is found


def test_regression_shows_losses_on_a_logarithmic_axis_and_accuracy_never_is() -> None:
    look, found = Looking(), compare.read([compared.fitted([0.5, 0.2], lr=lr) for lr in (0.1, 0.2)])
    assert look.overlay(found, "A").curve == "loss"
    assert look.overlay(found, "A").log
    assert not look.overlay(several(2), "A").log
    shown = []
    for _ in range(3):
        shown.append(look.curve(found))
        look.next_curve(found)
    assert shown == ["loss", "mae", "train loss"]


def test_the_axis_of_runs_that_go_on_reaches_to_the_end_of_their_plan() -> None:
    going = compared.ran([0.5, 0.6], reason="", epochs=9)
    found = compare.read([going, compared.ran([0.5], preset="cnn")])
    sides = [replace(side, status="running" if side.run == going else side.status) for side in found.sides]
    assert looking.reach(sides, "epoch") == 9.0
    assert looking.reach(sides, "seconds") == 10.0
    assert looking.reach(found.sides, "epoch") == 0.0


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (lambda: [compared.fitted([0.5]), compared.ran([0.5])], "no curve is common"),
        (lambda: [compared.begun(), compared.begun(preset="cnn")], "no run was validated"),
    ],
)
def test_a_chart_without_curves_says_why(runs: Callable[[], list[Run]], words: str) -> None:
    found = compare.read(runs())
    view = Looking().overlay(found, "A")
    assert view.strokes == ()
    assert words in view.empty[0]


def test_the_status_says_how_far_the_runs_are() -> None:
    assert looking.state(several(3)) == ("✓", "best", "3 runs finished")
    failed = compared.wrote(compared.begun(), RunEnded(0, 0, "failed", 0.1, error="no memory"))
    glyph, _, words = looking.state(compare.read([failed, compared.ran([0.5], preset="cnn")]))
    assert (glyph, words) == ("!", "1 of 2 runs finished, 1 failed")
