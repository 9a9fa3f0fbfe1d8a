"""What taking turns costs: `python tests/bench/race.py`, by hand, on a quiet machine.

Three figures. What handing on takes: the time between two turns, in which nobody trains. What coming back takes: the first steps
of a turn are slower than the others of the same turn, because caches and threads were somebody else's; as these lie a tenth of a
second apart, busy neighbours spoil little of it. And the whole: each net trains alone for its part of the seconds and then in
a race with the others, by turns, and the medians of its samples a second of its own time are compared; with one thread that is
time of the thread.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

from tui_trainer import session
from tui_trainer.engine.loop import Trainer
from tui_trainer.events import RunEnded
from tui_trainer.runs import log
from tui_trainer.runs.store import Run
from tui_trainer.session import racer
from tui_trainer.session.race import Budget, Race
from tui_trainer.session.setup import Setup
from tui_trainer.session.turns import Watch

FIRST = 10
"""Steps of a turn that may be slower for its beginning."""
turns: list[list[float]] = []
"""When the steps of each turn were done."""
gaps: list[float] = []
"""Seconds between two turns."""
left = time.perf_counter()


def listen() -> None:
    """From now on: every watch tells when it runs and when it stands."""
    before = Watch.run, Watch.stand

    def run(watch: Watch) -> None:
        before[0](watch)
        gaps.append(time.perf_counter() - left)
        turns.append([watch.read()])
        threading.current_thread().steps = turns[-1], watch  # type: ignore[attr-defined]  # where its steps are told

    def stand(watch: Watch) -> None:
        global left
        before[1](watch)
        left = time.perf_counter()

    def count(trainer: Trainer, *given: Any) -> None:
        counted(trainer, *given)
        if told := getattr(threading.current_thread(), "steps", None):
            told[0].append(told[1].read())

    counted = Trainer.count
    for kind, name, told in ((Watch, "run", run), (Watch, "stand", stand), (Trainer, "count", count)):
        setattr(kind, name, told)


def coming_back() -> float:
    """Share of the time that is lost to slow first steps, as the mean of all turns with enough of them."""
    lost = spent = 0.0
    for done in turns:
        took = [later - before for before, later in pairwise(done)]
        if len(took) > 3 * FIRST:
            usual = median(took[FIRST:])
            lost += min(sum(took[:FIRST]) - FIRST * usual, FIRST * usual)  # more than that was somebody else's doing
            spent += sum(took)
    return lost / spent if spent else 0.0


def speed(run: Run) -> float:
    """Samples a second of its own time, its end left out."""
    ended = next(event for event in log.Tail(run.events)(1 << 30) if isinstance(event, RunEnded))
    return ended.samples / run.config().budget[1]


def alone(setup: Setup, clock: Callable[[], float]) -> float:
    run = session.create(setup)
    thread = threading.Thread(target=session.train, args=(run,), kwargs={"clock": clock})
    thread.start()
    thread.join()
    return speed(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="?", default="linear,mlp,cnn")
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--threads", default="1")
    given = parser.parse_args()
    clock = time.thread_time if given.threads == "1" else time.perf_counter
    racer.TRYING = 0.0  # alone nobody asks for validations either
    listen()
    plain = {"dataset": given.dataset, "threads": given.threads, "device": "cpu", "precision": "fp32", "validation": 0.02}
    setups = [session.configure({**plain, "preset": preset}) for preset in given.presets.split(",")]
    apart: list[list[float]] = [[] for _ in setups]
    together: list[list[float]] = [[] for _ in setups]
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        for turn in range(given.rounds + 1):
            race = Race(setups, Budget("seconds", given.seconds), clock=clock)
            race.start()
            race.wait(1000)
            if turn:  # the first one warms up
                for at, lane in enumerate(race.lanes):
                    together[at].append(speed(lane.run))
                    apart[at].append(alone(lane.setup, clock))
            else:
                gaps.clear()
                turns.clear()
        ratios = [median(one) / median(other) for one, other in zip(together, apart, strict=True)]
        for label, ratio, one, other in zip(race.labels, ratios, together, apart, strict=True):
            print(f"{label:<12} race {median(one):>9.0f}  alone {median(other):>9.0f} samples/s  ratio {ratio:.3f}")
        changes = len(gaps) / given.rounds
        handing = median(gaps) * changes / given.seconds
        print(f"{changes:.0f} changes of turn a race, {1e6 * median(gaps):.0f} us each: {100 * handing:.2f} % of the time")
        print(f"slow first steps of a turn: {100 * coming_back():.2f} % of the time")
        lost = 1 - sum(ratios) / len(ratios) * (1 - handing)
        print(f"lost in all, by the ratios: {100 * lost:.1f} %")


if __name__ == "__main__":
    main()
