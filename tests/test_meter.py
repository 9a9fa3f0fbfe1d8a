"""The meter: what it can know, and that it never raises."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tui_trainer.app import meter
from tui_trainer.app.meter import Machine, Meter
from tui_trainer.events import Hosted
from tui_trainer.runs.history import History


def test_the_first_sample_knows_no_rates() -> None:
    first = Meter().sample(speed=3.0, speeds=[1, 2, 3], threads=2)
    assert (first.cpu_percent, first.screen_share, first.screen_bytes_per_second) == (None, None, None)
    assert (first.speed, first.speeds, first.threads) == (3.0, (1, 2, 3), 2)
    assert first.cores >= 1
    assert first.memory_bytes is not None
    assert first.memory_bytes > 1_000_000
    assert first.memory_total is not None
    assert first.memory_total > first.memory_bytes


def test_rates_come_from_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {"perf_counter": 10.0, "process_time": 4.0, "thread_time": 1.0}
    for name in clocks:
        monkeypatch.setattr(time, name, lambda name=name: clocks[name])
    measured = Meter()
    measured.sample(screen_bytes=1000)
    clocks.update(perf_counter=12.0, process_time=7.0, thread_time=1.02)
    second = measured.sample(screen_bytes=5000)
    assert second.cpu_percent == pytest.approx(150)
    assert second.screen_share == pytest.approx(0.01)
    assert second.screen_bytes_per_second == pytest.approx(2000)


def test_two_samples_at_once_divide_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: 1.0)
    measured = Meter()
    measured.sample()
    assert measured.sample().cpu_percent is None


def test_systems_that_tell_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    memory = meter.memory()
    assert memory is None or memory > 1_000_000


def test_while_nothing_trains_the_figures_come_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    measured, history = Meter(), History()

    def after_a_while(**live: bool) -> Machine:
        clock[0] += 2 * meter.EVERY
        return measured.now(history, screen_bytes=0, live=live["live"])

    assert after_a_while(live=True) is not after_a_while(live=True)
    resting = [after_a_while(live=False) for _ in range(8)]
    assert len({id(one) for one in resting}) == 1 + meter.UNTIL_REST
    assert after_a_while(live=True) is not resting[-1]


def test_threads_on_another_machine_are_not_set_against_the_cores_of_this_one() -> None:
    history = History()
    history.threads = 4
    here = Meter().now(history, live=True, screen_bytes=0)
    beside = Meter().now(history, live=True, screen_bytes=0, elsewhere=True)
    history.hosted = Hosted(4711, "far-away")
    there = Meter().now(history, live=True, screen_bytes=0, elsewhere=True)
    assert (here.threads, here.elsewhere) == (4, False)
    assert (beside.threads, beside.elsewhere) == (4, True)
    assert (there.threads, there.elsewhere) == (0, True)
