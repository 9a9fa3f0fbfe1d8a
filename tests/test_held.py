"""Whether a run is being trained, and by whom: by its lock, its newest lines, and without locks as far as one can tell."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from made import ended, evaluated, made, started
from tui_trainer.events import CheckpointSaved, Event, HandedOver, Hosted, Noted, Paused, Probed, RunResumed, Stepped
from tui_trainer.runs import backwards, ends, held, log, outcome, store
from tui_trainer.runs.store import Run, StoreError, Summary

HOSTED = Hosted(4711, "far-away", "0.2", 1_795_000_000.5)


def learned(*steps: int) -> list[Event]:
    return [Stepped(step, (step - 1) // 10 + 1, (step / 8,), 5, 10, 1e-3, step / 10) for step in steps]


def resumed(step: int, *, evaluated: bool = True, paused: bool = False) -> RunResumed:
    return RunResumed(step, step // 10, step / 10, evaluated, paused, steps=100, steps_per_epoch=10)


def write_on(run: Run, *events: Event) -> Summary:
    with log.Writer(run.events) as write:
        for event in events:
            write(event)
    return store.summary(run)


def grow_old(run: Run, seconds: float) -> None:
    then = run.events.stat().st_mtime - seconds
    os.utime(run.events, (then, then))


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows no locks."""
    fcntl = pytest.importorskip("fcntl")

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)


def test_a_summary_says_who_has_the_run() -> None:
    run = made("cnn", HOSTED, started(), *learned(1, 2))
    one = store.summary(run)
    assert (one.status, one.pid, one.host, one.taken) == ("lost", 4711, "far-away", 1_795_000_000.5)
    with log.Writer(run.events) as write:
        write(replace(HOSTED, pid=12))
        assert (store.summary(run).status, store.summary(run).pid) == ("running", 12)
    assert store.summary(made("cnn", replace(started(), pid=77, host="old"))).pid == 77
    assert store.summary(made("cnn")).pid == 0


def test_a_long_log_is_searched_once_and_then_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn", HOSTED, started(), *learned(*range(1, 2000)))
    monkeypatch.setattr(backwards, "CHUNK", 4096)
    assert ends.taken(run.events).pid == 4711
    write_on(run, replace(HOSTED, pid=5), *learned(*range(2000, 3000)))
    assert ends.taken(run.events).pid == 5
    searched: list[int] = []
    newest = backwards.newest
    monkeypatch.setattr(backwards, "newest", lambda path, kinds, after: searched.append(after) or newest(path, kinds, after=after))
    assert [ends.taken(run.events).pid for _ in range(3)] == [5, 5, 5]
    assert searched[-1] > run.events.stat().st_size - 5000
    run.events.write_bytes(log.encode(replace(HOSTED, pid=6)).encode() + b"\n")
    assert ends.taken(run.events).pid == 6


def test_the_newest_lines_say_how_a_run_that_went_on_is() -> None:
    run = made("cnn", HOSTED, started(), *learned(5), evaluated(epoch=1), CheckpointSaved(10, 1, best=False), ended())
    assert store.summary(run).status == "finished"
    with log.Writer(run.events) as write:
        write(HOSTED)
        assert store.summary(run).status == "running"
        write(resumed(10, paused=True))
        assert store.summary(run).status == "paused"
    assert store.summary(run).status == "lost"
    assert write_on(run, HOSTED, resumed(10), *learned(11), ended("stopped")).status == "stopped"


def test_a_run_that_was_refused_to_go_on_stays_as_it_was() -> None:
    run = made("cnn", HOSTED, started(), *learned(5), ended("diverged", best=None))
    assert write_on(run, HOSTED, Noted("warning", "the run did not go on: no checkpoint")).status == "diverged"


