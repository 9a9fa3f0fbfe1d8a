"""How quick the table of a thousand runs is. Run it by hand: python tests/bench/runs.py [open keys alive long]

The real program in a pseudo-terminal of 120x36, over made records that no page cache was asked to keep out. Wall time: on a
machine that does other things as well, look at the medians first.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from screen import cpu_exact, row  # beside this file

from many import STARTED, many  # beside the tests
from pty_screen import Terminal
from tui_trainer import config
from tui_trainer.events import Stepped
from tui_trainer.runs import log, store

COUNT = 1000
WIDE = (120, 36)
OPENINGS = 5
LONG = 100_000
"""Reports of a long record."""
REPEAT = 1 / 30
"""Seconds between two keys of one that is held down."""
F3 = "\x1bOR"
WORDS = "cifar10 lr>=1e-3 val>60 status:done"


@contextmanager
def opened() -> Iterator[Terminal]:
    """The program at rest on the Lab."""
    with Terminal("--device", "cpu", size=WIDE) as terminal:
        terminal.sees("○ not started", "ready", "measured")
        yield terminal


def waited(terminal: Terminal, true: Callable[[], bool]) -> float:
    """Seconds until something stands on the screen."""
    began = time.perf_counter()
    while not true():
        assert time.perf_counter() - began < 30, terminal.screen.text()
        terminal.screen.feed(terminal.drain(0.05))
    return time.perf_counter() - began


def rows_of(terminal: Terminal) -> int:
    return sum("done" in line or "■" in line or "✕" in line for line in terminal.screen.rows()[5:20])


def opening() -> None:
    first, whole = list[float](), list[float]()
    for _ in range(OPENINGS):
        with opened() as terminal:
            terminal.type(F3)
            first.append(waited(terminal, lambda: rows_of(terminal) >= 14))
            whole.append(first[-1] + waited(terminal, lambda: f"of {COUNT // 1000} 000 runs" in terminal.screen.text()))
    a, b = statistics.median(first), statistics.median(whole)
    row("first frame with a full table", f"{a * 1e3:.0f} ms (slowest {max(first) * 1e3:.0f})", "", a < 0.5)
    row(f"all {COUNT} runs read", f"{b * 1e3:.0f} ms (slowest {max(whole) * 1e3:.0f})", "< 500 ms", b < 0.5)


def pressed(terminal: Terminal, keys: Sequence[str], rest: float) -> list[tuple[float, float]]:
    """Seconds, and seconds of the processor, from each key to the first of what it changed, with so many of drawing between two."""
    taken = list[tuple[float, float]]()
    for key in keys:
        terminal.screen.feed(terminal.drain(0.0))
        before, used, began = terminal.screen.text(), cpu_exact(terminal.pid), time.perf_counter()
        terminal.type(key)
        while terminal.screen.text() == before:
            terminal.screen.feed(terminal.drain(0.05))
            assert time.perf_counter() - began < 5, f"{key!r} changed nothing"
        taken.append((time.perf_counter() - began, cpu_exact(terminal.pid) - used))
        end = time.perf_counter() + rest
        while time.perf_counter() < end:
            terminal.screen.feed(terminal.drain(max(end - time.perf_counter(), 0.0)))
    return taken


def told(name: str, taken: list[tuple[float, float]]) -> None:
    wall, cpu = (sorted(column) for column in zip(*taken, strict=True))
    (middle, late), (used, most) = ((one[len(one) // 2] * 1e3, one[int(len(one) * 0.99)] * 1e3) for one in (wall, cpu))
    row(name, f"{middle:.1f} ms, p99 {late:.1f}; processor {used:.1f}, p99 {most:.1f}", "p99 < 60 ms", late < 60)


def keys() -> None:
    with opened() as terminal:
        terminal.type(F3)
        waited(terminal, lambda: f"of {COUNT // 1000} 000 runs" in terminal.screen.text())
        told("down, held", pressed(terminal, "j" * 300, REPEAT))
        told("down, now and then", pressed(terminal, "j" * 60, 0.3))
        told("a page", pressed(terminal, ["\x1b[5~"] * 20 + ["\x1b[6~"] * 20, 0.1))
        terminal.type("/")
        waited(terminal, lambda: "to the table" in terminal.screen.text())
        for _ in range(6):
            told("a letter of the filter", pressed(terminal, WORDS, 0.1))
            terminal.type("\x15")
            waited(terminal, lambda: f"1 000 of {COUNT // 1000} 000 runs" in terminal.screen.text())
        terminal.type("\x1b")
        waited(terminal, lambda: "space" in terminal.screen.rows()[-1])
        told("another order", pressed(terminal, "sS" * 30, REPEAT))


def alive() -> None:
    """The same while a run goes on that the cursor stands on, with ten reports a second."""
    run, stop = _live(), threading.Event()
    writer = threading.Thread(target=_report, args=(run, stop))
    writer.start()
    try:
        with opened() as terminal:
            terminal.type(F3)
            waited(terminal, lambda: "● training" in terminal.screen.text())
            moved = terminal.bytes
            waited(terminal, lambda: terminal.bytes - moved > 20_000)
            told("up and down, beside a run that goes on", pressed(terminal, "jk" * 100, 0.1))
    finally:
        stop.set()
        writer.join()


def long() -> None:
    """Beside the record of a million steps, ten a report: how soon its curve is whole, and keys meanwhile."""
    run = _live("mlp")
    with log.Writer(run.events) as write:
        write(STARTED)
        for report in range(1, LONG + 1):
            write(Stepped(10 * report, 1, tuple(2.3 / (1 + report / LONG) for _ in range(10)), 100, 320, 1e-3, report / 10))
    for hurry in (False, True):
        with opened() as terminal:
            terminal.type(F3)
            waited(terminal, lambda: "reading, " in terminal.screen.text())
            if hurry:
                told("up and down, while it is read", pressed(terminal, "jk" * 30, 0.05))
            else:
                whole = waited(terminal, lambda: "reading, " not in terminal.screen.text())
                row(f"{run.events.stat().st_size / 1e6:.0f} MB read for one curve", f"{whole:.1f} s", "", whole < 5)


def _live(preset: str = "cnn") -> store.Run:
    source = Path(os.environ["TUI_TRAINER_HOME"]) / "live.py"
    source.write_text('"""Made."""\n', encoding="utf-8")
    return store.create(config.read({"preset": preset, "dataset": "cifar10", "epochs": 100}), source)


def _report(run: store.Run, stop: threading.Event) -> None:
    step = 0
    with log.Writer(run.events) as write:
        write(STARTED)
        while not stop.wait(0.1):
            step += 5
            write(Stepped(step, 1 + step // 500, tuple(2.3 / (1 + step / 50) for _ in range(5)), 100, 320, 1e-3, step / 50))


PARTS: dict[str, Callable[[], None]] = {"open": opening, "keys": keys, "alive": alive, "long": long}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        many(COUNT)
        for part in sys.argv[1:] or PARTS:
            PARTS[part]()
