"""Taking turns: one works at a time, whoever used the least is next, and a clock stands while others work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from tui_trainer.session.turns import Turns, Watch


class Now:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Workers:
    """Some that work for so long a turn each, until each has worked for `until` seconds of its own."""

    def __init__(self, *long: float, until: float = 1.0) -> None:
        self.turns, self.now, self.until = Turns(len(long)), Now(), until
        self.watches = [Watch(self.now) for _ in long]
        self.worked: list[tuple[int, float]] = []
        """Who had the turn, and what its watch showed then."""
        self.at_work = 0
        self.threads = [threading.Thread(target=self._work, args=each, daemon=True) for each in enumerate(long)]

    def run(self) -> None:
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()

    def _work(self, number: int, long: float) -> None:
        turns, watch = self.turns, self.watches[number]
        turns.take(number)
        turns.gate(number)
        watch.run()
        while watch.read() < self.until:
            self.at_work += 1
            assert self.at_work == 1, "two work at the same time"
            self.now.now += long
            self.worked.append((number, watch.read()))
            self.at_work -= 1
            if not turns.goes_on(number, watch.read() / self.until):
                watch.stand()
                turns.pass_on(number)
                watch.run()
        watch.stand()
        turns.leave(number)


def until(true: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


def test_a_watch_stands_while_others_work() -> None:
    now = Now()
    watch = Watch(now)
    now.now = 5
    assert watch.read() == 0
    watch.run()
    now.now = 7
    assert watch.read() == 2
    watch.stand()
    now.now = 100
    assert watch.read() == 2
    watch.run()
    watch.run()  # it runs already
    now.now = 101
    assert watch.read() == 3


def test_each_gets_the_same_however_long_its_turns_are() -> None:
    workers = Workers(0.01, 0.07, 0.03)
    workers.run()
    assert all(1.0 <= watch.read() < 1.0 + long + 1e-9 for watch, long in zip(workers.watches, (0.01, 0.07, 0.03), strict=True))
    used, apart = [0.0, 0.0, 0.0], 0.0
    for number, seconds in workers.worked:
        used[number] = seconds
        apart = max(apart, max(used) - min(used))
    assert apart < 0.15  # about two turns of the longest
    assert workers.now.now == pytest.approx(sum(watch.read() for watch in workers.watches))


def test_who_leaves_is_waited_for_by_nobody() -> None:
    turns, done = Turns(3), []

    def work(number: int) -> None:
        turns.take(number)
        if number != 1:
            turns.gate(number)
            done.append(number)
        turns.leave(number)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(done) == [0, 2]


def test_before_the_gate_one_gets_ready_after_the_other() -> None:
    turns, order = Turns(2), []

    def work(number: int) -> None:
        turns.take(number)
        for _ in range(3):
            order.append(number)
            if not turns.goes_on(number, 0.0):
                turns.pass_on(number)
        turns.gate(number)
        order.append(number)
        turns.leave(number)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    first = order[0]
    assert order[:6] == [first] * 3 + [1 - first] * 3
    assert sorted(order[6:]) == [0, 1]


def test_nobody_works_while_it_is_held_and_all_do_after_that() -> None:
    workers = Workers(0.01, 0.01, until=0.5)
    workers.turns.hold()
    for thread in workers.threads:
        thread.start()
    until(lambda: len(workers.turns._waiting) == 2)
    assert workers.worked == []
    workers.turns.go_on()
    until(lambda: not any(thread.is_alive() for thread in workers.threads))
    assert all(watch.read() >= 0.5 for watch in workers.watches)


def test_in_a_hurry_nobody_is_waited_for_at_the_gate() -> None:
    turns, beyond, ready = Turns(2), threading.Event(), threading.Event()

    def early() -> None:
        turns.take(0)
        turns.gate(0)
        beyond.set()
        turns.leave(0)

    def late() -> None:
        turns.take(1)
        assert ready.wait(10)
        if not turns.goes_on(1, 0.0):
            turns.pass_on(1)
        turns.leave(1)

    threads = [threading.Thread(target=one, daemon=True) for one in (early, late)]
    for thread in threads:
        thread.start()
    until(lambda: turns._holder == 1)  # the other waits at the gate
    assert not beyond.is_set()
    turns.hold()
    turns.hurry()
    ready.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert beyond.is_set()
