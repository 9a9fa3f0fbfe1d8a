"""Runs of the fake trainer in threads and processes, and the proof that none of those is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import fake_engine
from tui_trainer import paths, session
from tui_trainer.events import Event, Hosted, RunResumed, RunStarted, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run

PATIENCE = 60.0
HERE = Path(__file__).parent


def until(true: Callable[[], object], what: str = "it") -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} never came to be so"
        time.sleep(0.005)


def made(**settings: object) -> Run:
    """A run that is ready to start: of a thousand epochs, unless said otherwise."""
    return session.create(session.configure({"preset": "linear", "device": "cpu", "threads": 1, "epochs": 1000, **settings}))


def said(run: Run) -> list[Event]:
    return log.Tail(run.events)(1 << 30)


def kinds(run: Run, *without: str) -> list[str]:
    return [type(event).__name__ for event in said(run) if type(event).__name__ not in without]


def steps(run: Run) -> int:
    """The last step that was reported."""
    return max((event.step for event in said(run) if isinstance(event, Stepped)), default=0)


def losses(run: Run) -> list[float]:
    """Of every step that counts, in order; fails where one is missing or counted twice."""
    found: list[float] = []
    for event in said(run):
        if isinstance(event, RunStarted):
            found = []
        elif isinstance(event, RunResumed):
            del found[event.step :]
        elif isinstance(event, Stepped):
            assert event.step == len(found) + len(event.losses)
            found += event.losses
    return found


def hosts(run: Run) -> list[int]:
    """The processes that took it, oldest first."""
    return [event.pid for event in said(run) if isinstance(event, Hosted)]


def processes() -> list[int]:
    """Those whose command line names the home of this test."""
    if sys.platform == "win32":
        return []
    shown = subprocess.run(["ps", "-ewwo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in shown.splitlines() if str(paths.home()) in line]
    return [int(row[0]) for row in rows if not row[1].startswith("Z") and int(row[0]) != os.getpid()]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The fake trainer, here and in every process that is started; the file without which none of those begins.

    At the end of the test no process may be left."""
    import tui_trainer.engine

    gate = tmp_path / "gate"
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"import fake_engine\nfake_engine.install({str(gate)!r})\n")
    gate.touch()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(HERE)]))
    here = fake_engine.gated(str(gate))
    monkeypatch.setitem(sys.modules, "tui_trainer.engine.trainer", here)
    monkeypatch.setattr(tui_trainer.engine, "trainer", here, raising=False)
    yield gate
    kill_and_tell()


def kill_and_tell() -> None:
    """Fails where a process is left, after it was ended."""
    for run in store.everything():
        if log.is_locked(run.events) and (found := hosts(run)) and found[-1] == os.getpid():
            session.Session(run).send(fake_engine.ask.Abandon())
            until(lambda run=run: not log.is_locked(run.events), "the end of a run in a thread")  # type: ignore[misc]
    left = processes()
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert left == []


def end(run: Run) -> None:
    """Stop it, wherever it is trained."""
    session.Session(run).send(fake_engine.ask.Stop())
    until(lambda: not log.is_locked(run.events), "the end of the run")
    until(lambda: not processes(), "the end of its process")
