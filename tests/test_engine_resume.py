"""A run that is cut short and goes on is the run that was never cut short, to the bit: losses, weights, figures."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_runs import (
    EACH_STEP,
    Killed,
    Script,
    Trained,
    assert_alike,
    at_look,
    at_step,
    changing,
    in_parts,
    run,
    same,
    settings,
    told,
)
from tui_trainer.commands import Command, Continue, Evaluate, FinishEpoch, HandOver, Pause, Set, SetLearningRate, Step, Stop
from tui_trainer.config import Config
from tui_trainer.engine import checkpoint, state
from tui_trainer.engine.errors import TrainingError
from tui_trainer.events import (
    CheckpointSaved,
    Evaluated,
    Event,
    HandedOver,
    Noted,
    Paused,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    Stopping,
)

STEPS = 41
"""Batches of an epoch of digits, of 32 each."""

CHANGES = {"flip": True, "shift": True, "cutout": True, "jitter": True, "mixup": True}

CASES: dict[str, dict[str, object]] = {
    "nesterov": {"optimizer": "sgd", "nesterov": True, "lr": 0.05, "weight_decay": 1e-3, "epochs": 2},
    "dropout": {"preset": "mlp", "knobs": {"dropout": 0.3}, "schedule": "cosine", "epochs": 2},
    "augmented": {"preset": "cnn", "optimizer": "adamw", "schedule": "one-cycle", "batch_size": 80, "epochs": 2, **CHANGES},
    "rmsprop": {"preset": "mlp", "optimizer": "rmsprop", "schedule": "linear", "batch_size": 50, "steps": 70, "clip": 0.5},
    "norms": {"preset": "resnet9", "knobs": {"width": 4}, "optimizer": "sgd", "schedule": "step", "batch_size": 100, "steps": 15},
    "own loop": {"preset": "sine_fit", "dataset": "sine", "optimizer": "sgd", "momentum": 0.0, "batch_size": 100, "epochs": 4},
    "own loss": {"preset": "least_squares", "dataset": "linear-system", "optimizer": "sgd", "batch_size": 2, "epochs": 9},
    "regression": {"preset": "mlp", "dataset": "sine", "batch_size": 64, "schedule": "one-cycle", "epochs": 3},
    "own optimizer": {"preset": "speedrun", "knobs": {"width": 4}, "optimizer": "sgd", "batch_size": 200, "epochs": 2},
    "features": {"preset": "svm", "knobs": {"features": "hog"}, "optimizer": "sgd", "lr": 0.01, "epochs": 2},
    "smoothed": {"label_smoothing": 0.1, "schedule": "cosine", "steps": 60, "lr": 0.01},
    "half": {"preset": "mlp", "knobs": {"width": 16}, "precision": "bf16", "steps": 50},
}


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a disk: here it is the numbers that count."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def of(case: str) -> Config:
    return settings(threads="1", **CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_cut_anywhere_and_resumed_is_the_same_to_the_bit(case: str, tmp_path: Path) -> None:
    setup, draw = of(case), random.Random(case)
    whole = run(setup, tmp_path / "whole")
    steps = len(whole.losses)
    for number, how in enumerate(("handed over", "killed", "stopped")):
        cuts = [(draw.randrange(1, steps + 8), how)]
        assert_alike(whole, in_parts(setup, tmp_path / str(number), cuts))
    several = [(draw.randrange(4, max(8, steps // 2)), draw.choice(["handed over", "killed"])) for _ in range(4)]
    assert_alike(whole, in_parts(setup, tmp_path / "several", several))


def test_cut_at_every_look_there_is(tmp_path: Path) -> None:
    """From the first word while it is prepared to the test at the end, by turns in each of the ways."""
    setup = settings(preset="mlp", knobs={"dropout": 0.5, "width": 4}, batch_size=150, epochs=2, threads="1")
    whole = run(setup, tmp_path / "whole")
    looks = 3 + 2 * 9 + 2 + 1
    for look in range(1, looks + 1):
        how = ("handed over", "killed", "stopped")[look % 3]
        parts = in_parts(setup, tmp_path / str(look), [(look, how)])
        assert not (isinstance(parts[0].events[-1], RunEnded) and parts[0].ended.reason == "finished"), look
        assert_alike(whole, parts)
    assert in_parts(setup, tmp_path / "none", [(looks + 1, "killed")])[0].ended.reason == "finished"


def during(split: str, step: int, *asked: Command) -> Script:
    """Asks once in the middle of this evaluation."""
    left = list(asked)

    def script(events: list[Event]) -> list[Command]:
        judged = any(isinstance(event, Evaluated) and event.step == step for event in events)
        learned = any(isinstance(event, Stepped) and event.step == step for event in events)
        if not learned or judged != (split == "test"):
            return []
        given, left[:] = left[:], []
        return given

    return script


def go_on(setup: Config, folder: Path, script: Script = lambda events: [], **more: Any) -> Trained:
    torch.manual_seed(99)
    return run(setup, folder, script, tick=EACH_STEP, resume="last.pt", **more)


TWO = settings(preset="mlp", knobs={"dropout": 0.4, "width": 8}, epochs=2, threads="1")


@pytest.mark.parametrize(
    ("split", "step", "epoch"), [("val", STEPS, 1), ("val", 2 * STEPS, 2), ("test", 2 * STEPS, 2)], ids=["val", "last", "test"]
)
def test_handed_over_in_the_middle_of_an_evaluation(split: str, step: int, epoch: int, tmp_path: Path) -> None:
    first = run(TWO, tmp_path / "a", during(split, step, HandOver()), tick=EACH_STEP)
    assert isinstance(first.events[-1], HandedOver)
    assert first.events[-1].step == step
    assert first.last["epoch"] == epoch
    second = go_on(TWO, tmp_path / "a")
    resumed = second.of(RunResumed)[0]
    assert (resumed.step, resumed.evaluated) == (step, split == "test")
    assert [one.split for one in second.of(Evaluated)] == (["test"] if split == "test" else ["val"] * (3 - epoch) + ["test"])
    assert_alike(run(TWO, tmp_path / "b"), [first, second])


DRAWS = """
import random
import torch
from torch import nn

