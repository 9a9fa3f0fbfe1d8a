"""What a run does when it is asked something, and what it says when it cannot."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
import torch

from engine_runs import EACH_STEP, Script, at_step, run, settings, told
from tui_trainer.commands import (
    Abandon,
    Command,
    Continue,
    Evaluate,
    FinishEpoch,
    HandOver,
    Pause,
    Save,
    ScaleLearningRate,
    Set,
    SetLearningRate,
    Step,
    Stop,
)
from tui_trainer.engine import checkpoint
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    HandedOver,
    LearningRateChanged,
    Noted,
    Paused,
    RunEnded,
    SettingChanged,
    Stepped,
    Stopping,
)

STEPS = 41
"""Batches of an epoch of digits, of 32 each."""
SGD = settings(optimizer="sgd", lr=0.05, threads="1", epochs=2)


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def once_each(*turns: tuple[type[Event], int, list[Command]]) -> Script:
    """Asks for each in turn, as soon as the last event is of this kind and at or after this step."""
    left = list(turns)

    def script(events: list[Event]) -> list[Command]:
        kind, step, asked = left[0] if left else (RunEnded, 0, [])
        last = next((event for event in reversed(events) if isinstance(event, kind)), None)
        if not left or last is None or getattr(last, "step", 0) < step:
            return []
        left.pop(0)
        return asked

    return script


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


@pytest.mark.parametrize(
    ("name", "raw", "old", "new"),
    [
        ("momentum", 0.5, 0.9, 0.5),
        ("weight_decay", 1e-3, 0.0, 1e-3),
        ("decay", 1e-3, 0.0, 1e-3),
        ("label_smoothing", 0.1, 0.0, 0.1),
        ("clip", 0.01, 0.0, 0.01),
        ("batch_size", 64, 32, 64),
    ],
)
def test_a_setting_holds_from_the_next_step(name: str, raw: float, old: float, new: float, tmp_path: Path) -> None:
    plain = run(SGD, tmp_path / "a", tick=EACH_STEP)
    done = run(SGD, tmp_path / "b", at_step(5, Set(name, raw)), tick=EACH_STEP)
    changed = done.of(SettingChanged)[0]
    assert (changed.step, changed.old, changed.new) == (6, old, new)
    assert done.of(SettingChanged) == [changed]
    assert not done.of(Noted)
    at = next(step for step in range(1, 60) if done.losses[step - 1] != plain.losses[step - 1])
    shown = {"batch_size": 6, "label_smoothing": 6}  # what the loss of the very step depends on; others show in the next
    assert at == shown.get(name, 7)
    assert done.last["config"][changed.name] == new


def test_the_rate_is_a_setting_too(tmp_path: Path) -> None:
    done = run(SGD, tmp_path, at_step(5, Set("rate", 0.01)), tick=EACH_STEP)
    assert [(one.step, one.old, one.new) for one in done.of(LearningRateChanged)] == [(6, 0.05, 0.01)]
    assert not done.of(SettingChanged)
    same = run(SGD, tmp_path, at_step(5, SetLearningRate(0.01)), tick=EACH_STEP)
    assert same.losses == done.losses


def test_another_batch_size_plans_anew_and_no_sample_is_seen_twice_or_left_out(tmp_path: Path) -> None:
    done = run(SGD, tmp_path, at_step(10, Set("batch_size", 100)), tick=EACH_STEP)
    left = math.ceil((1294 - 320) / 100)
    changed = done.of(SettingChanged)[0]
    assert (changed.steps_per_epoch, changed.steps) == (13, 10 + left + 13)
    assert [one.step for one in done.of(Evaluated)][:2] == [10 + left, 10 + left + 13]
    assert [one.seen for one in done.of(Stepped)] == [32] * 10 + [100] * (left - 1) + [74] + [100] * 12 + [94]
    assert done.ended.samples == 2 * 1294


@pytest.mark.parametrize(("size", "at"), [(1294, 1), (1, 40), (2, 40)])
def test_batches_of_any_size_fill_the_epoch(size: int, at: int, tmp_path: Path) -> None:
    done = run(SGD.but(epochs=1), tmp_path, at_step(at, Set("batch_size", size)), tick=EACH_STEP)
    assert done.ended.reason == "finished"
    assert 1294 - 1 <= done.ended.samples <= 1294, "a single sample is left out at the end"
    assert done.of(Evaluated)[0].step == done.ended.step == len(done.losses)


def test_the_last_sample_that_no_batch_takes_any_more_ends_the_epoch(tmp_path: Path) -> None:
    """A batch of one would take it, larger ones leave it out."""
    script = once_each((Stepped, 2, [Set("batch_size", 1)]), (Stepped, 3, [Set("batch_size", 646)]))
    done = run(SGD.but(batch_size=646, epochs=2), tmp_path, script, tick=EACH_STEP)
    assert [one.seen for one in done.of(Stepped)] == [646, 646, 1, 646, 646, 2]
    assert [(one.split, one.step, one.epoch) for one in done.of(Evaluated)] == [("val", 3, 1), ("val", 6, 2), ("test", 6, 2)]
    assert done.ended.reason == "finished"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("momentum", 1.0, "the momentum stays at 0.9; it has to be a number, 0 to 0.9999"),
        ("weight_decay", -1.0, "the decay stays at 0; it has to be a number, 0 to 1"),
        ("label_smoothing", 0.95, "the smoothing stays at 0; it has to be a number, 0 to 0.9"),
        ("clip", math.nan, "the clip stays at 0; it has to be a number, 0 to 1000000"),
        ("batch_size", 0, "the batch stays at 32; it has to be a whole number, 1 to 65536"),
        ("batch_size", 1.5, "the batch stays at 32; it has to be a whole number, 1 to 65536"),
        ("batch_size", 1295, "the batch stays at 32; it has to be a whole number, 1 to 1294: there are so many training samples"),
        ("lr", math.inf, "the rate stays at 5e-2; it has to be a number above 0, at most 10; 1e-3 suits adam"),
        ("epochs", 5, "epochs cannot be changed while a run trains; what can is rate, momentum, decay, smoothing, batch, clip"),
    ],
)
def test_what_cannot_be_is_refused_in_words(name: str, value: float, said: str, tmp_path: Path) -> None:
    done = run(SGD.but(steps=8), tmp_path / "a", at_step(3, Set(name, value)), tick=EACH_STEP)
    assert notes(done.events) == [said]
    assert [note.level for note in done.of(Noted)] == ["warning"]
    assert not done.of(SettingChanged)
    assert not done.of(LearningRateChanged)
    assert done.losses == run(SGD.but(steps=8), tmp_path / "b").losses


def test_an_unknown_setting_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = run(SGD.but(steps=8), tmp_path, at_step(3, Set("momentun", 0.5)), tick=EACH_STEP)
    assert notes(done.events) == [
        "there is no setting 'momentun'; did you mean momentum? "
        "what can be changed is rate, momentum, decay, smoothing, batch, clip"
    ]


def test_adam_has_no_momentum(tmp_path: Path) -> None:
    done = run(SGD.but(optimizer="adam", steps=8), tmp_path, at_step(3, Set("momentum", 0.5)), tick=EACH_STEP)
    assert notes(done.events) == ["the momentum stays at 0.9: adam has no momentum; sgd and rmsprop have"]


def test_a_loss_of_its_own_takes_no_smoothing(tmp_path: Path) -> None:
    setup = settings(preset="svm", optimizer="sgd", steps=8, threads="1")
    done = run(setup, tmp_path, at_step(3, Set("label_smoothing", 0.1)), tick=EACH_STEP)
    assert len(notes(done.events)) == 1
    assert "svm takes no label smoothing" in notes(done.events)[0]
    assert done.last["config"]["label_smoothing"] == 0


def test_an_optimizer_of_its_own_decides_itself_what_it_takes(tmp_path: Path) -> None:
    setup = settings(preset="sine_fit", dataset="sine", optimizer="sgd", momentum=0.0, batch_size=100, steps=8, threads="1")
    done = run(setup, tmp_path, at_step(3, Set("momentum", 0.5), SetLearningRate(0.01)), tick=EACH_STEP)
    assert len(notes(done.events)) == 1
    assert "the preset's own optimizer decides that" in notes(done.events)[0]
    assert [one.lr for one in done.of(Stepped)] == [0.001] * 3 + [0.01] * 5


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_momentum_can_begin_and_end(optimizer: str, tmp_path: Path) -> None:
    script = once_each(
        (Stepped, 3, [Set("momentum", 0.9)]), (Stepped, 6, [Set("momentum", 0)]), (Stepped, 8, [Set("momentum", 0.5)])
    )
    done = run(SGD.but(optimizer=optimizer, lr=1e-3, momentum=0.0, steps=12), tmp_path, script, tick=EACH_STEP)
    assert [(one.step, one.new) for one in done.of(SettingChanged)] == [(4, 0.9), (7, 0.0), (9, 0.5)]
    assert done.ended.reason == "finished"


def test_the_same_value_is_no_change(tmp_path: Path) -> None:
    done = run(SGD.but(steps=8), tmp_path, at_step(3, Set("momentum", 0.9), Set("batch_size", 32)), tick=EACH_STEP)
    assert not done.of(SettingChanged)
    assert not done.of(Noted)


def test_an_evaluation_now_changes_no_number(tmp_path: Path) -> None:
    setup = settings(preset="mlp", knobs={"dropout": 0.3}, threads="1")
    done = run(setup, tmp_path / "a", at_step(9, Evaluate()), tick=EACH_STEP)
    assert [(one.split, one.step, one.epoch_took > 0) for one in done.of(Evaluated)] == [
        ("val", 9, False),
        ("val", STEPS, True),
        ("test", STEPS, False),
    ]
    plain = run(setup, tmp_path / "b")
    assert done.losses == plain.losses
    assert told(done).test == told(plain).test


def test_an_evaluation_while_paused_is_made_at_once(tmp_path: Path) -> None:
    script = once_each((Stepped, 9, [Pause()]), (Paused, 9, [Evaluate()]), (Evaluated, 9, [Evaluate()]), (Noted, 9, [Abandon()]))
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert [(one.split, one.step) for one in done.of(Evaluated)] == [("val", 9)]
    assert notes(done.events) == ["these weights have been tried already"]
    assert not done.of(Continued)


def test_before_the_first_step_there_is_nothing_to_try(tmp_path: Path) -> None:
    left: list[list[Command]] = [[Pause(), Evaluate()]]
    done = run(SGD.but(steps=3), tmp_path, lambda events: left.pop() if left else [Continue()], tick=EACH_STEP)
    assert notes(done.events) == ["nothing has been learned yet that could be tried"]
    assert [(one.split, one.step) for one in done.of(Evaluated)] == [("val", 3), ("test", 3)]


def test_saved_when_asked(tmp_path: Path) -> None:
    done = run(SGD.but(save_every=86_400, epochs=1), tmp_path, at_step(9, Save()), tick=EACH_STEP)
    assert (9, False) in [(one.step, one.best) for one in done.of(CheckpointSaved)]
    assert done.ended.reason == "finished"


def test_a_save_that_was_asked_for_and_fails_is_answered_each_time(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    script = once_each((Stepped, 3, [Save()]), (Stepped, 5, [Save()]), (Stepped, 7, [Abandon()]))
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert [note.step for note in done.of(Noted)] == [3, 5]
    assert all(note.startswith("last.pt cannot be written: ") for note in notes(done.events))


def test_to_the_end_of_the_epoch_then_a_pause(tmp_path: Path) -> None:
    script = once_each((Stepped, 5, [FinishEpoch()]), (Paused, STEPS, [Continue()]))
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert [one.step for one in done.of(Paused)] == [STEPS]
    assert [one.step for one in done.of(Continued)] == [STEPS]
    assert done.of(Evaluated)[0].step == STEPS
    assert done.events.index(done.of(Evaluated)[0]) < done.events.index(done.of(Paused)[0])
    assert done.ended.reason == "finished"


def test_to_the_end_of_the_epoch_from_a_pause(tmp_path: Path) -> None:
    script = once_each((Stepped, 5, [Pause()]), (Paused, 5, [FinishEpoch()]), (Paused, STEPS, [Stop()]))
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert [one.step for one in done.of(Paused)] == [5, STEPS]
    assert [one.step for one in done.of(Continued)] == [5]
    assert (done.ended.reason, done.ended.step) == ("stopped", STEPS)


def test_the_end_of_the_last_epoch_is_the_end_of_the_run(tmp_path: Path) -> None:
    done = run(SGD.but(epochs=1), tmp_path, at_step(5, FinishEpoch()), tick=EACH_STEP)
    assert not done.of(Paused)
    assert done.ended.reason == "finished"
    assert (done.last["paused"], done.last["to_epoch_end"]) == (False, False)


@pytest.mark.parametrize("other", [Pause(), Step(), Continue()])
def test_whatever_is_asked_next_takes_the_place_of_the_epochs_end(other: Command, tmp_path: Path) -> None:
    script = once_each(
        (Stepped, 3, [FinishEpoch()]), (Stepped, 5, [other]), (Stepped, 5, [Continue()]), (Stepped, STEPS + 2, [Abandon()])
    )
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert STEPS not in [one.step for one in done.of(Paused)]
    assert done.ended.step == STEPS + 2


def test_handed_over_it_is_left_without_an_end(tmp_path: Path) -> None:
    done = run(SGD, tmp_path, at_step(9, HandOver(), Stop()), tick=EACH_STEP)
    assert isinstance(done.events[-1], HandedOver)
    assert not done.of(RunEnded)
    assert not done.of(Stopping), "what was asked after that is for the next"
    saved = done.events[-2]
    assert isinstance(saved, CheckpointSaved)
    assert (saved.step, saved.best, done.events[-1].step, done.last["step"]) == (9, False, 9, 9)


def test_handed_over_while_it_is_prepared_nothing_is_written(tmp_path: Path) -> None:
    done = run(SGD, tmp_path, lambda events: [HandOver()])
    assert isinstance(done.events[-1], HandedOver)
    assert done.events[-1].step == 0
    assert not done.checkpoints.exists()


def test_what_cannot_be_saved_is_not_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, whole = True, Path.replace

    def replace(self: Path, target: Path) -> Path:
        if full:
            raise OSError(28, "No space left on device")
        return whole(self, target)

    def script(events: list[Event]) -> list[Command]:
        nonlocal full
        if not isinstance(events[-1], Stepped):
            return []
        full = events[-1].step < 20
        return [HandOver()] if events[-1].step in {9, 20} else []

    monkeypatch.setattr(Path, "replace", replace)
    done = run(SGD, tmp_path, script, tick=EACH_STEP)
    assert "the run cannot be handed over, because it cannot be saved; it goes on here" in notes(done.events)
    assert "last.pt cannot be written: No space left on device; training goes on, and it is tried again" in notes(done.events)
    assert isinstance(done.events[-1], HandedOver)
    assert (done.events[-1].step, len(done.losses)) == (20, 20)
    assert checkpoint.load(done.checkpoints / "last.pt")["step"] == 20


def test_what_is_asked_while_it_is_prepared_is_done_before_the_first_batch(tmp_path: Path) -> None:
    left: list[list[Command]] = [[Set("batch_size", 100), ScaleLearningRate(0.5), Pause()]]
    script = once_each((Paused, 0, [Continue()]))
    done = run(SGD.but(epochs=1), tmp_path, lambda events: left.pop() if left else script(events), tick=EACH_STEP)
    assert done.of(Paused)[0].step == 0
    assert [one.step for one in done.of(SettingChanged)] == [1]
    assert done.of(Stepped)[0].seen == 100
    assert done.of(Stepped)[0].lr == 0.025
    assert (done.ended.step, done.ended.samples) == (13, 1294)


def test_nothing_that_is_asked_moves_what_is_drawn(tmp_path: Path) -> None:
    setup = settings(preset="cnn", knobs={"dropout": 0.3, "width": 4}, jitter=True, mixup=True, threads="1")
    asked: list[tuple[type[Event], int, list[Command]]] = [
        (Stepped, 3, [Pause()]),
        (Paused, 3, [Step(), Evaluate(), Save()]),
        (Stepped, 4, [Continue(), Set("momentum", 2.0), Evaluate()]),
        (Stepped, 9, [FinishEpoch(), Save()]),
    ]
    done = run(setup, tmp_path / "a", once_each(*asked), tick=EACH_STEP)
    plain = run(setup, tmp_path / "b")
    assert done.losses == plain.losses
    assert all(torch.equal(done.last["weights"][name], values) for name, values in plain.last["weights"].items())
