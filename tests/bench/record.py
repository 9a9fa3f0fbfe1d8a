"""What the record costs: writing, reading back, bounded curves, a list of a thousand runs. Run it by hand."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui_trainer.config import read
from tui_trainer.events import CheckpointSaved, Evaluated, RunEnded, RunResumed, RunStarted, Stepped
from tui_trainer.runs import columns, filters, labels, log, store
from tui_trainer.runs.history import History
from tui_trainer.runs.series import Series

CLASSES = tuple("0123456789")
CONFIG = {"preset": "cnn", "dataset": "digits", "batch_size": 32, "schedule": "constant", "epochs": 10}
STARTED = RunStarted(dict(CONFIG), "cpu", "x", 1, "fp32", 1234, (), (1, 8, 8), CLASSES, 32_000, 1000, 1000, 1000, 0)
MATRIX = tuple(tuple(95 if row == column else int((row + column) % 7 == 0) for column in range(10)) for row in range(10))
ENDED = RunEnded(1000, 1, "finished", 60.0, 0.97, 1, 0.1, 0.97, 0.1, 0.96, 0.1, 32_000, 1234)


def timed(name: str, work: Callable[[], object], *, per: int = 1, unit: str = "ms", repeats: int = 5) -> None:
    """The best of some repeats, per piece of work, in seconds of the processor: others may use the machine as well."""
    scale = {"ms": 1e3, "µs": 1e6}[unit]
    best = min(_once(work) for _ in range(repeats))
    print(f"{name:<58}{scale * best / per:>10.2f} {unit}")


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def an_hour(path: Path) -> int:
    """An hour of reports, ten a second, two losses each; gives the steps."""
    chance, step = random.Random(0), 0
    with log.Writer(path) as write:
        write(STARTED)
        for report in range(36_000):
            step += 2
            losses = (chance.random(), chance.random())
            write(Stepped(step, (step - 1) // 1000 + 1, losses, 50, 64, 1e-3, report / 10))
            if step % 1000 == 0:
                write(Evaluated(step, step // 1000, "val", 0.1234, 0.95, MATRIX, report / 10, 0.1))
    return step


def a_million(path: Path, each: int, steps: int = 1_000_000) -> None:
    """A long run, so many losses a report: with an evaluation each thousand steps, and a checkpoint each ten thousand."""
    chance, step, report = random.Random(0), 0, 0
    with log.Writer(path) as write:
        write(STARTED)
        while step < steps:
            count = min(each, 1000 - step % 1000)
            step, report = step + count, report + 1
            losses = tuple(chance.random() for _ in range(count))
            write(Stepped(step, (step - 1) // 1000 + 1, losses, 20 * count, 32 * count, 1e-3, report / 10))
            if step % 1000 == 0:
                write(Evaluated(step, step // 1000, "val", 0.1234, 0.95, MATRIX, report / 10, 0.1))
            if step % 10_000 == 0:
                write(CheckpointSaved(step, step // 1000, best=False, seconds=report / 10))


def catch_up(path: Path, most: int = log.MOST_PER_READ) -> History:
    """What opening a run costs: its whole record, read and folded as a screen does it."""
    tail, history = log.Tail(path), History()
    while tail.behind():
        history.extend(tail(most))
    return history


def long_runs(home: Path) -> None:
    for each, steps in ((300, 1_000_000), (10, 1_000_000), (1, 360_000)):
        path = home / f"{each}.jsonl"
        a_million(path, each, steps)
        timed(f"catch up with {steps:,} steps, {each} a report", lambda path=path: catch_up(path), repeats=4)
    history = catch_up(home / "10.jsonl")
    saved = [CheckpointSaved(step, 1000, best=False) for step in range(1_000_001, 1_002_001, 2)]
    reports = [Stepped(step, 1000, (0.5, 0.5), 20, 64, 1e-3, 1e5 + step / 10) for step in range(1_000_002, 1_002_003, 2)]
    timed("fold a report as it comes", lambda: [history.apply(report) for report in reports], per=1000, unit="µs", repeats=1)
    timed("fold a checkpoint", lambda: [history.apply(event) for event in saved], per=1000, unit="µs", repeats=1)
    back = RunResumed(1_000_000, 1000, 1e5, True, steps=2_000_000, steps_per_epoch=1000, config=CONFIG)
    timed("fold a resumption after a million steps", lambda: history.apply(back), repeats=1)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        path = Path(home, "events.jsonl")
        start = time.process_time()
        steps = an_hour(path)
        print(f"{'write an event':<58}{1e6 * (time.process_time() - start) / 36_000:>10.2f} µs")
        print(f"{'bytes a step, an hour of two losses a report':<58}{path.stat().st_size / steps:>10.2f} B")
        timed("read 36 000 lines", lambda: log.Tail(path)(1 << 30))
        rows = log.Tail(path)(1 << 30)
        timed("fold 36 000 events", lambda: History().extend(rows))
        values = tuple(random.Random(1).random() for _ in range(300))
        timed("a value into a series, 300 at once", lambda: fill(Series(), values), per=999_900, unit="µs")
        million = Series()
        fill(million, values)
        timed("buckets of 1 000 000 values", million.buckets)
        preset = Path(home, "cnn.py")
        preset.write_text("")
        long_runs(Path(home))
        runs = a_thousand(preset, values)
        timed("1 000 summaries of runs that ended", lambda: [store.summary(run) for run in store.everything()])
        told = [store.summary(run) for run in store.everything()]
        chosen = filters.parse("lr>=1e-4 dataset:digits status:finished wider", columns.knobs(told))
        timed("1 000 runs filtered by four words", lambda: [one for one in told if chosen.wanted(one)])
        timed("1 000 runs sorted by each column", lambda: [columns.ordered(told, one) for one in columns.COLUMNS])
        timed("a run among 1 000, by the name a person gave it", lambda: store.find("net number 999"))
        for run in runs[:100]:
            run.events.write_bytes(path.read_bytes())
        timed("10 summaries of runs lost after an hour", lambda: [store.summary(run) for run in runs[:10]])


def a_thousand(preset: Path, values: tuple[float, ...]) -> list[store.Run]:
    """Runs that ended, each with a name and a note."""
    runs = [store.create(read(CONFIG), preset) for _ in range(1000)]
    for number, run in enumerate(runs):
        with log.Writer(run.events) as write:
            write(STARTED)
            for step in range(100, 1001, 100):
                write(Stepped(step, 1, values[:100], 50, 3200, 1e-3, step / 10))
            write(replace(ENDED, curve=values[:24]))
        labels.write(run, name=f"net number {number}", note="try wider next, with a lower rate and for longer")
    return runs


def fill(series: Series, values: tuple[float, ...]) -> None:
    for first in range(1, 999_900, 300):
        series.extend(first, values)


if __name__ == "__main__":
    main()
