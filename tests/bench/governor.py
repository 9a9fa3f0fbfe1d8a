"""What the choice of threads brings: `python tests/bench/governor.py`, by hand.

One net is trained in slices by turns: with each fixed number of threads, and with the governor. First alone, then beside a
process that keeps one core busy, which this file starts and ends. Of each round the governor's speed over that of each fixed
number is kept; the figures are medians. Its slices begin where it ended the last one, save the first of each part.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from tui_trainer import config, paths
from tui_trainer.engine import devices
from tui_trainer.engine.governor import ladder
from tui_trainer.engine.loop import Trainer
from tui_trainer.engine.prepare import prepare
from tui_trainer.engine.saves import Saves
from tui_trainer.events import Event, ThreadsChanged

BURNER = "while True: pass"


class Sliced(Trainer):
    """A trainer that learns for some seconds at a time."""

    until = 0.0

    def over(self) -> bool:
        return self.clock() >= self.until


class Arm:
    """One way to choose threads."""

    def __init__(self, given: dict[str, object], threads: str, folder: Path) -> None:
        setup = config.read({**given, "threads": threads, "device": "cpu"})
        ready = prepare(setup, paths.shipped_presets() / f"{setup.preset}.py", paths.datasets(), lambda *said, **more: None)
        self.events: list[Event] = []
        self.trainer = Sliced(
            ready, Saves(folder, self.events.append, time.perf_counter), self.events.append, list, time.perf_counter, time.sleep
        )

    def learn(self, seconds: float) -> float:
        """Steps a second over such a slice."""
        run = self.trainer
        torch.set_num_threads(run.governor.threads)
        run.until = (began := time.perf_counter()) + seconds
        before = run.step
        while not run.over():
            run.learn()
        return (run.step - before) / (time.perf_counter() - began)


def part(given: dict[str, object], numbers: tuple[int, ...], rounds: int, seconds: float) -> None:
    """All ways by turns, and what the governor did."""
    with tempfile.TemporaryDirectory() as folder:
        arms = {name: Arm(given, name, Path(folder)) for name in (*map(str, numbers), "auto")}
        for arm in arms.values():
            arm.learn(0.5)
        speeds: dict[str, list[float]] = {name: [] for name in arms}
        for number in range(rounds):
            for name in arms if number % 2 else reversed(arms):
                speeds[name].append(arms[name].learn(seconds))
    for name in map(str, numbers):
        ratios = sorted(a / b for a, b in zip(speeds["auto"], speeds[name], strict=True))
        figures = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"    against {name:>2}: {figures}; that is {median(speeds[name]):.1f} steps/s")
    best = max(median(speeds[name]) for name in map(str, numbers))
    changes = [event for event in arms["auto"].events if isinstance(event, ThreadsChanged)]
    said = ", ".join(f"{one.old}→{one.new}" for one in changes) or "none"
    print(f"    against the best: {median(speeds['auto']) / best:.2f}; changes: {said}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="cnn")
    parser.add_argument("--dataset", default="shapes")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0, help="of a slice")
    asked = parser.parse_args()
    numbers = ladder(1, devices.cores())
    what = f"{asked.preset} on {asked.dataset}, batch {asked.batch}, {asked.precision}"
    print(f"torch {torch.__version__}, {what}; {asked.rounds} rounds")
    given: dict[str, object] = {
        "preset": asked.preset,
        "dataset": asked.dataset,
        "batch_size": asked.batch,
        "precision": asked.precision,
        "epochs": 10_000,
    }
    print("  alone")
    part(given, numbers, asked.rounds, asked.seconds)
    burner = subprocess.Popen([sys.executable, "-c", BURNER])
    try:
        print("  beside a busy core")
        part(given, numbers, asked.rounds, asked.seconds)
    finally:
        burner.kill()
        burner.wait()


if __name__ == "__main__":
    main()
