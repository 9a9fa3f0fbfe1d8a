"""How fast a run is and when its steps were: the same however many reports are taken in at once."""

from __future__ import annotations

import random
from collections import deque

import pytest

from tui_trainer.runs.speed import Clock, Speed


class OneByOne:
    """The same in the plainest way: every report is looked at."""

    def __init__(self) -> None:
        self.now: float | None = None
        self.past: deque[float] = deque(maxlen=60)
        self.reports = [(0.0, 0, 0)]
        self.seen, self.kept = 0, 0.0

    def add(self, seconds: float, step: int, seen: int) -> None:
        self.seen += seen
        self.reports.append((seconds, step, self.seen))
        while len(self.reports) > 2 and seconds - self.reports[1][0] >= Speed.WINDOW:
            self.reports.pop(0)
        took = seconds - self.reports[0][0]
        if took <= 0 or step <= self.reports[0][1]:
            return
        self.now = (self.seen - self.reports[0][2]) / took
        if not self.past or seconds >= self.kept + 0.5:
            self.past.append(self.now)
            self.kept = seconds

    def leave_out(self, seconds: float) -> None:
        self.reports = [(at + seconds, step, seen) for at, step, seen in self.reports]


@pytest.mark.parametrize("seed", range(40))
def test_reports_at_once_are_reports_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    speed, plain = Speed(), OneByOne()
    seconds, step = 0.0, 0
    for _ in range(chance.choice((3, 30))):
        rows = []
        for _ in range(chance.choice((1, 2, 50))):
            seconds = round(seconds + chance.choice((0.001, 0.1, 0.1, 0.7, 5.0)), 3)
            step += chance.choice((1, 3))
            rows.append((seconds, step, chance.randrange(1, 200)))
        speed.extend(*zip(*rows, strict=True))
        for row in rows:
            plain.add(*row)
        assert speed.now == plain.now
        assert list(speed.past) == list(plain.past)
        if chance.random() < 0.3:
            took = chance.choice((0.2, 3.0))
            seconds += took
            speed.leave_out(took)
            plain.leave_out(took)


@pytest.mark.parametrize("pieces", [1, 7, 5000, 20_000])
def test_a_clock_is_the_same_in_pieces(pieces: int) -> None:
    steps, seconds = list(range(1, 20_001)), [step / 10 for step in range(1, 20_001)]
    whole, parts = Clock(), Clock()
    whole.extend(steps, seconds)
    for start in range(0, 20_000, pieces):
        parts.extend(steps[start : start + pieces], seconds[start : start + pieces])
    assert [whole.at(step) for step in range(0, 20_000, 37)] == [parts.at(step) for step in range(0, 20_000, 37)]
    assert whole.at(10_000) == pytest.approx(1000)


def test_a_clock_goes_back_to_a_step() -> None:
    clock = Clock()
    clock.extend((10, 20, 30, 40), (1.0, 2.0, 3.0, 9.0))
    clock.truncate(25, 2.5)
    assert clock.at(100) == 2.5
    clock.add(26, 4.5)
    assert (clock.at(20), clock.at(25), clock.at(26)) == (2.0, 2.5, 4.5)
    clock.truncate(0, 0.0)
    assert clock.at(100) == 0.0


def test_after_a_resumption_the_speed_is_that_since_then() -> None:
    speed = Speed(100.0, 500)
    speed.add(100.5, 510, 320)
    assert (speed.now, speed.seconds_per_step) == (640.0, 0.05)
