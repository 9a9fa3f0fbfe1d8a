"""The terminal of a process goes away, on a real one: its run goes on elsewhere to the same end, and nothing is left over."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from heirs import end, fake, hosts, kinds, losses, made, processes, steps, until
from tui_trainer import session
from tui_trainer.commands import Pause, Stop
from tui_trainer.runs import log, store
from tui_trainer.session import hangup

__all__ = ["fake"]
pytestmark = [
    pytest.mark.terminal,
    pytest.mark.usefixtures("fake"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

HOST = """
import os, signal, subprocess, sys, time
from contextlib import suppress
from pathlib import Path
from tui_trainer import session
from tui_trainer.runs.store import Run

run, words = Run(Path(sys.argv[1])), sys.argv[2:]
one = session.Session(run)
if "watching" not in words:
    one.start()
if "heard" in words:
    signal.signal(signal.SIGHUP, lambda *_: session.hang_up(one))
else:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
session.on_hangup(lambda: None if "nothing" in words else one)
os.write(1, b"ready")
if "editor" in words:
    while True:
        subprocess.run(["sh", "-c", "while [ -e $0 ]; do sleep 0.05; done", str(run.folder / "open")])
while True:
    time.sleep(0.01)
    if "printing" in words:
        with suppress(OSError):
            os.write(1, b"x" * 80)
"""


class Terminal:
    """A process that trains on a terminal of its own, which can be closed."""

    def __init__(self, run: store.Run, *words: str) -> None:
        import pty

        self._ours, theirs = pty.openpty()
        script = run.folder / "host.py"
        script.write_text(HOST)
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(run.folder), *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(theirs)
        seen = b""
        while b"ready" not in seen:
            seen += os.read(self._ours, 4096)
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """What is not read would block whoever prints."""
        while not self._over.is_set():
            if select.select([self._ours], [], [], 0.02)[0]:
                os.read(self._ours, 4096)

    def hang_up(self) -> int:
        """Close it; gives the exit code."""
        self._over.set()
        self._reader.join()
        os.close(self._ours)
        return self.process.wait(60)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Ended when the test is over, whatever came of it."""
    found: list[Terminal] = []
    yield found
    for one in found:
        one.process.kill()
        one.process.wait(30)


def goes_on_elsewhere(run: store.Run, first: int) -> None:
    """Until its end, with every step once."""
    until(lambda: store.summary(run).status == "finished", "the end")
    until(lambda: not processes(), "the end of every process")
    one, other = hosts(run)
    assert (one, other != first) == (first, True)
    wanted = [1 / step for step in range(1, steps(run) + 1)]
    assert losses(run) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("words", [("heard",), ("ignored",), ("heard", "printing"), ("ignored", "printing")])
def test_a_run_goes_on_when_its_terminal_is_gone(words: tuple[str, ...], terminals: list[Terminal]) -> None:
    run = made(epochs=30)
    terminals.append(Terminal(run, *words))
    until(lambda: steps(run) >= 12, "training")
    assert terminals[0].hang_up() == 0
    goes_on_elsewhere(run, terminals[0].process.pid)
    assert steps(run) == 300


def test_a_paused_run_stays_paused(terminals: list[Terminal]) -> None:
    run = made()
    terminals.append(Terminal(run, "heard"))
    until(lambda: steps(run) >= 12, "training")
    log.append(run.commands, Pause())
    until(lambda: kinds(run)[-1:] == ["Paused"], "the pause")
    assert terminals[0].hang_up() == 0
    until(lambda: kinds(run).count("Paused") == 2, "the pause there")
    assert len(hosts(run)) == 2
    end(run)


def test_a_run_that_is_prepared_goes_on(fake: Path, terminals: list[Terminal]) -> None:
    fake.unlink()
    run = made(epochs=20)
    terminals.append(Terminal(run, "heard"))
    until(lambda: "Hosted" in kinds(run), "the beginning")
    assert terminals[0].hang_up() == 0
    fake.touch()
    goes_on_elsewhere(run, terminals[0].process.pid)


def test_a_run_that_hears_nothing_while_it_is_prepared_goes_on(fake: Path, terminals: list[Terminal]) -> None:
    fake.unlink()
    deaf = fake.with_name("gate.deaf")
    deaf.touch()
    run = made(epochs=20)
    terminals.append(Terminal(run, "heard"))
    until(lambda: "Preparing" in kinds(run), "the beginning")
    assert terminals[0].hang_up() == 0
    fake.touch()
    goes_on_elsewhere(run, terminals[0].process.pid)
    assert "HandedOver" not in kinds(run)


def test_a_run_goes_on_with_an_editor_open(terminals: list[Terminal]) -> None:
    run = made(epochs=30)
    (run.folder / "open").touch()
    terminals.append(Terminal(run, "ignored", "editor"))
    until(lambda: steps(run) >= 12, "training")
    assert terminals[0].hang_up() == 0
    (run.folder / "open").unlink()
    goes_on_elsewhere(run, terminals[0].process.pid)


@pytest.mark.parametrize("words", [("watching", "heard"), ("watching", "nothing", "ignored")])
def test_without_a_run_of_its_own_a_process_just_ends(words: tuple[str, ...], terminals: list[Terminal]) -> None:
    run = made()
    other = session.Session(run)
    other.start()
    until(lambda: steps(run) >= 3, "training")
    terminals.append(Terminal(run, *words))
    assert terminals[0].hang_up() == 129
    step = steps(run)
    until(lambda: steps(run) > step, "more steps")
    assert hosts(run) == [os.getpid()]
    other.send(Stop())
    assert other.wait(30)


def test_a_run_that_cannot_be_left_to_anybody_is_stopped_and_kept(terminals: list[Terminal]) -> None:
    run = made()
    (run.checkpoints / "last.pt").mkdir()
    terminals.append(Terminal(run, "heard"))
    until(lambda: steps(run) >= 12, "training")
    assert terminals[0].hang_up() == 129
    assert store.summary(run).status == "stopped"
    assert processes() == []
    assert hosts(run) == [terminals[0].process.pid]


# The parts


def test_without_a_terminal_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hangup, "_is_terminal", lambda descriptor: False)
    with session.on_hangup(lambda: None) as watch:
        assert "no terminal" in watch.problem


def test_where_nothing_can_be_waited_on_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.poll")
    assert "a window that is closed ends the run" in session.on_hangup(lambda: None).problem


def test_a_hang_up_that_is_ignored_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, rests = [], []

    class Gone:
        def poll(self, timeout: float) -> list[tuple[int, int]]:
            looks.append(timeout)
            return [(0, 1)]

    class Over(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            rests.append(timeout)
            return super().wait(0.01)

    monkeypatch.setattr(hangup, "_terminal", lambda: (Gone(), 1, ""))
    monkeypatch.setattr(hangup, "Event", Over)
    watch = session.on_hangup(lambda: None, ignore=lambda: True)
    until(lambda: len(looks) >= 3, "three looks")
    watch.stop()
    assert rests[:2] == [hangup.LOOK, hangup.LOOK]
    assert len(looks) <= len(rests) + 1
    assert not session.under_way()


def test_no_end_is_asked_for_once_the_terminal_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    monkeypatch.setattr(hangup, "under_way", lambda: True)
    session.Session(run).send(Stop())
    assert not run.commands.exists()
    session.Session(run).send(Pause())
    assert "Pause" in run.commands.read_text()
