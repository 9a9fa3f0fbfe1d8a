"""From the start of the program to its first batch: `python tests/bench/first.py`, by hand.

`tui-trainer --start` in a pseudo-terminal, the caches warm; the figure is the time until the record says the first step, and
next to it that of `import torch` alone in a fresh process, taken by turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pty_screen import Terminal  # beside the tests
from tui_trainer.events import Event, RunStarted, Stepped
from tui_trainer.runs import log, store

RUNS = {"mlp on digits": ("mlp", "digits"), "cnn on shapes": ("cnn", "shapes")}
SIZE = (120, 36)
DEADLINE = 300.0


def first(preset: str, dataset: str) -> tuple[float, float]:
    """Seconds until the run had started, and until its first step."""
    known = {run.name for run in store.everything()}
    words = ["--preset", preset, "--dataset", dataset, "--seconds", "3600", "--start"]
    began, started = time.perf_counter(), 0.0
    with Terminal(*words, size=SIZE) as terminal:
        tail: log.Tail | None = None
        while (now := time.perf_counter() - began) < DEADLINE:
            terminal.drain(0.01)
            if tail is None:
                new = [run for run in store.everything() if run.name not in known]
                tail = log.Tail(new[0].events) if new else None
                continue
            events: list[Event] = list(tail())
            if any(isinstance(event, RunStarted) for event in events):
                started = now
            if any(isinstance(event, Stepped) for event in events):
                return started, now
    raise SystemExit(f"no step of {preset} on {dataset} within {DEADLINE:.0f} s")


def importing() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        for what, run in RUNS.items():
            first(*run), importing()
            times, imports = list[tuple[float, float]](), list[float]()
            for _ in range(rounds):
                times.append(first(*run))
                imports.append(importing())
            begun, stepped = (statistics.median(column) for column in zip(*times, strict=True))
            torch = statistics.median(imports)
            met = "✓" if stepped < 2 else "✕"
            figures = f"{stepped:.2f} s (best {min(steps for _, steps in times):.2f}; started {begun:.2f})"
            print(f"{met} {what}: first step after {figures}; import torch {torch:.2f} s", flush=True)


if __name__ == "__main__":
    main()
