"""The loop: its numbers are those of a plain one, every loss is told once, and it obeys between two steps."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from engine_runs import EACH_STEP, MOMENT, at_step, run, settings
from tui_trainer import paths, schedules, units
from tui_trainer.commands import Abandon, Continue, Pause, ScaleLearningRate, SetLearningRate, Step, Stop
from tui_trainer.config import Config
from tui_trainer.engine import checkpoint, data, model, optim
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    LearningRateChanged,
    Noted,
    Paused,
    Preparing,
    Probed,
    RunEnded,
    RunStarted,
    Stepped,
    Stopping,
    Timed,
)

STEPS = 41
"""Batches of an epoch of digits, at the usual sizes."""

NO_BENDS = """
from torch import nn

def build(input_shape, num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, num_classes))
"""
"""Nothing in it keeps values small, so a rate that is too high cannot but blow it up."""


def plain_loop(setup: Config, rates: dict[int, float] | None = None) -> list[float]:
    """The same run as anybody would write it. `rates`: from which step on which learning rate."""
    samples = data.load(setup, paths.datasets(), lambda what, done=0, total=0: None, torch.device("cpu"))
    preset = model.run_file(paths.shipped_presets() / f"{setup.preset}.py", setup.preset)
    torch.set_num_threads(1)
    torch.manual_seed(setup.seed)
    net = preset.build(samples.shape, 10, **setup.knobs).to(memory_format=torch.channels_last)
    kind, arguments = optim.recipe(setup, torch.device("cpu"))
    optimizer = kind(net.parameters(), **arguments)
    losses: list[float] = []
    for epoch in range(1, int(setup.budget[1]) + 1):
        for inputs, labels in samples.batches(epoch, setup.batch_size):
            for group in optimizer.param_groups:
                group["lr"] = (rates or {}).get(len(losses) + 1, group["lr"])
            loss = functional.cross_entropy(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@pytest.mark.parametrize(
    "given",
    [
        {"preset": "linear", "optimizer": "sgd", "lr": 0.05, "epochs": 3},
        {"preset": "cnn", "epochs": 3},
        {"preset": "cnn", "optimizer": "rmsprop", "epochs": 1},
        {"preset": "cnn", "optimizer": "sgd", "nesterov": True, "weight_decay": 1e-3, "flip": True, "shift": True},
        {"preset": "mlp", "optimizer": "adamw", "weight_decay": 0.01, "knobs": {"dropout": 0.3}},
    ],
)
def test_losses_are_those_of_a_plain_loop_to_the_bit(given: dict[str, object], tmp_path: Path) -> None:
    setup = settings(**given)
    assert run(setup, tmp_path).losses == plain_loop(setup)


def test_same_seed_same_numbers_whatever_the_clock_says(tmp_path: Path) -> None:
    setup = settings(preset="mlp", knobs={"dropout": 0.2}, epochs=2, shift=True, seed=5)
    slow, fast = run(setup, tmp_path / "a", tick=EACH_STEP), run(setup, tmp_path / "b", tick=MOMENT)
    assert slow.losses == fast.losses
    assert [one.confusion for one in slow.of(Evaluated)] == [one.confusion for one in fast.of(Evaluated)]
    assert len(slow.of(Stepped)) > len(fast.of(Stepped))
    assert run(setup.but(seed=6), tmp_path / "c").losses != fast.losses


def test_events_come_in_order(tmp_path: Path) -> None:
    done = run(settings(epochs=2), tmp_path)
    kinds = [type(event) for event in done.events]
    assert [event.what for event in done.of(Preparing)] == ["reading digits", "building linear", "first batch"]
    assert kinds[3] is RunStarted
    assert kinds[-1] is RunEnded
    assert [event.split for event in done.of(Evaluated)] == ["val", "val", "test"]
    assert done.ended.reason == "finished"
    assert (done.ended.step, done.ended.epoch) == (2 * STEPS, 2)


def test_started_says_what_it_trains(tmp_path: Path) -> None:
    started = run(settings(preset="cnn", steps=1), tmp_path).of(RunStarted)[0]
    assert (started.train_size, started.val_size, started.test_size) == (1294, 144, 359)
    assert started.input_shape == (1, 8, 8)
    assert started.classes == tuple("0123456789")
    assert started.steps_per_epoch == STEPS
    assert started.steps == 1
    assert started.parameters == sum(layer.parameters for layer in started.layers)
    assert [layer.name for layer in started.layers][:3] == ["conv1", "pool1", "conv2"]
    assert started.threads == 1


@pytest.mark.parametrize("tick", [MOMENT, 0.011, EACH_STEP])
def test_every_loss_is_told_once_and_no_report_spans_two_epochs(tick: float, tmp_path: Path) -> None:
    reports = run(settings(epochs=2), tmp_path, tick=tick).of(Stepped)
    assert reports[0].step == len(reports[0].losses)
    for before, after in pairwise(reports):
        assert after.step - len(after.losses) == before.step
    for report in reports:
        first = report.step - len(report.losses) + 1
        assert (first - 1) // STEPS + 1 == (report.step - 1) // STEPS + 1 == report.epoch
        assert 0 <= report.correct <= report.seen <= 32 * len(report.losses)
    assert reports[-1].step == 2 * STEPS
    assert sum(report.seen for report in reports) == 2 * 1294


def test_correct_counts_what_was_classified_before_learning(tmp_path: Path) -> None:
    setup = settings(steps=1)
    report = run(setup, tmp_path).of(Stepped)[0]
    samples = data.load(setup, paths.datasets(), lambda what, done=0, total=0: None, torch.device("cpu"))
    torch.manual_seed(0)
    net = model.run_file(paths.shipped_presets() / "linear.py", "linear").build((1, 8, 8), 10)
    inputs, labels = next(samples.batches(1, 32))
    assert report.correct == int((net(inputs).argmax(1) == labels).sum())


def test_stop_finishes_the_batch_evaluates_and_saves(tmp_path: Path) -> None:
    done = run(settings(epochs=50), tmp_path, at_step(7, Stop()), tick=EACH_STEP)
    assert done.of(Stopping) == [Stopping(7)]
    assert [(one.split, one.step, one.epoch) for one in done.of(Evaluated)] == [("val", 7, 1), ("test", 7, 1)]
    assert (done.ended.reason, done.ended.step) == ("stopped", 7)
    assert done.ended.test_accuracy is not None
    saved = checkpoint.load(done.checkpoints / "last.pt")
    assert saved["step"] == 7
    assert set(saved["weights"]) == {"1.weight", "1.bias"}
    assert len(done.losses) == 7


def test_epochs_shorter_than_a_report_obey_as_soon(tmp_path: Path) -> None:
    done = run(settings(epochs=50), tmp_path, at_step(1, Stop()))
    first, last = done.of(Evaluated)[0], done.of(Evaluated)[-1]
    assert first.seconds < 0.1, "an epoch of this clock is that short"
    assert done.ended.reason == "stopped"
    assert last.seconds < 0.25


def test_abandon_ends_at_once(tmp_path: Path) -> None:
    done = run(settings(epochs=50, save_every=86_400), tmp_path, at_step(7, Abandon()), tick=EACH_STEP)
    assert (done.ended.reason, done.ended.step) == ("abandoned", 7)
    assert not done.of(Evaluated)
    assert not (done.checkpoints / "last.pt").exists()


def test_abandon_is_heard_during_an_evaluation(tmp_path: Path) -> None:
    told = 0

    def script(events: list[object]) -> list[object]:
        nonlocal told
        last = next((event for event in reversed(events) if isinstance(event, Stepped)), None)
        if last is not None and last.step == STEPS:
            told += 1
            return [Abandon()]
        return []

    done = run(settings(epochs=3), tmp_path, script, tick=EACH_STEP)  # type: ignore[arg-type]  # any events, any commands
    assert told == 1
    assert (done.ended.reason, done.ended.step) == ("abandoned", STEPS)


@pytest.mark.parametrize(("asked", "reason"), [(Stop(), "stopped"), (Abandon(), "abandoned")])
def test_asked_to_end_while_preparing(asked: Stop | Abandon, reason: str, tmp_path: Path) -> None:
    done = run(settings(), tmp_path, lambda events: [asked])
    assert (done.ended.reason, done.ended.step) == (reason, 0)
    assert not done.of(RunStarted)


def test_stop_before_the_first_step_has_nothing_to_evaluate(tmp_path: Path) -> None:
    def script(events: list[object]) -> list[object]:
        if any(isinstance(event, Paused) for event in events):
            return [Stop()]
        return [Pause()]

    done = run(settings(), tmp_path, script)  # type: ignore[arg-type]  # any events, any commands
    assert (done.ended.reason, done.ended.step) == ("stopped", 0)
    assert not done.of(Evaluated)


def test_a_new_rate_holds_from_the_next_step(tmp_path: Path) -> None:
    setup = settings(optimizer="sgd", lr=0.05)
    done = run(setup, tmp_path, at_step(5, SetLearningRate(0.01)), tick=EACH_STEP)
    changed = done.of(LearningRateChanged)
    assert [(one.step, one.old, one.new) for one in changed] == [(6, 0.05, 0.01)]
    assert [report.lr for report in done.of(Stepped)][4:6] == [0.05, 0.01]
    assert done.losses == plain_loop(setup, {6: 0.01})


def test_a_scaled_rate_goes_on_along_the_schedule(tmp_path: Path) -> None:
    setup = settings(schedule="cosine", lr=0.01, steps=20)
    done = run(setup, tmp_path, at_step(10, ScaleLearningRate(0.5)), tick=EACH_STEP)
    rates = [report.lr for report in done.of(Stepped)]
    expected = [0.01 * schedules.factor("cosine", step / 20) * (0.5 if step >= 10 else 1) for step in range(20)]
    assert rates == pytest.approx(expected)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, 11.0])
def test_a_rate_out_of_bounds_is_refused_with_a_note(rate: float, tmp_path: Path) -> None:
    done = run(settings(steps=3, lr=0.01), tmp_path, at_step(1, SetLearningRate(rate)), tick=EACH_STEP)
    assert not done.of(LearningRateChanged)
    assert [note.text for note in done.of(Noted)] == [
        "the rate stays at 1e-2; it has to be a number above 0, at most 10; 1e-3 suits adam"
    ]
    assert {report.lr for report in done.of(Stepped)} == {0.01}


def test_pause_holds_the_clock_and_continue_goes_on(tmp_path: Path) -> None:
    looks = 0

    def script(events: list[object]) -> list[object]:
        nonlocal looks
        if isinstance(events[-1], Paused):
            looks += 1
            return [Continue()] if looks == 500 else []
        return [Pause()] if isinstance(events[-1], Stepped) and events[-1].step == 3 else []

    setup = settings(steps=6)
    done = run(setup, tmp_path, script, tick=EACH_STEP)  # type: ignore[arg-type]  # any events, any commands
    held, went_on = done.of(Paused)[0], done.of(Continued)[0]
    assert (held.step, went_on.step) == (3, 3)
    assert done.clock.slept == 500
    assert went_on.seconds - held.seconds < 5  # 500 looks at the clock took 500 seconds of it, and naps besides
    assert done.ended.seconds < 100
    assert done.losses == plain_loop(settings())[:6]


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    def script(events: list[object]) -> list[object]:
        steps = [event.step for event in events if isinstance(event, Stepped)]
        paused = any(isinstance(event, Paused) for event in events)
        if steps[-1:] == [3] and not paused:
            return [Step()]
        if paused and steps[-1] < 6:
            return [Step()]
        return [Abandon()] if paused else []

    done = run(settings(), tmp_path, script, tick=EACH_STEP)  # type: ignore[arg-type]  # any events, any commands
    assert done.of(Paused)[0].step == 4
    assert len(done.of(Paused)) == 1
    assert not done.of(Continued)
    assert done.ended.step == 6
    assert [len(report.losses) for report in done.of(Stepped)] == [1] * 6


def test_the_last_batch_of_an_epoch_brings_its_validation_while_paused(tmp_path: Path) -> None:
    def script(events: list[object]) -> list[object]:
        steps = [event.step for event in events if isinstance(event, Stepped)]
        if not steps or steps[-1] < STEPS - 1:
            return []
        if steps[-1] == STEPS - 1:
            return [Step()]
        return [Abandon()]

    done = run(settings(epochs=3), tmp_path, script, tick=EACH_STEP)  # type: ignore[arg-type]  # any events, any commands
    assert done.ended.step == STEPS


def test_stop_while_paused(tmp_path: Path) -> None:
    def script(events: list[object]) -> list[object]:
        if isinstance(events[-1], Paused):
            return [Stop()]
        return [Pause()] if isinstance(events[-1], Stepped) and events[-1].step == 3 else []

    done = run(settings(), tmp_path, script, tick=EACH_STEP)  # type: ignore[arg-type]  # any events, any commands
    assert (done.ended.reason, done.ended.step) == ("stopped", 3)
    assert (done.checkpoints / "last.pt").exists()


def test_a_budget_in_steps_ends_within_an_epoch(tmp_path: Path) -> None:
    done = run(settings(steps=STEPS + 4), tmp_path)
    assert [(one.split, one.step, one.epoch) for one in done.of(Evaluated)] == [
        ("val", STEPS, 1),
        ("val", STEPS + 4, 2),
        ("test", STEPS + 4, 2),
    ]
    assert [one.epoch_took > 0 for one in done.of(Evaluated)] == [True, False, False]
    assert done.ended.reason == "finished"


def test_a_budget_in_seconds_ends_by_the_run_clock(tmp_path: Path) -> None:
    done = run(settings(seconds=0.5, schedule="cosine"), tmp_path, tick=0.01)
    assert done.ended.reason == "finished"
    assert done.of(RunStarted)[0].steps == 0
    assert 0.5 <= done.of(Evaluated)[-2].seconds < 0.7
    assert done.of(Evaluated)[-2].split == "val"


def test_the_best_epoch_is_kept_and_summed_up(tmp_path: Path) -> None:
    done = run(settings(lr=0.01, epochs=4), tmp_path, tick=0.05)
    validations = [one for one in done.of(Evaluated) if one.split == "val"]
    best = max(validations, key=lambda one: (one.accuracy, -one.loss))
    assert (done.ended.best_accuracy, done.ended.best_epoch, done.ended.best_loss) == (best.accuracy, best.epoch, best.loss)
    assert [one for one in validations if one.best][-1] is best
    assert (done.ended.last_accuracy, done.ended.last_loss) == (validations[-1].accuracy, validations[-1].loss)
    assert checkpoint.load(done.checkpoints / "best.pt")["epoch"] == best.epoch
    assert done.of(CheckpointSaved)[-1].best is False
    assert done.ended.samples == 4 * 1294
    assert done.ended.parameters == 650


def test_the_weights_that_were_saved_give_the_accuracy_that_was_said(tmp_path: Path) -> None:
    done = run(settings(epochs=2), tmp_path)
    samples = data.load(settings(), paths.datasets(), lambda what, done=0, total=0: None, torch.device("cpu"))
    net = model.run_file(paths.shipped_presets() / "linear.py", "linear").build((1, 8, 8), 10)
    net.load_state_dict(checkpoint.load(done.checkpoints / "last.pt")["weights"])
    right = (net(samples.normalise(samples.test.inputs)).argmax(1) == samples.test.targets).double().mean()
    assert done.ended.test_accuracy == pytest.approx(float(right))


def test_mistakes_are_wrong_answers_most_certain_first(tmp_path: Path) -> None:
    done = run(settings(epochs=1), tmp_path)
    probed = done.of(Probed)[-1]
    samples = data.load(settings(), paths.datasets(), lambda what, done=0, total=0: None, torch.device("cpu"))
    index = [int(number) for number in probed.facts["index"]]
    assert probed.shape == (len(index), 1, 8, 8)
    assert 0 < len(index) <= 8
    assert samples.val.targets[index].tolist() == list(probed.facts["true"])
    assert all(true != given for true, given in zip(probed.facts["true"], probed.facts["taken_for"], strict=True))
    assert list(probed.facts["confidence"]) == sorted(probed.facts["confidence"], reverse=True)


def test_the_final_validation_always_shows_its_mistakes(tmp_path: Path) -> None:
    done = run(settings(epochs=3), tmp_path)  # all within two seconds of the counting clock
    assert [probed.step for probed in done.of(Probed)] == [STEPS, 3 * STEPS]


def test_timing_is_told_now_and_then(tmp_path: Path) -> None:
    timed = run(settings(epochs=3), tmp_path, tick=0.05).of(Timed)
    assert len(timed) >= 2
    assert all(min(one.data, one.forward, one.backward, one.update) > 0 for one in timed)
    assert all(after.step > before.step for before, after in pairwise(timed))


def test_diverged_says_step_layer_and_a_rate_to_try(tmp_path: Path) -> None:
    setup = settings(optimizer="sgd", lr=10.0, epochs=50)
    done = run(setup, tmp_path, preset=NO_BENDS)
    assert done.ended.reason == "diverged"
    assert math.isfinite(sum(done.losses[:-1]))
    assert not math.isfinite(done.losses[-1])
    assert done.ended.step == len(done.losses) == done.of(Stepped)[-1].step
    assert f"at step {done.ended.step}, from dense" in done.ended.error
    assert f"try a rate of {units.lr(done.ended.suggested_lr)}" in done.ended.error
    assert done.ended.suggested_lr == pytest.approx(1.0)
    assert done.ended.layer.startswith("dense")
    assert not (done.checkpoints / "last.pt").exists()


def test_diverging_later_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    setup = settings(preset="mlp", optimizer="sgd", lr=0.05, epochs=50)
    done = run(setup, tmp_path, at_step(STEPS + 2, SetLearningRate(10.0)), tick=EACH_STEP)
    assert done.ended.reason == "diverged"
    assert done.ended.best_epoch >= 1
    assert done.ended.suggested_lr == 0.05, "what was given did well until a person changed it"
    saved = checkpoint.load(done.checkpoints / "best.pt")
    assert all(values.isfinite().all() for values in saved["weights"].values())


def test_a_full_disk_is_a_warning_and_training_goes_on(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    done = run(settings(epochs=1), tmp_path)
    assert done.ended.reason == "finished"
    assert {note.level for note in done.of(Noted)} == {"warning"}
    assert all("cannot be written" in note.text for note in done.of(Noted))
    assert not done.of(CheckpointSaved)
