"""What taking turns costs: `python tests/bench/race.py`, by hand, on a quiet machine.

Each net trains alone for its part of the seconds and then in a race with the others, by turns; the figure is the ratio of the
medians of its samples a second of its own time. With one thread that is time of the thread, so that busy neighbours spoil less
of it. What handing on takes is measured apart: the time between two turns in which nobody trains.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from statistics import median

from tui_trainer import session
from tui_trainer.events import RunEnded
from tui_trainer.runs import log
from tui_trainer.runs.store import Run
from tui_trainer.session import racer
from tui_trainer.session.race import Budget, Race
from tui_trainer.session.setup import Setup
from tui_trainer.session.turns import Watch

gaps: list[float] = []
"""Seconds between two turns."""
left = time.perf_counter()


def listen() -> None:
    """From now on: every watch tells when it runs and when it stands."""
    before = Watch.run, Watch.stand

    def run(watch: Watch) -> None:
        before[0](watch)
        gaps.append(time.perf_counter() - left)

    def stand(watch: Watch) -> None:
        global left
        before[1](watch)
        left = time.perf_counter()

    for name, told in (("run", run), ("stand", stand)):
        setattr(Watch, name, told)


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
        ratios = [median(one) / median(other) for one, other in zip(together, apart, strict=True)]
        for label, ratio, one, other in zip(race.labels, ratios, together, apart, strict=True):
            print(f"{label:<12} race {median(one):>9.0f}  alone {median(other):>9.0f} samples/s  ratio {ratio:.3f}")
        changes = len(gaps) / given.rounds
        handing = median(gaps) * changes / given.seconds
        print(f"{changes:.0f} changes of turn a race, {1e6 * median(gaps):.0f} us each: {100 * handing:.2f} % of the time")
        lost = 1 - sum(ratios) / len(ratios) * (1 - handing)
        print(f"lost in all: {100 * lost:.1f} %")


if __name__ == "__main__":
    main()
