"""What the record costs: writing, reading back, bounded curves, a list of a thousand runs. Run it by hand."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tui_trainer.config import read
from tui_trainer.events import Evaluated, RunEnded, RunStarted, Stepped
from tui_trainer.runs import log, store
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
        runs = [store.create(read(CONFIG), preset) for _ in range(1000)]
        for run in runs:
            with log.Writer(run.events) as write:
                write(STARTED)
                for step in range(100, 1001, 100):
                    write(Stepped(step, 1, values[:100], 50, 3200, 1e-3, step / 10))
                write(ENDED)
        timed("1 000 summaries of runs that ended", lambda: [store.summary(run) for run in store.everything()])
        for run in runs[:100]:
            run.events.write_bytes(path.read_bytes())
        timed("10 summaries of runs lost after an hour", lambda: [store.summary(run) for run in runs[:10]])


def fill(series: Series, values: tuple[float, ...]) -> None:
    for first in range(1, 999_900, 300):
        series.extend(first, values)


if __name__ == "__main__":
    main()
