"""A race: what each racer gets, that none notices the others, who leads, and every way in which it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from engine_runs import Counting
from tui_trainer import paths, session
from tui_trainer.engine import turns as put
from tui_trainer.events import CheckpointSaved, Evaluated, RunEnded, RunStarted, Stepped
from tui_trainer.runs import log, store, swept
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import budget, making
from tui_trainer.session.race import Budget, Race, RaceError, entrants, plan, told_apart
from tui_trainer.session.setup import Setup

TICK = 0.004
"""Seconds that pass with every look at the clock of these tests."""
TELLING = '''"""Says what it learns from."""
from torch import nn

class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
    def forward(self, x):
        if self.training and len(x) == 30:
            print(f"learns from {float(x.double().sum()):.9f}")
        return self.layers(x)

def build(input_shape, num_classes, *, width: int = 8):
    return Net(width)
'''
BREAKING = TELLING.replace(
    "if self.training and", "assert not self.training or self.steps() < 12, 'it broke'\n        if self.training and"
)
BREAKING = BREAKING.replace(
    "    def forward",
    "    def steps(self):\n        self.seen = getattr(self, 'seen', 0) + 1\n        return self.seen\n    def forward",
)


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    import torch

    torch.set_num_threads(1)
    yield
    for left in [one for one in threading.enumerate() if one.name.startswith("race-")]:
        left.join(5)
        assert not left.is_alive()


def of(preset: str, text: str = "", **settings: object) -> Setup:
    if text:
        path = paths.your_presets() / f"{preset}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    plain = {"dataset": "digits", "device": "cpu", "threads": 1, "precision": "fp32", "seed": 7}
    return session.configure({**plain, "preset": preset, **settings})


def events(run: Run, kind: type[Any]) -> list[Any]:
    return [event for event in log.Tail(run.events)(1 << 30) if isinstance(event, kind)]


def losses(run: Run) -> list[float]:
    return [loss for event in events(run, Stepped) for loss in event.losses]


def raced(race: Race, seconds: float = 30) -> Race:
    race.start()
    assert race.wait(seconds)
    while race.poll():
        pass
    assert race.over
    return race


def until(race: Race, true: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        race.poll()
        time.sleep(0.005)


# What each gets


def test_what_each_gets_of_the_budget() -> None:
    setups = [of("linear", batch_size=32), of("mlp", batch_size=100), of("cnn")]
    assert [one.config.budget for one in plan(setups, Budget("seconds", 20))] == [("seconds", 20 / 3)] * 3
    assert [one.config.budget for one in plan(setups, Budget("steps", 50))] == [("steps", 50.0)] * 3
    train = setups[0].splits[0]
    given = plan(setups, Budget("samples", 3000))
    for one in given:
        unit, steps = one.config.budget
        size = one.config.batch_size
        assert unit == "steps"
        seen, step, left = 0, 0, train
        while seen < 3000:  # as the trainer does it: the last batch of an epoch may be short, and is none with one sample
            seen, step, left = seen + min(size, left), step + 1, left - min(size, left)
            left = train if left < 2 else left
        assert (step, seen) == (int(steps), budget.samples_after(step, train, size))


@pytest.mark.parametrize(("train", "size"), [(97, 32), (96, 32), (5, 8), (33, 8), (10, 1)])
def test_samples_and_steps_go_both_ways(train: int, size: int) -> None:
    seen = [budget.samples_after(step, train, size) for step in range(1, 40)]
    assert seen == sorted(set(seen))
    for step, samples in enumerate(seen, 1):
        assert budget.steps_for(samples, train, size) == step
        assert budget.steps_for(samples - 1, train, size) <= step


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 8}, "the same seed, so that all learn from the same batches: not 7 and 8"),
        ({"dataset": "points"}, "the same dataset"),
        ({"validation": 0.3}, "not 0.1 and 0.3"),
        ({"device": "auto"}, "one device that they take turns on"),
    ],
)
def test_what_has_to_be_the_same(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RaceError, match=words):
        plan([of("linear"), of("mlp", **change)], Budget("steps", 5))
    assert store.everything() == []


def test_who_cannot_race() -> None:
    with pytest.raises(RaceError, match="two to 4 settings race, not 1"):
        plan([of("linear")], Budget("steps", 5))
    with pytest.raises(RaceError, match="not 5"):
        plan([of("linear")] * 5, Budget("steps", 5))
    with pytest.raises(RaceError, match="seconds, samples or steps long, not 0 steps"):
        plan([of("linear"), of("mlp")], Budget("steps", 0))


def test_what_tells_them_apart() -> None:
    assert told_apart([of("linear"), of("mlp", lr=0.5)]) == ["linear", "mlp"]
    assert told_apart([of("mlp", lr=0.5), of("mlp", lr=0.1), of("linear")]) == ["mlp, lr 0.5", "mlp, lr 0.1", "linear"]
    assert told_apart([of("mlp", knobs={"width": 8}), of("mlp", knobs={"width": 9})]) == ["width 8", "width 9"]
    assert (
        told_apart([of("mlp"), of("mlp")]) == ["mlp, as it is (1)", "mlp, as it is (2)"] or told_apart([of("mlp")] * 2)[0] != "mlp"
    )
    lists = entrants({"preset": "linear,mlp", "dataset": "digits", "lr": "0.1,0.01", "seed": "3"})
    assert [(one.config.preset, one.config.lr, one.config.seed) for one in lists] == [
        ("linear", 0.1, 3),
        ("linear", 0.01, 3),
        ("mlp", 0.1, 3),
        ("mlp", 0.01, 3),
    ]


def test_runs_are_made_for_all_or_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made = making.create

    def create(setup: Setup) -> Run:
        if setup.config.preset == "mlp":
            raise StoreError("no room")
        return made(setup)

    monkeypatch.setattr("tui_trainer.session.race.create", create)
    with pytest.raises(StoreError, match="no room"):
        Race([of("linear"), of("mlp")], Budget("steps", 5))
    assert store.everything() == []


# Racing


def test_each_loses_what_it_loses_alone_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[str] = []
    back = put.put_back

    def put_back(aside: put.Aside) -> None:
        changes.append(threading.current_thread().name)
        back(aside)

    monkeypatch.setattr(put, "put_back", put_back)
    setups = [of("mlp", knobs={"dropout": 0.3}), of("cnn", flip=True, shift=True), of("linear", batch_size=100)]
    race = raced(Race(setups, Budget("steps", 90), clock=Counting(TICK)))
    assert [lane.state for lane in race.lanes] == ["done"] * 3
    assert all(changes.count(f"race-{lane.run.id}") > 4 for lane in race.lanes)
    for lane in race.lanes:
        alone = session.create(lane.setup)
        session.train(alone)
        assert losses(lane.run) == losses(alone)
        assert len(losses(alone)) == 90
        assert events(lane.run, RunEnded)[0].test_loss == events(alone, RunEnded)[0].test_loss


def test_all_learn_from_the_same_batches_and_print_into_their_own_files() -> None:
    race = raced(
        Race([of("one", TELLING, batch_size=30), of("two", TELLING, knobs={"width": 5}, batch_size=30)], Budget("steps", 80))
    )
    said = [lane.run.console.read_text(encoding="utf-8").splitlines() for lane in race.lanes]
    assert len(said[0]) >= 78  # the last batch of an epoch is shorter
    assert said[0] == said[1]


def test_equal_seconds_by_the_clock() -> None:
    clock = Counting(TICK)
    race = Race([of("linear"), of("mlp"), of("cnn", knobs={"width": 4})], Budget("seconds", 6), clock=clock)
    assert (race.name, race.clock, race.length, race.leader) == ("race-digits", 0.0, 6.0, None)
    raced(race)
    assert [lane.seconds for lane in race.lanes] == [2.0] * 3
    assert (race.clock, race.share, race.length) == (6.0, 1.0, 6.0)
    for lane in race.lanes:
        ended = events(lane.run, RunEnded)[0]
        last = events(lane.run, Stepped)[-1]
        assert lane.run.config().budget == ("seconds", 2.0)
        assert 1.9 < last.seconds < 2.2
        assert lane.samples == ended.samples
        curve = lane.curve("seconds")
        assert curve[-1].x > 5.7  # of the race, not of the racer
        assert lane.curve("steps")[-1] == (ended.step, lane.score)
        assert lane.curve("samples")[-1].x == ended.samples
        tried = events(lane.run, Evaluated)
        assert tried[-1].split == "test"
    leader = race.leader
    assert leader is not None
    assert race.gap(leader) == 0
    assert all((race.gap(lane) or 0) <= 0 for lane in race.lanes)
    record = swept.everything("race-digits")[0]
    assert record.runs() == {(lane.label, 7): lane.run for lane in race.lanes}


def test_curves_grow_evenly_while_a_tenth_of_the_time_goes_to_them() -> None:
    wide = [of("mlp", validation=0.01, batch_size=4), of("linear", validation=0.01, batch_size=4)]  # epochs of 400 steps
    race = raced(Race(wide, Budget("steps", 390), clock=Counting(TICK)))
    for lane in race.lanes:
        steps = [event.step for event in events(lane.run, Evaluated)]
        assert len(lane.curve("steps")) == len(set(steps))
        assert 8 <= len(set(steps)) <= 22
        assert max(later - before for before, later in pairwise(steps)) < 80
        tried = [event.took for event in events(lane.run, Evaluated) if event.split == "val"]
        assert sum(tried[:-1]) <= 0.1 * lane.seconds + max(tried)


def test_who_fails_leaves_the_race_and_the_others_go_on() -> None:
    setups = [
        of("linear"),
        of("breaks", BREAKING),
        of("mlp"),
        of("none", "def build(input_shape, num_classes):\n    raise OSError(1)\n"),
    ]
    race = raced(Race(setups, Budget("steps", 40)))
    assert [lane.state for lane in race.lanes] == ["done", "failed", "done", "failed"]
    assert "it broke" in race.lanes[1].error
    assert "OSError" in race.lanes[3].error
    assert race.leader in {race.lanes[0], race.lanes[2]}
    assert race.share == 1.0
    assert [lane.history.step for lane in (race.lanes[0], race.lanes[2])] == [40, 40]


def test_the_time_of_who_left_is_nobodys() -> None:
    race = raced(Race([of("linear"), of("breaks", BREAKING)], Budget("seconds", 2), clock=Counting(TICK)))
    assert [lane.state for lane in race.lanes] == ["done", "failed"]
    assert race.length is not None
    assert 1.0 < race.length < 2.0
    assert race.clock == pytest.approx(race.length)


def test_pause_and_stop() -> None:
    race = Race([of("linear"), of("mlp")], Budget("steps", 10**7))
    race.start()
    until(race, lambda: all(lane.state == "racing" and lane.history.step for lane in race.lanes))
    race.pause()
    assert (race.paused, race.stopping) == (True, False)
    until(race, lambda: race._turns._holder is None)
    while race.poll():
        pass
    clock, steps = race.clock, [lane.history.step for lane in race.lanes]
    assert not race.poll()
    assert (race.clock, [lane.history.step for lane in race.lanes]) == (clock, steps)
    race.go_on()
    until(race, lambda: race.clock > clock and all(now.history.step > then for now, then in zip(race.lanes, steps, strict=True)))
    race.pause()
    race.stop()  # which ends the pause
    race.pause()  # and comes too late
    assert (race.paused, race.stopping) == (False, True)
    assert race.wait(30)
    while race.poll():
        pass
    assert (race.over, race.alive) == (True, False)
    for lane in race.lanes:
        assert lane.state == "stopped"
        assert lane.score is not None
        assert events(lane.run, CheckpointSaved)
        assert store.summary(lane.run).status == "stopped"
        assert len(losses(lane.run)) == lane.history.step


def test_stop_before_anybody_is_ready() -> None:
    race = Race([of("linear"), of("mlp")], Budget("seconds", 1000))
    waits = threading.Event()

    class Halting:
        def cancel(self) -> None:
            assert waits.wait(30)

    race.start(after=Halting())
    race.stop()
    waits.set()
    assert race.wait(30)
    while race.poll():
        pass
    assert [lane.state for lane in race.lanes] == ["stopped", "stopped"]
    assert all(not events(lane.run, RunStarted) or lane.history.step < 10**4 for lane in race.lanes)


def test_abandoned_at_once() -> None:
    race = Race([of("linear"), of("mlp")], Budget("seconds", 1000))
    race.start()
    until(race, lambda: race.racing)
    race.abandon()
    assert race.wait(30)
    while race.poll():
        pass
    assert [lane.history.ended.reason for lane in race.lanes if lane.history.ended] == ["abandoned"] * 2


def test_nobody_pauses_one_racer_alone() -> None:
    from tui_trainer.commands import HandOver, Pause, Step

    race = Race([of("linear"), of("mlp")], Budget("steps", 60), clock=Counting(TICK))
    for command in (Pause(), Step(), HandOver()):
        log.append(race.lanes[0].run.commands, command)
    raced(race)
    assert [lane.state for lane in race.lanes] == ["done", "done"]
    assert not race.lanes[0].history.paused
    assert "it is in a race" in race.lanes[0].history.notes[0].text
    assert race.lanes[1].history.warnings == 0
