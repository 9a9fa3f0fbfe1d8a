"""A run in a process of its own: started there, handed over to it from any state, and nothing left where that fails."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from heirs import end, fake, hosts, kinds, losses, made, processes, said, steps, until
from tui_trainer import commands, session
from tui_trainer.events import HandedOver, LearningRateChanged, Noted, RunEnded, RunResumed
from tui_trainer.runs import log, store
from tui_trainer.runs.store import StoreError
from tui_trainer.session import heir

__all__ = ["fake"]
pytestmark = [pytest.mark.usefixtures("fake"), pytest.mark.skipif(sys.platform == "win32", reason="needs ps and kill")]


def hosted(run: store.Run, at_least: int = 12) -> session.Session:
    """Trained in a thread of this process, some steps in."""
    found = session.Session(run)
    found.start()
    until(lambda: steps(run) >= at_least, "training")
    return found


# Started there


def test_a_process_of_its_own_trains_a_new_run() -> None:
    run = made(epochs=3)
    pid = session.background(run)
    assert pid != os.getpid()
    assert hosts(run) == [pid]
    assert os.getsid(pid) == pid
    until(lambda: store.summary(run).status == "finished", "the end")
    until(lambda: not processes(), "the end of the process")
    assert len(losses(run)) == 30


def test_what_was_stopped_goes_on_there_with_what_was_asked_first() -> None:
    run = made()
    one = hosted(run)
    one.send(commands.Stop())
    assert one.wait(30)
    before = steps(run)
    asked = (commands.SetLearningRate(0.123), commands.Pause())
    session.background(run, session.Resume(budget="2000", asked=asked))
    until(lambda: kinds(run)[-1:] == ["Paused"], "the pause that was asked for")
    (resumed,) = [event for event in said(run) if isinstance(event, RunResumed)]
    assert (resumed.step, resumed.config["epochs"]) == (before, 2000)
    (changed,) = [event for event in said(run) if isinstance(event, LearningRateChanged)]
    assert (changed.step, changed.new) == (before + 1, 0.123)
    end(run)


def test_a_run_that_is_trained_is_not_trained_twice() -> None:
    run = made()
    one = hosted(run)
    with pytest.raises(StoreError, match=rf"is being trained by process {os.getpid()}: tui-trainer attach {run.id}"):
        session.background(run)
    one.send(commands.Stop())
    assert one.wait(30)


def test_a_process_that_dies_is_told_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    monkeypatch.setattr(heir, "command", lambda run, resume: [sys.executable, "-c", "print('no luck'); raise SystemExit(3)"])
    with pytest.raises(StoreError, match="does not go on in the background: no luck"):
        session.background(run)
    assert not log.is_locked(run.events)


def test_a_process_that_never_begins_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", str(run.folder)]
    monkeypatch.setattr(heir, "command", lambda run, resume: sleeper)
    monkeypatch.setattr(heir, "PATIENCE", 0.3)
    with pytest.raises(StoreError, match="it said nothing"):
        session.background(run)
    assert processes() == []


def test_nothing_of_the_current_folder_is_imported_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "argparse.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path / "elsewhere")
    run = made(epochs=2)
    session.background(run)
    until(lambda: store.summary(run).status == "finished", "the end")
    until(lambda: not processes(), "the end of the process")


# Handed over


def test_a_run_is_handed_over_in_the_middle_and_nothing_is_missing() -> None:
    run = made(epochs=30)
    one = hosted(run)
    assert one.hand_over() == ""
    assert not one.hosted
    assert one.alive
    until(lambda: store.summary(run).status == "finished", "the end")
    first, second = hosts(run)
    assert (first, second != first) == (os.getpid(), True)
    assert losses(run) == pytest.approx([1 / step for step in range(1, 301)], rel=1e-4)
    (left,) = [event for event in said(run) if isinstance(event, HandedOver)]
    (resumed,) = [event for event in said(run) if isinstance(event, RunResumed)]
    assert left.step == resumed.step
    assert sum(isinstance(event, RunEnded) for event in said(run)) == 1
    until(lambda: not processes(), "the end of the process")


def test_a_paused_run_stays_paused() -> None:
    run = made()
    one = hosted(run)
    one.send(commands.Pause())
    until(lambda: kinds(run)[-1:] == ["Paused"], "the pause")
    step = steps(run)
    assert one.hand_over() == ""
    until(lambda: kinds(run).count("RunResumed") == 1 and kinds(run)[-1:] == ["Paused"], "the pause there")
    assert steps(run) == step
    assert store.summary(run).status == "paused"
    end(run)


def test_a_run_is_handed_over_while_it_is_prepared(fake: Path) -> None:
    fake.unlink()
    run = made(epochs=3)
    one = session.Session(run)
    one.start()
    until(lambda: "Hosted" in kinds(run), "the beginning")
    one.send(commands.SetLearningRate(0.5))
    assert one.hand_over() == ""
    fake.touch()
    until(lambda: store.summary(run).status == "finished", "the end")
    assert len(losses(run)) == 30
    (changed,) = [event for event in said(run) if isinstance(event, LearningRateChanged)]
    assert (changed.step, changed.new) == (1, 0.5)  # asked of the process that let go of it before it began
    until(lambda: not processes(), "the end of the process")


def test_what_is_asked_meanwhile_is_heard_there(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    one = hosted(run)
    one.send(commands.SetLearningRate(0.5))
    until(lambda: "LearningRateChanged" in kinds(run), "the change")
    real = log.append

    def and_more(path: Path, command: commands.Command) -> None:
        real(path, command)
        real(path, commands.SetLearningRate(0.25))

    monkeypatch.setattr(heir.log, "append", and_more)
    assert one.hand_over() == ""
    monkeypatch.setattr(heir.log, "append", real)
    until(lambda: kinds(run).count("LearningRateChanged") >= 2, "the change there")
    (resumed,) = [event for event in said(run) if isinstance(event, RunResumed)]
    changed = [(event.step, event.new) for event in said(run) if isinstance(event, LearningRateChanged)]
    assert changed[1:] == [(resumed.step + 1, 0.25)]
    end(run)


def test_a_run_that_cannot_be_saved_goes_on_here() -> None:
    run = made()
    (run.checkpoints / "last.pt").mkdir()
    one = hosted(run)
    assert "cannot be handed over" in one.hand_over()
    assert one.hosted
    assert processes() == []
    step = steps(run)
    until(lambda: steps(run) > step, "more steps")
    assert hosts(run) == [os.getpid()]
    one.send(commands.Abandon())
    assert one.wait(30)


def test_after_one_that_failed_a_hand_over_asked_for_elsewhere_works() -> None:
    run = made()
    (run.checkpoints / "last.pt").mkdir()
    one = hosted(run)
    assert one.hand_over() != ""
    (run.checkpoints / "last.pt").rmdir()
    assert session.Session(run).hand_over() == ""
    assert hosts(run)[0] == os.getpid() != hosts(run)[1]
    assert one.wait(30)
    end(run)


def test_a_run_that_does_not_answer_goes_on_here_even_when_it_answers_late(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    one = hosted(run)
    real, held = log.append, threading.Event()
    monkeypatch.setattr(heir.log, "append", lambda path, command: held.set())
    assert "was not let go of" in one.hand_over(wait=3.0)
    assert held.is_set()
    assert processes() == []
    monkeypatch.setattr(heir.log, "append", real)
    real(run.commands, commands.HandOver())
    until(lambda: "RunResumed" in kinds(run), "that it goes on")
    assert set(hosts(run)) == {os.getpid()}
    one.send(commands.Stop())
    assert one.wait(30)
    assert losses(run)


def test_where_the_terminal_is_gone_somebody_waits_also_for_a_batch_that_takes_long(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made()
    one = hosted(run)
    with monkeypatch.context() as busy:
        busy.setattr(heir.log, "append", lambda path, command: None)
        assert one.hand_over(wait=3.0, leaving=True) == ""
    (waits,) = processes()
    assert hosts(run) == [os.getpid()]
    one.send(commands.Stop())
    assert one.wait(30)
    until(lambda: waits not in processes(), "the end of whoever waited for a run that was stopped")
    assert hosts(run) == [os.getpid()]


def test_a_process_that_dies_before_it_takes_the_run_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    one = hosted(run)
    monkeypatch.setattr(heir, "command", lambda run, resume: [sys.executable, "-c", "raise SystemExit('no room')"])
    assert one.hand_over() == "the process in the background ended: no room"
    assert "HandedOver" not in kinds(run)
    one.send(commands.Stop())
    assert one.wait(30)


def test_a_process_that_dies_just_when_it_should_take_the_run_leaves_it_here(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    one = hosted(run)
    script = "print('process 1 waits for run x to be let go of', flush=True); import sys; sys.stdin.read(); "
    script += "import time, pathlib\nwhile 'HandOver' not in pathlib.Path(sys.argv[1]).read_text(): time.sleep(0.01)"
    run.commands.touch()
    monkeypatch.setattr(heir, "command", lambda run, resume: [sys.executable, "-c", script, str(run.commands)])
    assert "ended" in one.hand_over()
    until(lambda: "RunResumed" in kinds(run), "that it goes on")
    assert set(hosts(run)) == {os.getpid()}
    assert one.hosted
    one.send(commands.Stop())
    assert one.wait(30)


def test_a_run_that_was_stopped_meanwhile_is_not_begun_again(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    one = hosted(run)
    real = heir.Heir.waits

    def stopped_first(self: heir.Heir) -> bool:
        if one.alive:
            one.send(commands.Stop())
            until(lambda: "RunEnded" in kinds(run), "the end")
        return real(self)

    monkeypatch.setattr(heir.Heir, "waits", stopped_first)
    assert one.hand_over() != ""
    assert store.summary(run).status == "stopped"
    assert hosts(run) == [os.getpid()]
    assert processes() == []


def test_a_run_of_another_process_is_handed_over_from_outside() -> None:
    run = made()
    first = session.background(run)
    until(lambda: steps(run) >= 12, "training")
    assert session.Session(run).hand_over() == ""
    until(lambda: len(hosts(run)) == 2, "another process")
    assert hosts(run)[1] != first
    until(lambda: first not in processes(), "the end of the first")
    end(run)


def test_a_run_that_nobody_trains_cannot_be_handed_over() -> None:
    assert "is not being trained" in session.Session(made()).hand_over()


def test_two_who_hand_over_at_once_hand_over_once() -> None:
    run = made()
    one = hosted(run)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(one.hand_over())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["", ""]
    assert len(hosts(run)) == 2
    end(run)


def test_a_longer_budget_goes_along_while_nothing_was_begun(fake: Path) -> None:
    run = made(epochs=3)
    one = session.Session(run)
    one.start()
    assert one.wait(30)
    fake.unlink()
    one.start(resume=session.Resume(budget="+2"))
    until(lambda: len(hosts(run)) == 2, "the beginning")
    assert one.hand_over() == ""
    fake.touch()
    until(lambda: steps(run) == 50 and store.summary(run).status == "finished", "the end")
    until(lambda: not processes(), "the end of the process")
    assert len(losses(run)) == 50


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_signals_stop_and_keep(number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    started: list[heir.Heir] = []
    real = heir.Heir.__init__

    def noted(self: heir.Heir, *given: object) -> None:
        real(self, *given)  # type: ignore[arg-type]
        started.append(self)

    monkeypatch.setattr(heir.Heir, "__init__", noted)
    pid = session.background(run)
    until(lambda: steps(run) >= 3, "training")
    os.kill(pid, number)
    assert started[0]._process.wait(30) == code
    assert store.summary(run).status == "stopped"
    assert (run.checkpoints / "last.pt").is_file()


def test_a_signal_while_it_waits_does_not_stop_the_run_of_another() -> None:
    run = made()
    one = hosted(run)
    waiting = heir.Heir(run, session.Resume(unended=True))
    until(waiting.waits, "the waiting process")
    (pid,) = processes()
    os.kill(pid, signal.SIGTERM)
    until(lambda: waiting.has_ended, "its end")
    step = steps(run)
    until(lambda: steps(run) > step + 5, "more steps")
    assert "Stopping" not in kinds(run)
    one.send(commands.Stop())
    assert one.wait(30)


def test_notes_of_the_record_are_of_those_who_trained() -> None:
    run = made(epochs=20)
    one = hosted(run)
    assert one.hand_over() == ""
    until(lambda: store.summary(run).status == "finished", "the end")
    until(lambda: not processes(), "the end of the process")
    assert [event.text for event in said(run) if isinstance(event, Noted)] == []
