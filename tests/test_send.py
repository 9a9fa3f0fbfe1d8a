"""Orders from the command line: what is refused before it is sent, and what is said of what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

import recorded
from tui_trainer import commands as ask
from tui_trainer import config, session
from tui_trainer.cli import main
from tui_trainer.commands import COMMANDS, Command
from tui_trainer.console import orders
from tui_trainer.console.orders import Facts, OrderError
from tui_trainer.console.send import Answers
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Event,
    Hosted,
    LearningRateChanged,
    Noted,
    Paused,
    RunEnded,
    SettingChanged,
    Stepped,
    Stopping,
)
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run

ADAM = config.read({"preset": "cnn", "dataset": "digits", "optimizer": "adam"})
SGD = config.read({"preset": "cnn", "dataset": "digits", "optimizer": "sgd", "nesterov": True})
STEPPED = Stepped(40, 1, (0.5, 0.25), 40, 64, 1e-3, 1.0)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("pause", ask.Pause()),
        ("go-on", ask.Continue()),
        ("continue", ask.Continue()),
        ("step", ask.Step()),
        ("epoch", ask.FinishEpoch()),
        ("evaluate", ask.Evaluate()),
        ("save", ask.Save()),
        ("stop", ask.Stop()),
        ("abandon", ask.Abandon()),
        ("detach", ask.HandOver()),
        ("set lr 3e-4", ask.SetLearningRate(3e-4)),
        ("set rate 3e-4", ask.SetLearningRate(3e-4)),
        ("set lr=3e-4", ask.SetLearningRate(3e-4)),
        ("set --weight-decay 0.1", ask.Set("weight_decay", 0.1)),
        ("set smoothing 0.1", ask.Set("label_smoothing", 0.1)),
        ("set batch 64", ask.Set("batch_size", 64)),
        ("set clip 1", ask.Set("clip", 1.0)),
        ("scale 0.5", ask.ScaleLearningRate(0.5)),
        ("fit", ask.FitBatch()),
    ],
)
def test_words_become_commands(words: str, command: Command) -> None:
    assert orders.order(words.split(), Facts(ADAM, samples=100)) == command


def test_momentum_is_for_those_that_have_it() -> None:
    assert orders.order(["set", "momentum", "0.8"], Facts(SGD)) == ask.Set("momentum", 0.8)
    with pytest.raises(OrderError, match="adam has no momentum"):
        orders.order(["set", "momentum", "0.8"], Facts(ADAM))
    with pytest.raises(OrderError, match="nesterov"):
        orders.order(["set", "momentum", "0"], Facts(SGD))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("puase", "did you mean pause?"),
        ("pause now", "'now' is one word too many"),
        ("set", "as in set lr 3e-4"),
        ("set lr", "as in set lr 3e-4"),
        ("set lr 0", "set lr 0: a number above 0, at most 10"),
        ("set seed 3", "seed cannot be changed while a run trains"),
        ("set smoothin 0.1", "did you mean smoothing?"),
        ("set batch 101", "1 to 100: there are so many training samples"),
        ("set batch 6.5", "a whole number"),
        ("scale", "as in scale 0.5"),
        ("scale nan", "a number above 0 is needed"),
        ("scale -1", "a number above 0 is needed"),
        ("scale 1e6", "the rate would be 1000; it has to be a number above 0, at most 10"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_words(words: str, said: str) -> None:
    with pytest.raises(OrderError) as wrong:
        orders.order(words.split(), Facts(ADAM, samples=100, lr=1e-3))
    assert said in str(wrong.value)


def test_smoothing_is_for_classes() -> None:
    with pytest.raises(OrderError, match="there are numbers to predict"):
        orders.order(["set", "smoothing", "0.1"], Facts(ADAM, regression=True))


def test_what_a_run_can_take_is_read_from_its_record() -> None:
    run = recorded.made("cnn", recorded.started(), STEPPED)
    known = orders.facts(run)
    assert (known.samples, known.regression, known.lr) == (100, False, 1e-3)
    sine = recorded.made("cnn", replace(recorded.started(()), task="regression"))
    assert orders.facts(sine).regression
    assert orders.facts(recorded.made("cnn")).samples == 0


@contextmanager
def obeying(run: Run, *answers: Event) -> Iterator[list[Command]]:
    """A trainer of this run that says these things as soon as it is asked anything."""
    heard: list[Command] = []
    over, ready = threading.Event(), threading.Event()

    def trains() -> None:
        with log.Writer(run.events) as write:
            write(Hosted(4711, "box"))
            ready.set()
            listen = log.Tail(run.commands, COMMANDS)
            while not over.is_set():
                if found := listen():
                    heard.extend(found)
                    for event in answers:
                        write(event)
                time.sleep(0.005)

    thread = threading.Thread(target=trains)
    thread.start()
    try:
        assert ready.wait(30)
        yield heard
    finally:
        over.set()
        thread.join()


def live() -> Run:
    return recorded.made("cnn", recorded.started(), STEPPED)


@pytest.mark.parametrize(
    ("words", "answers", "said"),
    [
        ("set lr 3e-4", [LearningRateChanged(1409, 1e-3, 3e-4)], "rate 1e-3 → 3e-4 from step 1 409 on"),
        ("scale 0.5", [LearningRateChanged(41, 1e-3, 5e-4)], "rate 1e-3 → 5e-4 from step 41 on"),
        ("set batch 64", [SettingChanged(41, "batch_size", 32, 64)], "batch 32 → 64 from step 41 on"),
        ("set decay 1e-4", [SettingChanged(41, "weight_decay", 0, 1e-4)], "decay 0 → 1e-4 from step 41 on"),
        ("fit", [SettingChanged(41, "batch_size", 512, 128)], "batch 512 → 128 from step 41 on"),
        ("pause", [STEPPED, Paused(40)], "‖ paused at step 40"),
        ("epoch", [Paused(40)], "‖ paused at step 40"),
        ("step", [Stepped(41, 1, (0.25,), 40, 64, 1e-3, 1.0), Paused(41)], "step 41, loss 0.250"),
        ("evaluate", [recorded.evaluated()], "val 88.7 %, loss 0.500 at step 10"),
        ("save", [CheckpointSaved(40, 1, best=True), CheckpointSaved(40, 1, best=False, bytes=2_000_000)], "step 40, 2.0 MB"),
        ("stop", [Stopping(40)], "stopping at step 40"),
        ("stop", [Noted("info", "it was asked to end before it went on: it stays as it was")], "it stays as it was"),
        ("abandon", [RunEnded(40, 1, "abandoned", 1.0)], "abandoned at step 40"),
    ],
)
def test_what_came_of_an_order_is_said(words: str, answers: Sequence[Event], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    with obeying(run, *answers) as heard:
        assert main(["send", run.id, *words.split()]) == 0
    assert said in capsys.readouterr().out
    assert len(heard) == 1


def test_a_paused_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded.made("cnn", recorded.started(), STEPPED, Paused(40))
    with obeying(run, Continued(40)):
        assert main(["send", "last", "go-on"]) == 0
    assert capsys.readouterr().out == "▸ going on at step 40\n"


def test_the_trainer_may_refuse_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    with obeying(run, Noted("warning", "the smoothing stays at 0; it has to be what the preset's own loss makes it")):
        assert main(["send", run.id, "set", "smoothing", "0.1"]) == 1
    assert capsys.readouterr().out.startswith("! the smoothing stays at 0")


def test_a_run_that_ends_first_did_not_hear_it(capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    with obeying(run, recorded.ended()):
        assert main(["send", run.id, "set", "lr", "0.1"]) == 1
    assert "ended before it heard this: finished at step 100" in capsys.readouterr().out


def test_only_what_comes_after_the_order_answers_it() -> None:
    run = recorded.made("cnn", recorded.started(), LearningRateChanged(5, 1e-3, 0.1))
    now = iter([0.0, 1.0, 99.0])
    assert Answers(run, ask.SetLearningRate(0.1), clock=lambda: next(now), sleep=lambda _: None).within(5) == ("", 0)


def test_an_order_may_be_left_without_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    with log.Writer(run.events):
        assert main(["send", run.id, "--no-wait", "set", "lr", "0.1"]) == 0
    assert capsys.readouterr().out == f"noted for run {run.id}\n"
    assert log.Tail(run.commands, COMMANDS)() == [ask.SetLearningRate(0.1)]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ([], "is lost: it has no end, and nobody trains it any more, so nobody is there to ask; this goes on with it: "),
        ([recorded.ended("stopped")], "was stopped"),
        ([recorded.ended()], "--epochs +5"),
        ([replace(recorded.ended("diverged"), suggested_lr=3e-4)], "--lr 3e-4"),
    ],
)
def test_nobody_hears_an_order_to_a_run_that_nobody_trains(end: list[Event], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded.made("cnn", recorded.started(), STEPPED, *end)
    assert main(["send", run.id, "pause"]) == 2
    wrong = capsys.readouterr().err
    assert said in wrong
    assert f"tui-trainer resume {run.id}" in wrong
    assert not run.commands.exists()


def test_a_refused_order_is_never_sent(capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    with log.Writer(run.events):
        assert main(["send", run.id, "set", "momentum", "0.5"]) == 2
        assert "adam has no momentum" in capsys.readouterr().err
        assert main(["send", run.id, "puase"]) == 2
        assert "did you mean pause?" in capsys.readouterr().err
        assert main(["send", run.id, "pause", "--scale-rate"]) == 2
        assert "goes with fit" in capsys.readouterr().err
    assert not run.commands.exists()


def test_detach_hands_the_run_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run = live()
    problems = ["it cannot be saved", ""]
    monkeypatch.setattr(session.Session, "hand_over", lambda self, wait=10.0: problems.pop(0))
    with obeying(run):
        assert main(["send", run.id, "detach"]) == 1
        assert capsys.readouterr().out == "! it cannot be saved\n"
        assert main(["send", run.id, "detach"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "● goes on in the background (process 4711)"
    assert f"tui-trainer attach {run.id}" in lines[1]


def test_the_help_lists_every_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in orders.EVERY)
    assert store.everything() == []
