"""Runs that are made longer, and runs that are trained once more as they were steered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from engine_runs import EACH_STEP, MOMENT, assert_alike, at_step, changing, in_parts, run, same, settings, told
from tui_trainer import schedules
from tui_trainer.commands import Command, HandOver, ScaleLearningRate, Set, SetLearningRate, Stop
from tui_trainer.events import Evaluated, Event, LearningRateChanged, RunResumed, SettingChanged, Stepped

STEPS = 41
"""Batches of an epoch of digits, of 32 each."""

DROPPING = settings(preset="mlp", knobs={"dropout": 0.3, "width": 8}, threads="1")


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a disk: here it is the numbers that count."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.parametrize("unit", ["epochs", "steps"])
def test_a_finished_run_made_longer_is_the_long_run(unit: str, tmp_path: Path) -> None:
    short, long = {"epochs": (1, 3), "steps": (50, 90)}[unit]
    first = run(DROPPING.but(**{unit: short}), tmp_path / "a")
    assert first.ended.reason == "finished"
    torch.manual_seed(7)
    second = run(DROPPING.but(**{unit: short}), tmp_path / "a", resume="last.pt", budget=(unit, float(long)))
    assert second.of(RunResumed)[0].steps == {"epochs": 3 * STEPS, "steps": 90}[unit]
    assert second.of(RunResumed)[0].config[unit] == long
    assert second.ended.reason == "finished"
    assert second.ended.step == len(told(first, second).losses)
    assert_alike(run(DROPPING.but(**{unit: long}), tmp_path / "b"), [first, second])


def test_a_budget_that_was_made_longer_stays_so_without_being_told_again(tmp_path: Path) -> None:
    setup = DROPPING.but(epochs=1)
    first = run(setup, tmp_path / "a")
    second = run(setup, tmp_path / "a", at_step(50, HandOver()), tick=EACH_STEP, resume="last.pt", budget=("epochs", 2.0))
    third = run(setup, tmp_path / "a", resume="last.pt")
    assert third.of(RunResumed)[0].steps == 2 * STEPS
    assert_alike(run(setup.but(epochs=2), tmp_path / "b"), [first, second, third])


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle", "linear", "step"])
def test_a_schedule_is_stretched_over_the_longer_plan(schedule: str, tmp_path: Path) -> None:
    setup = DROPPING.but(schedule=schedule, steps=20, lr=0.01)
    first = run(setup, tmp_path, tick=EACH_STEP)
    second = run(setup, tmp_path, tick=EACH_STEP, resume="last.pt", budget=("steps", 50.0))
    rates = told(first, second).rates
    assert [rates[step] for step in range(1, 21)] == [0.01 * schedules.factor(schedule, (step - 1) / 20) for step in range(1, 21)]
    assert [rates[step] for step in range(21, 51)] == [0.01 * schedules.factor(schedule, (step - 1) / 50) for step in range(21, 51)]


def test_a_rate_that_was_changed_by_hand_stays_in_the_longer_run(tmp_path: Path) -> None:
    setup = DROPPING.but(epochs=1, lr=0.01)
    run(setup, tmp_path, at_step(9, SetLearningRate(0.003)), tick=EACH_STEP)
    second = run(setup, tmp_path, tick=EACH_STEP, resume="last.pt", budget=("epochs", 2.0))
    assert {one.lr for one in second.of(Stepped)} == {0.003}


def test_seconds_more(tmp_path: Path) -> None:
    setup = DROPPING.but(seconds=0.3, schedule="cosine")
    first = run(setup, tmp_path, tick=0.01)
    second = run(setup, tmp_path, tick=0.01, resume="last.pt", budget=("seconds", 0.9))
    assert (first.ended.reason, second.ended.reason) == ("finished", "finished")
    assert second.of(RunResumed)[0].seconds >= 0.3
    last = [one for one in second.of(Evaluated) if one.split == "val"][-1]
    assert 0.9 <= last.seconds < 1.2
    assert second.ended.step > first.ended.step
    assert second.of(Stepped)[0].lr > first.of(Stepped)[-1].lr, "the cosine is that of the longer time"


def test_a_run_that_was_stopped_goes_on_to_its_budget_and_beyond(tmp_path: Path) -> None:
    setup = DROPPING.but(epochs=1)
    first = run(setup, tmp_path / "a", at_step(30, Stop()), tick=EACH_STEP)
    second = run(setup, tmp_path / "a", resume="last.pt", budget=("epochs", 2.0))
    assert_alike(run(setup.but(epochs=2), tmp_path / "b"), [first, second])


STEERED: dict[int, list[Command]] = {
    4: [SetLearningRate(0.004), Set("weight_decay", 0.02)],
    9: [Set("batch_size", 50)],
    15: [Set("clip", 0.5), Set("label_smoothing", 0.2)],
    20: [ScaleLearningRate(0.3), Set("batch_size", 20), Set("momentum", 0.5)],
    40: [Set("batch_size", 64), ScaleLearningRate(2.0), Set("clip", 0.0)],
}


def changes(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, LearningRateChanged | SettingChanged)]


@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
@pytest.mark.parametrize("tick", [EACH_STEP, MOMENT])
def test_repeated_as_it_was_steered_it_is_the_same_to_the_bit(schedule: str, tick: float, tmp_path: Path) -> None:
    setup = DROPPING.but(schedule=schedule, optimizer="sgd", epochs=2, lr=0.02)
    steered = run(setup, tmp_path / "a", changing(STEERED)(), tick=EACH_STEP)
    asked = changes(steered.events)
    assert len(asked) == 11
    again = run(setup, tmp_path / "b", tick=tick, steering=asked)
    assert_alike(steered, [again])
    told_of = [(type(one), one.step, one.old, one.new) for one in changes(again.events)]  # type: ignore[union-attr]  # they have
    assert told_of == [(type(one), one.step, one.old, one.new) for one in asked]  # type: ignore[union-attr]  # they have


def test_changes_at_the_end_of_an_epoch_are_repeated_there(tmp_path: Path) -> None:
    at_end: dict[int, list[Command]] = {STEPS: [Set("batch_size", 50), Set("label_smoothing", 0.1)]}
    steered = run(DROPPING.but(epochs=2), tmp_path / "a", changing(at_end)(), tick=EACH_STEP)
    asked = changes(steered.events)
    assert {one.step for one in asked} == {STEPS + 1}  # type: ignore[union-attr]  # they have one
    assert_alike(steered, [run(DROPPING.but(epochs=2), tmp_path / "b", steering=asked)])


@pytest.mark.parametrize("how", ["handed over", "killed"])
def test_a_repetition_that_is_cut_short_goes_on_with_the_changes_that_are_left(how: str, tmp_path: Path) -> None:
    setup = DROPPING.but(schedule="cosine", optimizer="sgd", epochs=2, lr=0.02)
    steered = run(setup, tmp_path / "a", changing(STEERED)(), tick=EACH_STEP)
    for look in (6, 12, 13, 24, 44):
        parts = in_parts(setup, tmp_path / str(look), [(look, how)], steering=changes(steered.events))
        assert_alike(steered, parts)


def test_a_change_that_this_run_cannot_take_is_left_out(tmp_path: Path) -> None:
    asked: list[Event] = [SettingChanged(3, "momentum", 0.9, 0.5), LearningRateChanged(5, 1e-3, 2e-3)]
    done = run(DROPPING.but(steps=8), tmp_path, tick=EACH_STEP, steering=asked)
    assert [type(one) for one in changes(done.events)] == [LearningRateChanged]
    assert [one.lr for one in done.of(Stepped)][3:5] == [1e-3, 2e-3]


WEIGHTS = "from.pt"


def test_begun_with_the_weights_of_another_run(tmp_path: Path) -> None:
    other = run(DROPPING, tmp_path / "a")
    folder = tmp_path / "b" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes((other.checkpoints / "last.pt").read_bytes())
    setup = DROPPING.but(lr=1e-9, steps=1)
    done = run(setup, tmp_path / "b")
    assert same(done.last["optimizer"]["state"].keys(), other.last["optimizer"]["state"].keys())
    drift = [(done.last["weights"][name] - other.last["weights"][name]).abs().max() for name in other.last["weights"]]
    assert max(map(float, drift)) < 1e-6
    assert done.last["step"] == 1
