"""How quick the screen is and what it costs training. Run by hand: python tests/bench/screen.py [frame speed windows keys bytes]

All of it is the real program in a pseudo-terminal of 120x36, interleaved with what it is compared to. On a machine that
does other things as well trust, in this order: processor time, `windows` (drawn and not drawn by turns in one process),
`speed` (whole runs by turns), wall time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pty_screen import PROGRAM, Terminal  # beside the tests
from tui_trainer.events import Stepped
from tui_trainer.runs import log, store

WIDE = (120, 36)
RUNS = {"mlp on digits": ("mlp", "digits"), "cnn on shapes": ("cnn", "shapes")}
LENGTH, PAIRS = 8, 7
"""Seconds of a run, and how often each is run in both ways."""
SKIPPED = 2.0
"""Seconds at the beginning of a run that are not counted."""
WINDOW, WINDOWS = 1.0, 30
"""Seconds for which the screen is drawn, then not drawn, and how often."""
KEYS = 200
ENDED = b'"RunEnded"'

TOGGLED = f"""
import sys, time
from tui_trainer.app import app, taking
from tui_trainer.events import Stepped

drawn, out = app.TrainerApp._look, open(sys.argv[1], "w", buffering=1)

def look(self):
    if int(time.perf_counter() / {WINDOW}) % 2 and self.is_running and self.live.history.step > 100:
        self.set_timer(0.1, self._look)
    else:
        drawn(self)

def note(event):
    if isinstance(event, Stepped):
        print(time.perf_counter(), event.step, file=out)

