"""The run on the screen: live, over, lost or taken again, from what its record says and from who holds its lock."""

from __future__ import annotations

import os

import pytest

from made import ended, evaluated, made, started
from tui_trainer import commands
from tui_trainer.app.live import ASKING, LOST_AFTER, READING, Live
from tui_trainer.app.pace import EAGER, FASTEST, SHARE, SLOWEST, Pace
from tui_trainer.events import (
    Event,
    HandedOver,
    Hosted,
    LearningRateChanged,
    Paused,
    Preparing,
    RunResumed,
    Stepped,
)
from tui_trainer.runs import log
from tui_trainer.runs.store import Run
from tui_trainer.session import Session


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Elsewhere(Session):
    """A session that some process holds, or does not, as a test says."""

    def __init__(self, run: Run, *, alive: bool = True, here: bool = False) -> None:
        super().__init__(run)
        self.held, self.here = alive, here

    @property
    def alive(self) -> bool:
        return self.held

    @property
    def hosted(self) -> bool:
        return self.here

    @property
    def ours(self) -> bool:
        return self.here and self.held


def stepped(step: int) -> Stepped:
    return Stepped(step, (step - 1) // 10 + 1, (0.5,) * 10, 9, 10, 1e-3, step / 10)


def opened(*events: Event, alive: bool = True, here: bool = False, age: float = 0.0) -> tuple[Live, Elsewhere, Clock]:
    """A record with these events, whose last word is so many seconds old, being watched."""
    run = made("cnn", *events)
    if events and age:
        then = run.events.stat().st_mtime - age
        os.utime(run.events, (then, then))
    clock = Clock()
    live, session = Live(clock=clock), Elsewhere(run, alive=alive, here=here)
    live.open(session)
    live.poll()
    return live, session, clock


def says(session: Session, *events: Event) -> None:
    with log.Writer(session.run.events) as write:
        for event in events:
            write(event)


def test_a_run_that_nobody_holds_is_lost_only_after_a_while() -> None:
    live, session, clock = opened(started(), stepped(10))
    assert (live.active, live.attached, live.hosting, live.lost) == (True, True, False, False)
    session.held = False
    clock.now += ASKING
    for _ in range(3):
        live.poll()
        clock.now += LOST_AFTER / 4
        assert live.active
    clock.now += LOST_AFTER
    live.poll()
    assert (live.active, live.lost) == (False, True)


def test_what_is_still_said_is_a_sign_of_life_where_nobody_holds_a_lock() -> None:
    live, session, clock = opened(started(), stepped(10), alive=False)
    for step in range(20, 60, 10):
        clock.now += LOST_AFTER - 0.5
        says(session, stepped(step))
        live.poll()
        assert live.active
    assert live.history.step == 50


def test_an_old_record_without_an_end_is_lost_as_soon_as_it_is_read() -> None:
    live, _, _ = opened(Hosted(4711, "box"), started(), stepped(10), alive=False, age=60)
    live.poll()
    assert (live.active, live.lost, live.problem) == (False, True, "")
    assert live.history.step == 10


def test_a_run_that_is_handed_over_stays_live() -> None:
    live, session, clock = opened(Hosted(1, "box"), started(), stepped(10))
    session.held = False
    clock.now += ASKING
    says(session, HandedOver(10, 1.0))
    assert live.poll()
    assert live.history.phase == "handed over"
    clock.now += 1.5  # nobody has the lock yet
    live.poll()
    assert live.active
    assert not live.lost
    session.held = True
    clock.now += ASKING
    says(session, Hosted(4711, "box"), Preparing("loading torch"))
    clock.now += 10.0
    live.poll()
    assert live.active
    says(session, RunResumed(10, 1, 1.0), stepped(20))
    live.poll()
    assert live.active
    assert live.history.step == 20


@pytest.mark.parametrize("reason", ["finished", "stopped", "diverged", "failed"])
def test_a_run_that_ended_comes_back_to_life_when_somebody_resumes_it(reason: str) -> None:
    live, session, clock = opened(started(), stepped(10), ended(reason), alive=False)
    clock.now += 60.0
    live.poll()
    assert not live.active
    session.held = True
    clock.now += ASKING
    live.poll()
    assert not live.active, "it may be the end of who held it"
    says(session, Hosted(4711, "box"), Preparing("loading torch"))
    live.poll()
    assert (live.active, live.resuming) == (True, True)
    says(session, RunResumed(10, 1, 1.0), stepped(20))
    live.poll()
    assert (live.active, live.resuming, live.history.ended) == (True, False, None)


def test_a_lost_run_comes_back_to_life_when_somebody_resumes_it() -> None:
    live, session, clock = opened(started(), stepped(10), alive=False, age=60)
    live.poll()
    assert live.lost
    session.held = True
    clock.now += ASKING
    live.poll()
    assert (live.active, live.lost) == (True, False)


def test_a_resumption_that_is_refused_leaves_the_run_as_it_had_ended() -> None:
    live, session, clock = opened(started(), stepped(10), ended("stopped"), alive=False)
    session.held = True
    clock.now += ASKING
    says(session, Hosted(4711, "box"))
    live.poll()
    assert live.resuming
    session.held = False
    live.poll()
    assert (live.active, live.resuming, live.lost) == (False, False, False)
    clock.now += LOST_AFTER
    live.poll()
    assert (live.active, live.resuming, live.lost) == (False, False, False)


def test_a_run_that_is_resumed_here_is_live_before_its_record_says_so() -> None:
    live, old, _ = opened(started(), stepped(10), ended("stopped"), alive=False)
    session = Elsewhere(old.run, here=True)
    live.open(session, resuming=True)
    live.poll()
    assert live.history.ended is not None
    assert (live.active, live.hosting, live.resuming) == (True, True, True)
    says(session, Hosted(os.getpid(), "here"))
    live.poll()
    assert (live.hosting, live.resuming) == (True, True)
    says(session, RunResumed(10, 1, 1.0))
    live.poll()
    assert (live.hosting, live.resuming) == (True, False)


def test_what_keeps_a_run_from_being_resumed_is_the_problem_although_it_had_ended() -> None:
    live, old, clock = opened(started(), ended("stopped"), alive=False)
    session = Elsewhere(old.run, here=True)
    live.open(session, resuming=True)
    live.poll()
    session.held, session.problem = False, "the record cannot be written"
    clock.now += ASKING
    live.poll()
    assert not live.active
    assert live.problem == "the record cannot be written"


def test_the_run_before_is_another_one() -> None:
    live, first, _ = opened(started(), stepped(10), ended("stopped"))
    live.open(Elsewhere(first.run), resuming=True)
    assert live.last is None
    live.poll()
    live.open(Elsewhere(made("mlp")))
    assert (live.last_id, live.last is not None) == (first.run.id, True)


def test_who_only_watches_sends_nothing() -> None:
    live, session, _ = opened(started(), stepped(10))
    live.read_only = True
    live.send(commands.Pause())
    assert not session.run.commands.exists()
    live.read_only = False
    live.send(commands.Pause())
    assert session.run.commands.exists()


def test_what_somebody_waits_for_is_told_apart_from_what_comes_all_the_time() -> None:
    live, session, _ = opened(started())
    for event, news in ((stepped(10), False), (evaluated(), False), (Paused(10), True), (LearningRateChanged(11, 1, 2), True)):
        says(session, event)
        live.poll()
        assert live.news is news, event
    live.poll()
    assert not live.news


def test_a_long_record_is_read_in_portions_for_as_long_as_there_is_time() -> None:
    live, session, clock = opened(started())
    says(session, *(evaluated(((10_000 + epoch,) * 40,) * 40, epoch) for epoch in range(1, 400)))
    assert live.reading > 2 * log.MOST_PER_READ
    before = live.reading
    live.poll()
    assert 0 < live.reading < before
    assert clock.now == 100.0
    live.poll(READING)  # a clock that stands still leaves time for all
    assert live.reading == live.behind == 0


# ---- how often to draw -------------------------------------------------------------------------------------------


def test_drawing_takes_its_share_and_no_more() -> None:
    clock, cpu = Clock(), Clock()
    pace = Pace(clock, cpu)
    for cost, wait in ((0.0, FASTEST), (0.01, 0.01 / SHARE), (1.0, SLOWEST)):
        pace.begin()
        cpu.now += cost
        pace.end(drew=True)
        assert not pace.due
        clock.now += wait * 0.99
        assert not pace.due
        clock.now += wait * 0.02
        assert pace.due


def test_a_look_that_draws_nothing_puts_nothing_off_and_a_key_is_answered_at_once() -> None:
    clock, cpu = Clock(), Clock()
    pace = Pace(clock, cpu)
    pace.begin()
    pace.end(drew=False)
    assert pace.due
    pace.begin()
    cpu.now += 1.0
    pace.end(drew=True)
    due = [pace.due]
    pace.hurry()
    due.append(pace.due)
    clock.now += EAGER
    due.append(pace.due)
    assert due == [False, True, True]
