"""Real runs on real terminals that can be slowed down from outside, and the proof that nothing came of what happened to them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pty_screen import PATIENCE, PROGRAM, Terminal
from torture import losses_of, read
from tui_trainer import paths
from tui_trainer.engine import state
from tui_trainer.events import Evaluated, Event, Hosted, RunEnded, Stepped
from tui_trainer.runs import store
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run

MARK = "TUI_TRAINER_SURVIVOR"
"""In the environment of whatever a test starts, and so of whatever that starts."""
WIDE = (120, 36)
FIGURES = ("step", "epoch", "samples", "best_epoch", "best_accuracy", "best_loss", "last_loss", "test_accuracy", "test_loss")

SOURCE = '''"""A small net with dropout that takes its time, or waits, while a file says so."""

import os
import time
from pathlib import Path

from torch import nn

DEFAULTS = {"dataset": "digits", "optimizer": "adam", "lr": 2e-3, "batch_size": 32, "epochs": 10, "schedule": "cosine"}
HOME = Path(os.environ["TUI_TRAINER_HOME"])


class Slow(nn.Module):
    seen = 0

    def forward(self, inputs):
        self.seen += self.training
        if self.training and (HOME / "slowly").exists():
            time.sleep(0.02)
        while not self.training and self.seen > 20 and (HOME / "hold").exists():
            (HOME / "held").touch()
            time.sleep(0.01)
        return inputs


def build(input_shape, num_classes):
    """Two layers."""
    return nn.Sequential(Slow(), nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, num_classes))
'''


class World:
    """A home of its own with the slow preset in it, and all the processes that were started in it."""

    def __init__(self, home: Path) -> None:
        self.home, self.mark = home, uuid.uuid4().hex
        (home / "presets").mkdir(parents=True)
        (home / "presets" / "slow.py").write_text(SOURCE, encoding="utf-8")
        self.settings = ("--threads", "1", "--device", "cpu", "--seed", "3")
        self.env = {"TUI_TRAINER_HOME": str(home), MARK: self.mark}
        self.whole = os.environ | self.env

    # ---- what is started -----------------------------------------------------------------------------------

    def app(self, *words: str, ignore: Sequence[int] = (), env: dict[str, str] | None = None) -> Terminal:
        """The app, which starts to train at once."""
        words = ("--preset", "slow", *self.settings, "--start", *words)
        return Terminal(*words, size=WIDE, env=self.env | (env or {}), ignore=ignore)

    def on_terminal(self, *words: str, ignore: Sequence[int] = ()) -> Terminal:
        """Any command, on a terminal."""
        return Terminal(*words, size=WIDE, env=self.env, ignore=ignore)

    def train(self, *words: str) -> tuple[str, ...]:
        return ("train", "slow", *self.settings, *words)

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Any command in a pipe, to its end."""
        return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, env=self.whole, check=False, timeout=PATIENCE)

    def put(self, word: str) -> None:
        """A file where the preset looks for it."""
        (self.home / word).touch()

    def take(self, word: str) -> None:
        (self.home / word).unlink()

    def has(self, word: str) -> bool:
        return (self.home / word).exists()

    # ---- what came of it -----------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """The newest one."""
        return Run(max((self.home / "runs").iterdir()))

    def events(self) -> list[Event]:
        """What it has said; nothing before there is one."""
        with suppress(FileNotFoundError, ValueError):
            return read(self.run)
        return []

    def asked(self) -> str:
        """What was asked of it."""
        return self.run.commands.read_text() if self.run.commands.exists() else ""

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events()]

    def steps(self) -> int:
        return max((event.step for event in self.events() if isinstance(event, Stepped)), default=0)

    def hosts(self) -> list[int]:
        """The processes that took the run, oldest first."""
        return [event.pid for event in self.events() if isinstance(event, Hosted)]

    @property
    def status(self) -> str:
        return store.summary(self.run).status

    def processes(self) -> list[int]:
        """Those that run on, this one not among them."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with suppress(OSError):
                    if f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes() and not is_dead(int(entry.name)):
                        found.append(int(entry.name))
        return found


def is_dead(pid: int) -> bool:
    """Whether it is only still there because nobody asked how it ended."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def cpu(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(pid: int, seconds: float = 1.0) -> float:
    """Part of one core that a process uses, over so many seconds."""
    began, before = time.monotonic(), cpu(pid)
    time.sleep(seconds)
    return (cpu(pid) - before) / (time.monotonic() - began)


def until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} never came to be so"
        time.sleep(0.02)


def result(run: Run) -> dict[str, Any]:
    """Everything that must be as if nothing had happened."""
    events = read(run)
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    history = History()
    history.extend(events)
    tried = [event for event in events if isinstance(event, Evaluated)]
    weights = state.read(run.checkpoints / "last.pt")["weights"]
    return {
        "reason": ended.reason,
        "losses": losses_of(events),
        "counted": history.loss.count,
        "validations": {(one.split, one.step): (one.loss, one.accuracy, one.confusion) for one in tried},
        "figures": [getattr(ended, name) for name in FIGURES],
        "weights": {name: value.flatten().tolist() for name, value in weights.items()},
    }


@pytest.fixture
def world() -> Iterator[World]:
    """At the end no process may be left in it."""
    made = World(paths.home())
    yield made
    with suppress(AssertionError):
        until(lambda: not made.processes(), "the end of every process")
    left = {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in made.processes()}
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert left == {}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of the run when nothing happens to it."""
    made = World(tmp_path_factory.mktemp("undisturbed"))
    done = made.call(*made.train("-q"))
    assert done.returncode == 0, done.stderr
    return result(made.run)
