"""The worse half is stopped at each rung: how far, who, in which words, and over made records what the queue makes of it."""

from __future__ import annotations

import csv

import pytest

import made
from tui_trainer import sweeps
from tui_trainer.commands import StopAt
from tui_trainer.console import compare_data
from tui_trainer.events import RunEnded
from tui_trainer.runs import compare, log
from tui_trainer.runs.stopped import with_states
from tui_trainer.runs.store import Run
from tui_trainer.session import halving, sweeping
from tui_trainer.session.halving import Budget, HalvingError
from tui_trainer.session.sweeping import Begun, Queue
from tui_trainer.sweeps import Sweep, SweepError

EPOCH = 41
"""Steps of an epoch of digits, of 32 samples each."""


@pytest.mark.parametrize(
    ("count", "budget", "expected"),
    [
        (6, Budget("epochs", 8), [2, 4]),
        (8, Budget("epochs", 8), [1, 2, 4]),
        (16, Budget("epochs", 8), [1, 2, 4]),
        (3, Budget("epochs", 10), [5]),
        (4, Budget("epochs", 3), [1]),
        (4, Budget("steps", 1000), [250, 500]),
        (4, Budget("seconds", 30), [7.5, 15]),
    ],
)
def test_rungs_double_up_to_half_the_budget(count: int, budget: Budget, expected: list[float]) -> None:
    assert [budget.at(share) for share in halving.rungs(count, [budget])] == expected


def test_a_rung_is_one_for_every_budget_of_the_sweep() -> None:
    shares = halving.rungs(8, [Budget("epochs", 8), Budget("epochs", 4)])
    assert [[budget.at(share) for share in shares] for budget in (Budget("epochs", 8), Budget("epochs", 4))] == [[1, 4], [1, 2]]


@pytest.mark.parametrize(("count", "budget"), [(2, Budget("epochs", 8)), (6, Budget("epochs", 1)), (6, Budget("steps", 1))])
def test_what_cannot_be_halved_is_refused(count: int, budget: Budget) -> None:
    with pytest.raises(HalvingError, match=r"at least 3 are needed|a budget that can be halved"):
        halving.rungs(count, [budget])


def test_ranks_are_by_the_mean_of_the_seeds_and_what_broke_is_last() -> None:
    scores = {"a": [0.5, 0.9], "b": [0.8], "c": [], "d": [float("nan")]}
    assert halving.ranked(scores)[:2] == ("b", "a")
    assert set(halving.ranked(scores)[2:]) == {"c", "d"}
    assert halving.ranked({"a": [0.5], "b": [0.1]}, lower=True) == ("b", "a")


def test_the_better_half_goes_on_and_never_more_than_have_a_figure() -> None:
    assert [halving.kept(count, count) for count in (1, 2, 3, 6, 7)] == [1, 1, 2, 3, 4]
    assert (halving.kept(6, 2), halving.kept(6, 0)) == (2, 1)


def test_it_is_said_in_words() -> None:
    assert halving.said(Budget("epochs", 8), 0.25, 5, 6) == "stopped at 2 of 8 epochs: 5th of 6"
    assert halving.said(Budget("steps", 1000), 0.5, 2, 3) == "stopped at 500 of 1 000 steps: 2nd of 3"
    assert [halving.ordinal(one) for one in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th")
    ]


# ---- the queue -----------------------------------------------------------------------------------------------


RATES = "0.1,0.2,0.3,0.4"


def queue_of(**given: str) -> Queue:
    sweep = sweeps.of_lists({"preset": "linear", "dataset": "digits", "epochs": "8", "lr": RATES} | given, "rates")
    assert sweep is not None
    return Queue(sweep, {}, sweeping.plan(sweep, {}, seeds=1), halving=True)


def stopped(run: Run, epochs: int, reason: str = "stopped") -> None:
    """The record of a run that came so far; the higher its rate, the better."""
    config = run.config()
    with log.Writer(run.events) as write:
        write(made.started())
        score = config.lr if reason != "failed" else None
        write(RunEnded(epochs * EPOCH, epochs, reason, 1.0 * epochs, score, epochs, 0.5, score, 0.5))


def turn(queue: Queue) -> Begun:
    begun = queue.begin_next()
    assert begun is not None
    return begun


def orders(begun: Begun) -> list[StopAt]:
    return [one for one in (begun.resume.asked if begun.resume else ()) if isinstance(one, StopAt)]


def test_rung_by_rung_to_the_end() -> None:
    queue = queue_of()
    assert queue.ladder is not None
    assert queue.ladder.plan() == "the worse half is stopped after 2 and 4 of 8 epochs"
    seen: list[tuple[str, str, list[StopAt]]] = []
    for epochs in (2, 2, 2, 2, 4, 4):
        begun = turn(queue)
        seen.append((begun.planned.label, queue.place, orders(begun)))
        stopped(begun.run, epochs)
    assert seen[0] == ("lr 0.1", "1 of 4 to 2 of 8 epochs", [StopAt("epochs", 2)])
    assert seen[4] == ("lr 0.3", "1 of 2 to 4 of 8 epochs", [StopAt("epochs", 4)])
    last = turn(queue)
    assert (last.planned.label, queue.place, orders(last)) == ("lr 0.4", "1 of 1 to the end", [StopAt("epochs", 0)])
    stopped(last.run, 8, "finished")
    assert queue.begin_next() is None
    assert queue.over
    assert [queue.state(one.label) for one in queue.planned] == [
        "stopped at 2 of 8 epochs: 4th of 4",
        "stopped at 2 of 8 epochs: 3rd of 4",
        "stopped at 4 of 8 epochs: 2nd of 2",
        "",
    ]
    assert queue.swept is not None
    states = {one.label: state for one in queue.planned if (state := queue.state(one.label))}
    assert queue.swept.told().states == states
    found = with_states(compare.of_sweep(queue.entries()), states)
    assert {one.label: one.status for one in found.standings} == states | {"lr 0.4": "finished"}


