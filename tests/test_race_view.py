"""What is said of a race: from records, without a screen."""

from __future__ import annotations

import pytest

from races import MadeRace, halfway
from tui_trainer.app import race_view
from tui_trainer.app.race_field import RaceField
from tui_trainer.app.screens.race_budget_sheet import budget_of
from tui_trainer.session.race import Budget
from tui_trainer.session.race_words import ranked, result


def over(*scores: float) -> MadeRace:
    race = MadeRace()
    race.begin()
    race.poll()
    for number, score in enumerate(scores):
        race.go(number, score, share=1.0)
    race.finish()
    race.poll()
    return race


def test_the_leader_and_by_how_much() -> None:
    race = halfway()
    view = race_view.lanes_view(race)
    assert [lane.name for lane in view.lanes] == ["linear", "mlp", "cnn"]
    assert [lane.figure for lane in view.lanes] == ["54.1", "64.2", "71.8"]
    assert [lane.leads for lane in view.lanes] == [False, False, True]
    assert view.lanes[2].said == "leads by 7.6 points"
    assert [lane.behind for lane in view.lanes] == ["−17.7", "−7.6", ""]
    assert view.mark == view.lanes[2].length == pytest.approx(0.718)
    assert len({lane.colour for lane in view.lanes}) == 3
    assert view.lanes[2].parameters == "356 810 parameters"
    assert view.lanes[0].seen == "64 000 pictures seen"


def test_the_order_of_the_lanes_stays_when_another_leads() -> None:
    race = halfway()
    race.go(0, 0.8, share=0.7)
    race.poll()
    view = race_view.lanes_view(race)
    assert [lane.name for lane in view.lanes] == ["linear", "mlp", "cnn"]
    assert [lane.leads for lane in view.lanes] == [True, False, False]


def test_nothing_that_tells_who_leads_is_left_while_the_room_guesses() -> None:
    race = halfway()
    view = race_view.lanes_view(race, hidden=True)
    assert {(one.figure, one.length, one.leads, one.said, one.behind, one.unit) for one in view.lanes} == {
        ("?", 0.0, False, "", "", "")
    }
    assert view.mark is None
    assert "hidden" in race_view.chart_view(race, "seconds", hidden=True).hidden
    race.finish()
    race.poll()
    assert race_view.clock_view(race, hidden=True).result == ""
    assert race_view.status_view(race, hidden=True).result == ""
    assert race_view.status_view(race).result == "cnn wins by 7.6 points"


def test_the_clock_of_seconds_and_of_other_budgets() -> None:
    view = race_view.clock_view(halfway())
    assert (view.figure, view.unit, view.of, view.left, view.words) == ("1:16", "", "of 2:00", "44 s", "to go")
    race = halfway(budget=Budget("samples", 100_000))
    view = race_view.clock_view(race)
    assert (view.figure, view.unit, view.of) == ("64", "%", "of 100 000 samples")
    assert (view.left, view.words) == ("36 000", "samples to go")
    assert race_view.clock_at_most(race) == "100"
    race.pause()
    assert race_view.clock_view(race).words == "samples to go, paused"
    assert race_view.status_view(race).state == "paused"
    new = MadeRace()
    assert race_view.clock_view(new).words == "starts when all are ready"


def test_the_winner_is_said_and_that_it_is_no_proof() -> None:
    view = race_view.clock_view(over(0.6, 0.7, 0.9))
    assert view.result == "cnn wins by 20.0 points"
    assert "no proof" in view.note
    assert view.share == 1.0
    assert result(over(0.6, 0.9, 0.9002)) == "cnn is level with mlp"


def test_a_race_that_was_stopped_has_no_winner_but_a_leader() -> None:
    race = halfway()
    race.stop()
    assert race_view.status_view(race).state == "stopping"
    race.finish("stopped")
    race.poll()
    assert result(race) == "cnn led by 7.6 points"
    assert race_view.status_view(race).word == "stopped"


def test_who_failed_or_diverged_is_out_and_says_why() -> None:
    race = halfway()
    race.end(2, "failed", error="no room for [x]\x1b[2J")
    race.end(1, "diverged")
    race.poll()
    linear, mlp, cnn = race_view.lanes_view(race).lanes
    assert cnn.said.startswith("✕ failed: no room for [x]")
    assert "\x1b" not in cnn.said
    assert mlp.said == "✕ diverged at step 100"
    assert linear.leads
    assert (cnn.faded, mlp.faded, linear.faded) == (True, True, False)
    assert cnn.behind == ""
    assert "one of 3 nets is left" in race_view.status_view(race).about
    race.end(0)
    race.running = False
    race.poll()
    assert result(race) == "linear is the only one that got to the end"
    assert len(ranked(race)) == 1
    assert race_view.clock_view(race).note == ""


