"""`resume`, `repeat`, `--detach`, `attach`: a run that goes on from the command line, here or in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import recorded
from tui_trainer import session
from tui_trainer.cli import main
from tui_trainer.commands import Stop
from tui_trainer.console import record
from tui_trainer.events import Event, HandedOver, Hosted, LearningRateChanged, Paused, RunEnded, RunResumed, SettingChanged, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run, StoreError

HERE = ["--dataset", "digits", "--threads", "1", "--device", "cpu"]
STEPPED = Stepped(40, 1, (0.5, 0.25), 40, 64, 1e-3, 1.0)


def events(run: Run) -> list[Event]:
    return log.Tail(run.events)(1 << 26)


def of(run: Run, kind: type[Event]) -> list[Event]:
    return [event for event in events(run) if isinstance(event, kind)]


def trained(*more: str, steps: int = 30) -> Run:
    assert main(["train", "linear", *HERE, "--steps", str(steps), "-q", *more]) == 0
    return store.find("last")


# Here and now


def test_a_finished_run_goes_further(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained()
    capsys.readouterr()
    assert main(["resume", run.id]) == 2
    assert f"tui-trainer resume {run.id} --steps +1000" in capsys.readouterr().err
    assert main(["resume", "last", "--steps", "+10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"run {run.id}  linear on digits, from step 30 (last.pt)"
    assert any(line.startswith("▸ resumed after step 30, epoch 1, from last.pt, on cpu · 1 thread") for line in lines)
    assert any(line.startswith("✓ finished") and "40 steps" in line for line in lines)
    history = record.read(run)
    assert (history.step, history.loss.count) == (40, 40)

    assert main(["show", run.id]) == 0
    assert "resumed once, last after step 30, from last.pt" in capsys.readouterr().out


def test_what_is_changed_counts_from_the_first_batch_on(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained()
    assert main(["resume", run.id, "--steps", "40", "--lr", "0.05", "--batch-size", "16", "-q"]) == 0
    (rate,) = of(run, LearningRateChanged)
    assert isinstance(rate, LearningRateChanged)
    assert (rate.step, rate.new) == (31, 0.05)
    (batch,) = of(run, SettingChanged)
    assert isinstance(batch, SettingChanged)
    assert (batch.step, batch.name, batch.new) == (31, "batch_size", 16)
    capsys.readouterr()
    assert main(["show", run.id]) == 0
    shown = capsys.readouterr().out
    assert "changed by hand:" in shown
    assert "→ 5e-2 at step 31" in shown
    assert f"tui-trainer repeat {run.id} --steered" in shown

    assert main(["repeat", run.id, "--steered", "--steps", "35"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1] == f"again as run {run.id}, as it was steered:"
    assert any("at step 31" in line for line in said[2:4])
    (again,) = of(store.find("last"), LearningRateChanged)
    assert isinstance(again, LearningRateChanged)
    assert (again.step, again.new) == (31, 0.05)


def test_a_run_that_was_stopped_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained()
    with log.Writer(run.events) as write:  # as if it had been stopped there, and not finished
        write(RunEnded(30, 1, "stopped", 1.0))
    capsys.readouterr()
    assert main(["resume", run.id, "--steps", "+1", "--json"]) == 0
    decode = log.Decoder()
    said = [decode(line.encode()) for line in capsys.readouterr().out.splitlines()]
    assert isinstance(said[0], Hosted)
    assert any(isinstance(one, RunResumed) for one in said)
    assert isinstance(said[-1], RunEnded)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which run? for example tui-trainer resume last"),
        (["last", "--epochs", "+5"], "--epochs +5: the budget of run"),
        (["last", "--steps", "+5", "--epochs", "3"], "give one budget: --epochs or --steps"),
        (["last", "--steps", "some"], "--steps some: a whole number"),
        (["last", "--steps", "+5", "--lr", "0"], "--lr 0: a number above 0"),
        (["last", "--steps", "+5", "--momentum", "0.5"], "--momentum 0.5: adam has no momentum"),
        (["last", "--steps", "20"], "more than that is needed"),
        (["nonesuch"], "there is no run 'nonesuch'"),
        (["last", "--all-lost"], "--all-lost stands alone"),
        (["--all-lost", "--lr", "1"], "--all-lost stands alone"),
    ],
)
def test_what_cannot_be_resumed_so_is_said_before_anything_happens(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = recorded.made("linear", recorded.started(), STEPPED, recorded.ended(), steps=30)
    (run.checkpoints / "last.pt").write_bytes(b"")
    size = run.events.stat().st_size
    assert main(["resume", *words]) == 2
    assert said in capsys.readouterr().err
    assert run.events.stat().st_size == size


def test_a_run_that_another_process_trains_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded.made("linear", Hosted(4711, "box"), recorded.started())
    with log.Writer(run.events):
        assert main(["resume", run.id]) == 2
    assert "is being trained by process 4711" in capsys.readouterr().err


TIGHT = """
import torch
from torch import nn