def test_of_equal_accuracies_the_smaller_loss_goes_on_and_what_finished_all_the_same_is_finished() -> None:
    queue = queue_of()
    for loss in (0.4, 0.3, 0.2, 0.1):
        with log.Writer(turn(queue).run.events) as write:
            write(made.started())
            write(RunEnded(2 * EPOCH, 2, "stopped", 2.0, 0.9, 2, loss, 0.9, loss))
    assert turn(queue).planned.label == "lr 0.3"
    assert queue.state("lr 0.1") == "stopped at 2 of 8 epochs: 4th of 4"
    queue.let_go()
    stopped(queue.entries()[0][1][0], 8, "finished")
    told = with_states(compare.of_sweep(queue.entries()), {one.label: queue.state(one.label) for one in queue.planned})
    assert {one.label: one.status for one in told.standings if one.label in {"lr 0.1", "lr 0.2"}} == {
        "lr 0.1": "finished",
        "lr 0.2": "stopped at 2 of 8 epochs: 3rd of 4",
    }


def test_what_is_too_much_to_be_read_has_its_row_too() -> None:
    queue = queue_of(lr=",".join(f"0.{one:02}" for one in range(10, 21)))
    for _ in range(11):
        stopped(turn(queue).run, 2)
    queue.let_go()
    found = compare.of_sweep(queue.entries())
    rows = list(csv.DictReader(compare_data.as_csv(found)))
    assert (len(found.standings), len(found.rest), len(rows)) == (8, 3, 11)
    assert {row["setting"] for row in rows} == {one.label for one in queue.planned}
    assert [row["mean_best"] for row in rows if not row["letter"]] == ["0.12", "0.11", "0.1"]


def test_rungs_survive_an_interruption_at_any_point() -> None:
    queue = queue_of()
    for number in range(7):  # a new process for every single run, each of them killed before it looked again
        begun = turn(queue)
        stopped(begun.run, (2, 2, 2, 2, 4, 4, 8)[number], "finished" if number == 6 else "stopped")
        queue.let_go()
        queue = queue_of()
    assert queue.begin_next() is None
    assert len(queue.entries()) == 4
    assert sum(one.endswith("of 4") for one in map(queue.state, ("lr 0.1", "lr 0.2"))) == 2


def test_one_that_was_stopped_before_the_rung_goes_on_to_it() -> None:
    queue = queue_of()
    first = turn(queue)
    stopped(first.run, 1)
    queue.let_go()
    again = turn(queue_of())
    assert (again.run, orders(again)) == (first.run, [StopAt("epochs", 2)])


def test_what_failed_is_last_and_a_skipped_one_is_not_ranked() -> None:
    queue = queue_of()
    for reason in ("stopped", "stopped", "stopped", "failed"):
        stopped(turn(queue).run, 2, reason)
    third = next(one for one in queue.planned if one.label == "lr 0.3")
    queue.skip(third)
    assert [turn(queue).planned.label for _ in range(2)] == ["lr 0.1", "lr 0.2"]
    assert queue.state("lr 0.3") == "skipped"
    assert queue.state("lr 0.4") == ""  # it failed: nobody stopped it
    assert queue.swept is not None
    assert queue.swept.told().rungs[0].ranked[-1] == "lr 0.4"


def test_how_long_it_takes_is_known_from_those_that_were_stopped() -> None:
    queue = queue_of()
    assert queue.estimate.whole is None
    for _ in range(4):
        stopped(turn(queue).run, 2)  # a second each epoch
    turn(queue)
    assert queue.estimate.whole == pytest.approx(2 * 2 + 4)  # two from 2 to 4 epochs, then one to 8


def test_a_rung_waits_for_all_that_go_on() -> None:
    queue = queue_of()
    for _ in range(3):
        stopped(turn(queue).run, 2)
    last = turn(queue)
    with log.Writer(last.run.events) as write:
        write(made.started())
        assert queue.begin_next() is None
        assert not queue.over
    stopped(last.run, 2)
    queue.ended(last.run)
    assert turn(queue).planned.label == "lr 0.3"


def test_figures_on_other_data_do_not_rank() -> None:
    sweep: Sweep | None = sweeps.of_lists({"preset": "linear", "dataset": "digits,shapes", "lr": "0.1,0.2"})
    assert sweep is not None
    with pytest.raises(SweepError, match="figures on digits and on shapes do not rank"):
        Queue(sweep, {}, sweeping.plan(sweep, {}), halving=True)