made = taking.Session
taking.Session = lambda run: made(run, note)
app.TrainerApp._look = look
from tui_trainer.cli import main
sys.exit(main(sys.argv[2:]))
"""


def settings(what: str, seconds: float) -> list[str]:
    _, dataset = RUNS[what]
    return ["--dataset", dataset, "--seconds", str(seconds), "--lr", "1e-4", "--schedule", "constant"]


@contextmanager
def live(what: str, seconds: float = 3600, command: Sequence[str] = PROGRAM) -> Iterator[Terminal]:
    """A run in training with the app open."""
    with Terminal("--preset", RUNS[what][0], *settings(what, seconds), "--start", command=command, size=WIDE) as terminal:
        terminal.sees("● training", "val ")
        yield terminal


def newest() -> store.Run:
    return store.everything()[0]


def watched(terminal: Terminal) -> None:
    """Read whatever is drawn until the run has ended; looks at the record seldom, not to be a burden itself."""
    run = newest()
    while ENDED not in run.events.read_bytes()[-2000:]:
        rest = time.monotonic() + 0.5
        while time.monotonic() < rest:
            terminal.drain(0.5)


def speed() -> float:
    """Steps a second of the newest run, without its beginning."""
    tail, seen = log.Tail(newest().events), list[tuple[float, int]]()
    while new := tail():
        seen += [(event.seconds, event.step) for event in new if isinstance(event, Stepped)]
    seen = [one for one in seen if one[0] > SKIPPED]
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


def row(name: str, figure: str, target: str, met: bool) -> None:
    print(f"{'✓' if met else '✕'} {name:<46} {figure:<34} {target}", flush=True)


# ---- the first frame ---------------------------------------------------------------------------------------------


def first_frame() -> tuple[float, float]:
    """Seconds from the start of the process to its whole first frame, and processor seconds used by then."""
    began = time.perf_counter()
    with Terminal(size=WIDE) as terminal:
        terminal.sees("Start", "own knobs", "○ not started", "Tab next field", "parameters")
        return time.perf_counter() - began, cpu_exact(terminal.pid)


def cpu_exact(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def importing() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, torchvision"], check=True)
    return time.perf_counter() - began


def frame() -> None:
    first_frame(), importing()
    frames, imports = list[tuple[float, float]](), list[float]()
    for _ in range(9):
        frames.append(first_frame())
        imports.append(importing())
    wall, cpu = (statistics.median(column) for column in zip(*frames, strict=True))
    other = statistics.median(imports)
    row("first frame", f"{wall * 1e3:.0f} ms (best {min(frames)[0] * 1e3:.0f}, cpu {cpu * 1e3:.0f})", "< 400 ms", wall < 0.4)
    row("against import torch, torchvision", f"{wall / other:.2f} of {other * 1e3:.0f} ms", "< 0.33", wall / other < 1 / 3)


# ---- training speed ----------------------------------------------------------------------------------------------


def with_screen(what: str) -> float:
    with live(what, LENGTH) as terminal:
        watched(terminal)
    return speed()


def without_screen(what: str) -> float:
    words = [*PROGRAM, "train", RUNS[what][0], *settings(what, LENGTH), "-q"]
    subprocess.run(words, check=True, capture_output=True)
    return speed()


def whole_runs() -> None:
    for what in RUNS:
        open_, closed = list[float](), list[float]()
        for number in range(PAIRS):
            order = [(open_, with_screen), (closed, without_screen)]
            for into, way in order if number % 2 else reversed(order):
                into.append(way(what))
        a, b = statistics.median(open_), statistics.median(closed)
        each = sorted(x / y for x, y in zip(open_, closed, strict=True))
        figure = f"{a / b:.3f} of {b:.0f} steps/s (pairs {each[0]:.2f} to {each[-1]:.2f})"
        row(f"{what}, app against headless", figure, ">= 0.95", a / b >= 0.95)


def windows() -> None:
    for what in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            script, out = Path(folder) / "toggled.py", Path(folder) / "steps"
            script.write_text(TOGGLED, encoding="utf-8")
            with live(what, command=(sys.executable, str(script), str(out))) as terminal:
                end = time.monotonic() + 2 * WINDOW * WINDOWS
                while time.monotonic() < end:
                    terminal.drain(0.2)
            shares = ratios(out)
        ratio = statistics.median(shares)
        figure = f"{ratio:.3f} (middle half {shares[len(shares) // 4]:.2f} to {shares[len(shares) * 3 // 4]:.2f})"
        row(f"{what}, drawn against not drawn", figure, ">= 0.95", ratio >= 0.95)


def ratios(file: Path) -> list[float]:
    """The speed of each window with drawing over that of its two neighbours without, sorted."""
    seen = [(float(when), int(step)) for when, step in map(str.split, file.read_text().splitlines())]
    per: dict[int, float] = {}
    spent: dict[int, float] = {}
    for (before, a), (after, b) in pairwise(seen):
        if int(before / WINDOW) == (window := int(after / WINDOW)):
            per[window] = per.get(window, 0) + b - a
            spent[window] = spent.get(window, 0) + after - before
    fast = {window: per[window] / spent[window] for window in per if spent[window] > WINDOW / 2}
    drawn = [w for w in fast if w % 2 == 0 and {w - 1, w + 1} <= fast.keys()][1:]
    return sorted(fast[w] / ((fast[w - 1] + fast[w + 1]) / 2) for w in drawn)


# ---- keys and bytes ----------------------------------------------------------------------------------------------


def on_log_scale(terminal: Terminal) -> bool:
    return any("─ Loss" in line and " log " in line for line in terminal.screen.rows()[:4])


def key_times() -> list[float]:
    """Seconds from a key to the first byte of what it changed."""
    taken = list[float]()
    with live("mlp on digits") as terminal:
        for _ in range(KEYS):
            rest = time.monotonic() + 0.25
            while time.monotonic() < rest:
                terminal.read(0.01)
            before, began = on_log_scale(terminal), time.perf_counter()
            terminal.type("y")
            while True:
                data = terminal.drain(1.0)
                came = time.perf_counter()
                terminal.screen.feed(data)
                if on_log_scale(terminal) != before:
                    break
            taken.append(came - began)
    return sorted(taken)


def keys() -> None:
    taken = key_times()
    median, late = statistics.median(taken), taken[int(len(taken) * 0.99)]
    row("key to screen while training, median", f"{median * 1e3:.1f} ms of {len(taken)} keys", "< 20 ms", median < 0.02)
    row("key to screen while training, p99", f"{late * 1e3:.1f} ms (slowest {taken[-1] * 1e3:.1f})", "< 60 ms", late < 0.06)


def sent(terminal: Terminal, seconds: float) -> float:
    """Bytes a second."""
    began, before = time.monotonic(), terminal.bytes
    while time.monotonic() < began + seconds:
        terminal.read(0.05)
    return (terminal.bytes - before) / (time.monotonic() - began)


def rested(terminal: Terminal, *texts: str) -> float:
    terminal.sees(*texts)
    sent(terminal, 7)  # sentences in the status line have gone
    return sent(terminal, 10)


def bytes_sent() -> None:
    for what in RUNS:
        with live(what) as terminal:
            sent(terminal, 2)
            rate = sent(terminal, 15)
            row(f"bytes while training {what}", f"{rate / 1e3:.1f} kB/s", "< 30 kB/s", rate < 30e3)
            idle: dict[str, float] = {}
            terminal.type(" ")
            idle["paused"] = rested(terminal, "‖ paused")
            terminal.type("X")
            idle["after the run"] = rested(terminal, "stopped")
            terminal.type("s")
            idle["form after a run"] = rested(terminal, "Start", "measured")
        for state, rest in idle.items():
            row(f"bytes, {state}", f"{rest * 10:.0f} B in 10 s", "0", rest == 0)
    with Terminal(size=WIDE) as terminal:
        rest = rested(terminal, "Start", "ready", "measured")
        row("bytes, form with its pre-flight", f"{rest * 10:.0f} B in 10 s", "0", rest == 0)


PARTS: dict[str, Callable[[], None]] = {
    "frame": frame,
    "speed": whole_runs,
    "windows": windows,
    "keys": keys,
    "bytes": bytes_sent,
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        for part in sys.argv[1:] or PARTS:
            PARTS[part]()