class Tight(nn.Linear):
    def forward(self, x):
        if self.training and len(x) > 64:
            raise torch.OutOfMemoryError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 2000000000 bytes.")
        return super().forward(x.flatten(1))

def build(input_shape, num_classes):
    return Tight(64, num_classes)
"""


def test_where_memory_is_short_the_command_that_goes_on_is_said_and_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tight.py").write_text(TIGHT)
    words = ["train", "tight", "--presets", str(tmp_path), *HERE, "--steps", "3", "--batch-size", "256"]
    for amends in (["--batch-size", "64"], ["--fit-batch"]):
        assert main(words) == 1
        run, lines = store.find("last"), capsys.readouterr().out.splitlines()
        assert any(line.startswith("! not enough memory for a batch of 256") and "64 fit" in line for line in lines)
        assert f"  go on   tui-trainer resume {run.id} --batch-size 64" in lines
        assert main(["resume", run.id, *amends]) == 0
        assert "batch 256 → 64 at step 1" in capsys.readouterr().out
        assert record.read(run).step == 3


# Lost runs


def test_no_run_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    recorded.made("linear", recorded.started(), recorded.ended())
    assert main(["resume", "--all-lost"]) == 0
    assert "no run is lost" in capsys.readouterr().out


def test_every_lost_run_goes_on_in_the_background(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    recorded.made("linear", recorded.started(), recorded.ended())
    one, other = (recorded.made("linear", recorded.started(), STEPPED) for _ in range(2))

    def start(run: Run, resume: session.Resume | None = None) -> int:
        if run == one:
            raise StoreError("no room left")
        return 4711

    monkeypatch.setattr(session, "background", start)
    assert main(["resume", "--all-lost"]) == 1
    lines = sorted(capsys.readouterr().out.splitlines())
    assert lines == sorted(
        [
            f"! run {one.id} stays lost: no room left",
            f"run {other.id}  linear on digits, from the beginning, goes on in the background (process 4711)",
        ]
    )
    assert main(["runs"]) == 0
    assert "2 runs have no end, and nobody trains them: tui-trainer resume --all-lost" in capsys.readouterr().out


# Once more


def test_a_run_is_repeated_with_its_own_copy_of_the_preset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mine.py"
    text = "from torch import nn\n\ndef build(input_shape, num_classes, *, width: int = 8):\n"
    source.write_text(text + "    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.Linear(width, num_classes))\n")
    words = ["train", "mine", "--presets", str(tmp_path), *HERE, "--steps", "5", "--set", "width=16", "--seed", "3", "-q"]
    assert main(words) == 0
    first = store.find("last")
    source.write_text("def build(:\n")  # broken by now
    capsys.readouterr()
    assert main(["repeat", first.id, "--steered", "-q"]) == 0
    second = store.find("last")
    assert second != first
    assert second.config() == first.config()
    assert second.preset_file.read_text() == first.preset_file.read_text()
    assert [one.losses for one in of(second, Stepped)] == [one.losses for one in of(first, Stepped)]  # type: ignore[attr-defined]  # of that kind

    assert main(["repeat", first.id, "--set", "width=4", "--epochs", "1", "--steered"]) == 0
    third = store.find("last").config()
    assert (third.knobs, third.budget, third.seed) == ({"width": 4}, ("epochs", 1), 3)
    assert "in which nothing was changed by hand" in capsys.readouterr().out
    assert main(["repeat", first.id, "--set", "widht=4"]) == 2
    assert "--set widht=4: mine has no knob 'widht'; did you mean width?" in capsys.readouterr().err


# The screen


def test_attach_finds_the_run_that_trains_and_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lost = recorded.made("linear", recorded.started(), STEPPED)
    assert main(["attach"]) == 2
    assert f"this goes on with it: tui-trainer resume {lost.id}" in capsys.readouterr().err
    run = recorded.made("linear", recorded.started(), STEPPED)
    recorded.made("linear", recorded.started(), recorded.ended())
    for name in ("attach", "watch"):
        with log.Writer(run.events):
            assert main([name]) == 2
        assert f"tui-trainer show {run.id}" in capsys.readouterr().err
    assert main(["attach", "nonesuch"]) == 2
    assert "there is no run" in capsys.readouterr().err


# In processes of their own


def wait_for(there: Callable[[], object], what: str, timeout: float = 120.0) -> None:
    end = time.monotonic() + timeout
    while not there():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come in {timeout:g} s")
        time.sleep(0.02)


def program(*words: str, **more: object) -> subprocess.Popen[str]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
    return subprocess.Popen([sys.executable, "-m", "tui_trainer", *words], **options)  # type: ignore[call-overload,no-any-return]  # the options are a plain dict here


def done(*words: str) -> str:
    process = program(*words)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def has_stepped(run: Run) -> bool:
    return any(isinstance(event, Stepped) for event in events(run))


@contextmanager
def ending(run: Run) -> Iterator[None]:
    """Whatever trains this run is gone afterwards."""
    try:
        yield
    finally:
        if log.is_locked(run.events):
            log.append(run.commands, Stop())
            with suppress(ProcessLookupError):
                wait_for(lambda: not log.is_locked(run.events), "the end of the run")


ALL_DAY = ["linear", "--dataset", "digits", "--seconds", "86400", "--threads", "1", "--device", "cpu"]


def test_a_detached_run_trains_by_itself_is_asked_and_resumed() -> None:
    said = done("train", *ALL_DAY, "--detach").splitlines()
    run = store.find("last")
    with ending(run):
        assert said[0] == f"run {run.id}  linear on digits"
        assert said[1] == f"● goes on in the background (process {store.summary(run).pid})"
        assert f"tui-trainer attach {run.id}" in said[2]
        assert f"tui-trainer send {run.id} stop" in said[3]
        wait_for(lambda: has_stepped(run), "a first step")
        assert "→ 1e-2 from step " in done("send", run.id, "set", "lr", "0.01")
        assert done("send", run.id, "pause").startswith("‖ paused at step ")
        said = done("send", run.id, "detach").splitlines()
        assert said[0] == f"● goes on in the background (process {store.summary(run).pid})"
        hosts = [one.pid for one in of(run, Hosted)]  # type: ignore[attr-defined]  # of that kind
        assert len(set(hosts)) == 2
        wait_for(lambda: isinstance(events(run)[-1], Paused | RunResumed), "the run paused as it was left")
        assert "stop" in done("send", run.id, "stop")
        wait_for(lambda: not log.is_locked(run.events), "the end")
    assert isinstance(events(run)[-1], RunEnded)
    assert of(run, HandedOver)


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_the_process_in_the_background_stops_and_keeps(number: signal.Signals, code: int) -> None:
    assert main(["train", *ALL_DAY[:3], "--steps", "1", "-q"]) == 0
    run = store.find("last")

    def deaf() -> None:
        """As nohup, or a script that puts jobs into the background, leaves a process."""
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)

    process = program("resume", run.id, "--steps", "1000000", "--background", preexec_fn=deaf)
    with ending(run):
        wait_for(lambda: record.read(run).step > 1, "a step")
        process.send_signal(number)
        out, _ = process.communicate(timeout=120)
    assert process.returncode == code
    assert "\r" not in out
    assert "resumed after step 1" in out
    last = events(run)[-1]
    assert isinstance(last, RunEnded)
    assert last.reason == "stopped"
    assert store.summary(run).status == "stopped"


@contextmanager
def on_a_terminal(*words: str, hangups: bool = True) -> Iterator[tuple[int, int]]:
    """The program on a pseudo-terminal of its own: (process, descriptor). It is gone afterwards."""
    child, terminal = os.forkpty()
    if not child:
        signal.signal(signal.SIGHUP, signal.SIG_DFL if hangups else signal.SIG_IGN)
        os.execv(sys.executable, [sys.executable, "-m", "tui_trainer", *words])
    try:
        yield child, terminal
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def exit_code_of(child: int) -> int:
    found: list[int] = []

    def is_over() -> bool:
        pid, status = os.waitpid(child, os.WNOHANG)
        found.extend([os.waitstatus_to_exitcode(status)] if pid else [])
        return bool(found)

    wait_for(is_over, "the end of the process")
    return found[0]


@pytest.mark.long
@pytest.mark.terminal
@pytest.mark.skipif(not hasattr(os, "forkpty"), reason="this system has no pseudo-terminals")
def test_a_terminal_that_closes_leaves_the_run_to_the_background() -> None:
    with on_a_terminal("train", *ALL_DAY) as (child, terminal):
        wait_for(lambda: "\r● epoch".encode() in os.read(terminal, 1 << 16), "a live line")
        run = store.find("last")
        with ending(run):
            os.close(terminal)
            assert exit_code_of(child) == 0
            wait_for(lambda: any(isinstance(one, RunResumed) for one in events(run)), "the run in the background")
            pid = store.summary(run).pid
            assert pid not in {child, 0}
    assert len(of(run, HandedOver)) == 1
    last = events(run)[-1]
    assert isinstance(last, RunEnded)
    assert last.reason == "stopped"


@pytest.mark.terminal
@pytest.mark.skipif(not hasattr(os, "forkpty"), reason="this system has no pseudo-terminals")
def test_where_hang_ups_are_ignored_it_trains_on_unseen() -> None:
    with on_a_terminal("train", *ALL_DAY, hangups=False) as (child, terminal):
        wait_for(lambda: "\r● epoch".encode() in os.read(terminal, 1 << 16), "a live line")
        run = store.find("last")
        os.close(terminal)
        before = record.read(run).epoch
        wait_for(lambda: record.read(run).epoch > before + 1, "epochs that nobody sees")
        log.append(run.commands, Stop())
        assert exit_code_of(child) == 130
    assert not of(run, HandedOver)