def test_nobody_got_to_the_end() -> None:
    race = halfway()
    for number in range(3):
        race.end(number, "diverged")
    race.poll()
    assert race_view.status_view(race).state == "failed"
    assert result(race) == "nobody was validated"


def test_regression_has_losses_of_which_the_least_leads() -> None:
    race = MadeRace(("linear", "mlp"), dataset="sine")
    race.begin(task="regression")
    race.poll()
    race.go(0, 0.9, 0.412)
    race.go(1, 0.8, 0.0123)
    race.poll()
    linear, mlp = race_view.lanes_view(race).lanes
    assert (linear.figure, mlp.figure) == ("0.412", "0.012")
    assert mlp.leads
    assert mlp.said == "leads by 0.3997 of loss"
    assert linear.behind == "+0.3997"
    assert 0 < linear.length < mlp.length < 1
    assert linear.unit == ""
    chart = race_view.chart_view(race, "steps")
    assert (chart.title, chart.percent) == ("Validation loss", False)
    race.go(1, 1e-9)
    race.poll()
    assert [one.length > 0 for one in race_view.lanes_view(race).lanes] == [True, True]


@pytest.mark.parametrize(
    ("value", "text"), [(0.8621, "0.862"), (12.34, "12.3"), (432.1, "432"), (3e-5, "3e-5"), (2e6, "2e6"), (float("nan"), "✕")]
)
def test_losses_in_signs_that_large_figures_have(value: float, text: str) -> None:
    from tui_trainer.app.widgets.digits import FONT

    assert race_view.big_loss(value) == text
    assert set(text) <= set(FONT)


def test_nothing_is_known_before_the_start() -> None:
    race = MadeRace()
    race.prepare(0)
    race.running = True
    race.poll()
    view = race_view.lanes_view(race)
    assert [lane.figure for lane in view.lanes] == ["·", "·", "·"]
    assert [lane.said for lane in view.lanes] == ["loading torch", "waits to be prepared", "waits to be prepared"]
    assert race_view.status_view(race, loading="loading torch").word == "loading torch"
    assert race_view.status_view(race).word == "linear: loading torch"
    assert race_view.chart_view(race, "seconds").end == 120.0


def test_the_chart_goes_over_the_whole_budget_or_a_round_place_beyond() -> None:
    race = halfway()
    by_seconds, by_steps = race_view.chart_view(race, "seconds"), race_view.chart_view(race, "steps")
    assert by_seconds.end == 120.0
    assert by_seconds.curves[2].points[-1] == pytest.approx((0.64 * 120, 0.718))
    assert [point[0] for point in by_steps.curves[0].points] == [10, 20, 30]
    assert by_steps.end == 50.0


def test_words_around_it() -> None:
    race = halfway()
    assert "".join(text for text, _ in race_view.corner(race)[0]) == "race on digits · equal seconds · seed 7"
    view = race_view.status_view(race)
    assert view.about == "3 nets take turns on cpu, each gets a third of the time"
    assert view.aside == "same batches, same seed"
    assert race_view.status_view(halfway(budget=Budget("steps", 500))).about.endswith("on cpu, 500 steps each")


def test_races_of_one_kind_are_compared_seed_by_seed() -> None:
    field = RaceField((halfway(), halfway()))
    assert [(label, len(runs)) for label, runs in field.entries()] == [("linear", 2), ("mlp", 2), ("cnn", 2)]
    assert field.title == "race over 2 min 00 s · 2 races"


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("30", Budget("seconds", 30)),
        ("30 s", Budget("seconds", 30)),
        ("1:30", Budget("seconds", 90)),
        ("2 min", Budget("seconds", 120)),
        ("2 min 00 s", Budget("seconds", 120)),
        ("1 h 05 min", Budget("seconds", 3900)),
        ("0.5 min", Budget("seconds", 30)),
        ("50 000 samples", Budget("samples", 50_000)),
        ("50k samples", Budget("samples", 50_000)),
        ("500 steps", Budget("steps", 500)),
    ],
)
def test_a_budget_as_a_person_writes_it(text: str, budget: Budget) -> None:
    assert budget_of(text) == budget


@pytest.mark.parametrize("text", ["", "x", "0", "0 s", "-3", "1.5 steps", "5 apples", "1:75", "5k", "1e12 s", "99999999999 steps"])
def test_what_is_no_budget(text: str) -> None:
    assert budget_of(text) is None