def test_steps_that_were_dropped_do_not_count() -> None:
    rows = [evaluated(epoch=1), *learned(*range(11, 21)), evaluated(((50, 0, 0), (0, 50, 0), (0, 0, 50)), epoch=2)]
    run = made("cnn", HOSTED, started(), *learned(*range(1, 11)), *rows)
    assert (store.summary(run).best_epoch, store.summary(run).best_accuracy, store.summary(run).steps) == (2, 1.0, 20)
    one = write_on(run, HOSTED, resumed(10), *learned(11, 12))
    assert (one.best_epoch, one.steps, one.epochs, one.seconds) == (1, 12, 2, 1.2)
    assert one.last_accuracy == pytest.approx(evaluated().accuracy, abs=1e-6)
    assert write_on(run, HOSTED, resumed(10, evaluated=False)).best_epoch == 0
    again = write_on(run, HOSTED, started(), *learned(1))
    assert (again.steps, again.best_accuracy, again.parameters) == (1, None, 1234)


def test_what_came_of_a_run_leaves_out_what_was_dropped() -> None:
    looks = [Probed(step, 1, "parameters", (), "", {"a": (step / 8, 0.0)}) for step in (1, 2, 3)]
    rows = [*learned(1, 2), evaluated(epoch=1), *learned(3), evaluated(((9, 0, 0), (0, 9, 0), (0, 0, 9)), epoch=2)]
    run = made("cnn", HOSTED, started(), *rows, *looks)
    assert outcome.read(run).best_val_accuracy == 1.0
    write_on(run, HOSTED, resumed(10), *learned(11))
    told = outcome.read(run)
    assert told.best_val_accuracy == told.val_accuracy == pytest.approx(evaluated().accuracy, abs=1e-6)
    assert told.loss == 11 / 8
    write_on(run, HOSTED, resumed(2))
    assert outcome.read(run).steps == {1: (1 / 8,), 2: (2 / 8,)}
    assert outcome.read(run).parameters == {"a": 2 / 8}


def test_a_run_that_was_handed_over_is_waited_for_and_then_lost() -> None:
    run = made("cnn", HOSTED, started(), *learned(5), HandedOver(5, 0.5))
    assert store.summary(run).status == "running"
    with pytest.raises(StoreError, match="is being trained: stop it first"):
        store.delete(run)
    grow_old(run, 61)
    assert store.summary(run).status == "lost"
    store.delete(run)
    assert not run.folder.exists()


def test_a_paused_run_that_was_handed_over_is_paused() -> None:
    assert store.summary(made("cnn", HOSTED, started(), *learned(5), Paused(5), HandedOver(5))).status == "paused"


@pytest.mark.usefixtures("without_locks")
@pytest.mark.skipif(sys.platform == "win32", reason="no process can be asked for there")
def test_without_locks_a_process_on_this_machine_is_asked_for() -> None:
    here = replace(HOSTED, pid=os.getpid(), host=socket.gethostname())
    run = made("cnn", here, started(), *learned(5))
    grow_old(run, 1000)
    assert store.summary(run).status == "running"
    with pytest.raises(StoreError, match="is being trained: stop it first"):
        store.delete(run)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert write_on(run, replace(here, pid=gone.pid)).status == "lost"
    assert write_on(run, here, resumed(5), ended()).status == "finished"
    assert not held.trained(run.events)


@pytest.mark.usefixtures("without_locks")
def test_without_locks_a_process_elsewhere_is_judged_by_what_it_said_last() -> None:
    run = made("cnn", HOSTED, started(), *learned(5))
    assert store.summary(run).status == "running"
    grow_old(run, 61)
    assert store.summary(run).status == "lost"


@pytest.mark.usefixtures("without_locks")
def test_without_locks_a_run_that_never_began_is_not_trained(tmp_path: Path) -> None:
    assert store.summary(made("cnn")).status == "new"
    assert not held.trained(tmp_path / "nothing")


def test_what_a_run_repeats_lies_beside_it() -> None:
    run = made("cnn")
    assert run.steering == run.folder / "steering.jsonl"