class Noisy(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.dense = nn.Linear(64, classes)

    def forward(self, inputs):
        return self.dense(inputs.flatten(1) + random.random() * torch.randn(1))

def build(input_shape, num_classes):
    return Noisy(num_classes)
"""
"""Draws while it is tried as well."""


@pytest.mark.parametrize("split", ["val", "test"])
def test_an_evaluation_that_draws_is_made_again_with_the_same_draws(split: str, tmp_path: Path) -> None:
    step = STEPS if split == "val" else 2 * STEPS
    first = run(TWO.but(knobs={}), tmp_path / "a", during(split, step, HandOver()), tick=EACH_STEP, preset=DRAWS)
    second = go_on(TWO.but(knobs={}), tmp_path / "a", preset=DRAWS)
    assert_alike(run(TWO.but(knobs={}), tmp_path / "b", tick=EACH_STEP, preset=DRAWS), [first, second])


def test_a_stop_that_was_heard_is_carried_out_by_whoever_goes_on(tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        if isinstance(events[-1], Stopping):
            return [HandOver()]
        return [Stop()] if isinstance(events[-1], Stepped) and events[-1].step == 7 else []

    first = run(TWO, tmp_path / "a", script, tick=EACH_STEP)
    assert isinstance(first.events[-1], HandedOver)
    second = go_on(TWO, tmp_path / "a")
    assert second.of(Stopping) == [Stopping(7)]
    assert [(one.split, one.step) for one in second.of(Evaluated)] == [("val", 7), ("test", 7)]
    assert second.ended.reason == "stopped"
    whole = run(TWO, tmp_path / "b", at_step(7, Stop()), tick=EACH_STEP)
    assert_alike(whole, [first, second])


@pytest.mark.parametrize("leave", [HandOver(), None], ids=["handed over", "killed"])
def test_a_run_that_was_paused_is_paused_again(leave: HandOver | None, tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        if isinstance(events[-1], Paused):
            if leave:
                return [leave]
            raise Killed
        return [Pause()] if isinstance(events[-1], Stepped) and events[-1].step == 9 else []

    first = run(TWO, tmp_path / "a", script, tick=EACH_STEP)
    second = go_on(TWO, tmp_path / "a", lambda events: [Continue()] if isinstance(events[-1], Paused) else [])
    assert second.of(RunResumed)[0].paused
    assert second.of(Paused)[0].step == 9
    assert_alike(run(TWO, tmp_path / "b"), [first, second])


def test_what_is_changed_while_paused_is_kept_when_the_process_is_killed(tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        if any(isinstance(event, SettingChanged) for event in events) and isinstance(events[-1], CheckpointSaved):
            raise Killed
        if isinstance(events[-1], Paused):
            return [SetLearningRate(0.005), Set("weight_decay", 0.1)]
        return [Pause()] if isinstance(events[-1], Stepped) and events[-1].step == 9 else []

    run(TWO, tmp_path, script, tick=EACH_STEP)
    second = go_on(TWO, tmp_path, lambda events: [Continue()] if isinstance(events[-1], Paused) else [])
    assert second.of(RunResumed)[0].config["weight_decay"] == 0.1
    assert second.of(Stepped)[0].lr == 0.005


def test_batches_one_by_one_and_an_evaluation_that_were_asked_for_are_not_lost(tmp_path: Path) -> None:
    first = run(TWO, tmp_path, at_step(9, Step(), Step(), Evaluate(), HandOver()), tick=EACH_STEP)
    assert not first.of(Evaluated)
    second = go_on(TWO, tmp_path, lambda events: [Stop()] if isinstance(events[-1], Paused) else [])
    assert [(one.split, one.step) for one in second.of(Evaluated)] == [("val", 9), ("val", 11), ("test", 11)]
    assert second.of(Paused)[0].step == 11


def test_the_pause_at_the_end_of_the_epoch_comes_also_where_the_process_was_killed_before_it(tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        if any(isinstance(event, Evaluated) for event in events):
            raise Killed
        return [FinishEpoch()] if isinstance(events[-1], Stepped) and events[-1].step == 3 else []

    first = run(TWO, tmp_path, script, tick=EACH_STEP)
    assert first.last["step"] == STEPS
    second = go_on(TWO, tmp_path, lambda events: [Stop()] if isinstance(events[-1], Paused) else [])
    assert second.of(Paused)[0].step == STEPS


BY_HAND: dict[int, list[Command]] = {
    3: [SetLearningRate(0.004)],
    7: [Set("batch_size", 50), Set("weight_decay", 0.01)],
    12: [Set("momentum", 0.0), Set("clip", 1.0)],
    20: [Set("label_smoothing", 0.2), Set("batch_size", 21)],
    33: [Set("momentum", 0.8), Set("lr", 0.002), Set("batch_size", 64)],
}


@pytest.mark.parametrize(
    "given",
    [
        {"preset": "cnn", "knobs": {"width": 4}, "optimizer": "sgd", "schedule": "cosine", "jitter": True, "shift": True},
        {"preset": "mlp", "knobs": {"dropout": 0.2}, "optimizer": "rmsprop", "momentum": 0.0, "schedule": "one-cycle"},
        {"optimizer": "sgd", "steps": 70},
    ],
    ids=["jitter", "one-cycle", "steps"],
)
def test_a_run_that_was_changed_by_hand_keeps_its_changes(given: dict[str, object], tmp_path: Path) -> None:
    setup = settings(lr=0.01, threads="1", epochs=2).but(**given)
    draw, script = random.Random(3), changing(BY_HAND)
    whole = run(setup, tmp_path / "whole", script(), tick=EACH_STEP)
    assert whole.last["config"]["batch_size"] == 64
    for number in range(3):
        cuts = [(draw.randrange(4, 45), draw.choice(["handed over", "killed"])) for _ in range(2)]
        parts = in_parts(setup, tmp_path / str(number), cuts, script=script)
        assert_alike(whole, parts)
        assert told(*parts).rates == told(whole).rates
        asked = [event.steps for event in parts[-1].events if isinstance(event, RunResumed)]
        assert asked[-1] in {event.steps for event in whole.events if isinstance(event, RunStarted | SettingChanged)}


def test_back_to_the_best_is_to_go_on_from_there(tmp_path: Path) -> None:
    first = run(TWO, tmp_path, at_step(9, Stop()), tick=EACH_STEP)
    assert (first.ended.reason, first.ended.best_epoch) == ("stopped", 1)
    second = run(TWO, tmp_path, resume="best.pt")
    assert (second.of(RunResumed)[0].step, second.of(RunResumed)[0].evaluated) == (9, True)
    assert not second.of(Stopping)
    assert second.ended.reason == "finished"
    assert_alike(run(TWO, tmp_path / "b"), [first, second])


def test_who_reads_last_pt_finds_the_best_of_which_it_tells(tmp_path: Path) -> None:
    """Better epochs come many a second here; the process is killed right after any of its saves."""
    setup = settings(preset="mlp", epochs=12, batch_size=600, threads="1", save_every=1)
    found = set[int]()
    for saves in range(1, 8):
        folder = tmp_path / str(saves)

        def script(events: list[Event], saves: int = saves) -> list[Command]:
            if sum(isinstance(event, CheckpointSaved) and not event.best for event in events) == saves:
                raise Killed
            return []

        done = run(setup, folder, script, tick=0.2)
        if epoch := done.last["best"]["epoch"]:
            found.add(epoch)
            assert checkpoint.load(folder / "checkpoints" / "best.pt")["best"] == done.last["best"]
    assert len(found) > 1


def test_a_resumed_run_says_where_it_is(tmp_path: Path) -> None:
    run(TWO, tmp_path, at_step(STEPS + 3, HandOver()), tick=EACH_STEP)
    second = go_on(TWO, tmp_path)
    assert not second.of(RunStarted)
    said = second.of(RunResumed)[0]
    assert (said.step, said.epoch, said.checkpoint, said.steps, said.steps_per_epoch) == (44, 2, "last.pt", 82, STEPS)
    assert (said.threads, said.precision, said.paused, said.evaluated) == (1, "fp32", False, False)
    assert said.config["epochs"] == 2
    assert second.of(Stepped)[0].step == 45
    assert second.of(Stepped)[0].seconds > said.seconds > 44


def test_a_checkpoint_of_another_device_is_carried_out_as_suits_this_one(tmp_path: Path) -> None:
    run(TWO, tmp_path, at_step(5, HandOver()), tick=EACH_STEP)
    saved = state.read(tmp_path / "checkpoints" / "last.pt")
    drawn = {**saved["random"], "device": torch.zeros(16, dtype=torch.uint8)}
    elsewhere = {**saved, "device": "cuda", "threads": 7, "bf16": True, "random": drawn}
    torch.save(elsewhere, tmp_path / "checkpoints" / "last.pt")
    said = go_on(TWO, tmp_path).of(RunResumed)[0]
    assert (said.device, said.threads, said.precision) == ("cpu", 1, "fp32")


def test_threads_and_format_that_were_chosen_stay(tmp_path: Path) -> None:
    setup = settings(preset="mlp", epochs=1)
    run(setup, tmp_path, at_step(5, HandOver()), tick=EACH_STEP)
    saved = state.read(tmp_path / "checkpoints" / "last.pt")
    torch.save({**saved, "threads": 3, "bf16": True}, tmp_path / "checkpoints" / "last.pt")
    said = go_on(setup, tmp_path, lambda events: [Stop()]).events
    assert isinstance(said[-1], RunEnded)
    second = go_on(setup, tmp_path)
    assert (second.of(RunResumed)[0].threads, second.of(RunResumed)[0].precision) == (3, "bf16")


ELSEWHERE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from engine_runs import EACH_STEP, run, settings, told
setup = settings(**json.loads(sys.argv[3]))
done = run(setup, Path(sys.argv[2]), tick=EACH_STEP, resume="last.pt")
found = told(done)
print(json.dumps([sorted(found.losses.items()), found.test]))
"""


def test_in_another_process_too(tmp_path: Path) -> None:
    given = {"preset": "cnn", "knobs": {"dropout": 0.3}, "schedule": "cosine", "epochs": 2, "threads": "1", **CHANGES}
    whole = run(settings(**given), tmp_path / "whole")
    run(settings(**given), tmp_path / "a", at_look(30, "handed over"), tick=EACH_STEP)
    words = [sys.executable, "-c", ELSEWHERE, str(Path(__file__).parent), str(tmp_path / "a"), json.dumps(given)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    losses, test = json.loads(done.stdout)
    assert dict(losses) == {step: loss for step, loss in told(whole).losses.items() if step >= losses[0][0]}
    assert (test[0], test[1]) == told(whole).test[:2]
    last = torch.load(tmp_path / "a" / "checkpoints" / "last.pt", weights_only=True)
    assert all(same(last[name], whole.last[name]) for name in ("weights", "optimizer", "random"))


def test_asked_to_end_before_it_goes_on_the_figures_stay(tmp_path: Path) -> None:
    first = run(TWO, tmp_path, at_step(STEPS + 3, HandOver()), tick=EACH_STEP)
    best = first.of(Evaluated)[0]
    second = go_on(TWO, tmp_path, lambda events: [Stop()])
    assert (second.ended.reason, second.ended.step, second.ended.epoch) == ("stopped", STEPS + 3, 2)
    assert (second.ended.best_accuracy, second.ended.last_loss, second.ended.best_epoch) == (best.accuracy, best.loss, 1)
    third = go_on(TWO, tmp_path, lambda events: [HandOver()])
    assert third.events[-1] == HandedOver(STEPS + 3, third.events[-1].seconds)  # type: ignore[union-attr]  # it has
    assert_alike(run(TWO, tmp_path / "b"), [first, go_on(TWO, tmp_path)])


def test_nothing_to_resume_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"there is no last\.pt"):
        go_on(TWO, tmp_path)


def test_a_dataset_that_has_other_samples_by_now_is_said(tmp_path: Path) -> None:
    run(settings(steps=5), tmp_path)
    last = tmp_path / "checkpoints" / "last.pt"
    saved = torch.load(last, weights_only=True)
    saved["samples_of"][0] += 7
    torch.save(saved, last)
    done = run(settings(steps=8), tmp_path, resume="last.pt", budget=("steps", 8))
    (warning,) = [event.text for event in done.of(Noted) if event.level == "warning"]
    assert warning.startswith(
        "digits has changed: 1294 + 144 + 359 samples for training, validation and test, 1301 + 144 + 359 before"
    )
