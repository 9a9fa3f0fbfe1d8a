"""The one fold: the same whole or in pieces, and every figure that a screen shows follows from events."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

import fitted
from tui_trainer import events
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    LearningRateChanged,
    Noted,
    Paused,
    Preparing,
    RunEnded,
    RunStarted,
    Stepped,
    ThreadsChanged,
)
from tui_trainer.runs.history import History, Verdict

STARTED = RunStarted(
    config={"preset": "cnn", "batch_size": 10, "lr": 0.001, "epochs": 4},
    device="cpu",
    device_name="a processor",
    threads=1,
    precision="fp32",
    parameters=1000,
    layers=(),
    input_shape=(1, 8, 8),
    classes=("cat", "dog", "bird"),
    train_size=100,
    val_size=30,
    test_size=30,
    steps_per_epoch=10,
    steps=40,
)


def stepped(step: int, *losses: float, correct: int = 5, lr: float = 1e-3, seconds: float = 0.0) -> Stepped:
    return Stepped(step, (step - 1) // 10 + 1, losses, correct, 10 * len(losses), lr, seconds or step / 10)


def evaluated(epoch: int, loss: float, accuracy: float, *, hits: tuple[int, int, int] = (5, 5, 5), best: bool = False) -> Evaluated:
    matrix = tuple(
        tuple(hits[row] if row == column else (10 - hits[row]) * (column == (row + 1) % 3) for column in range(3))
        for row in range(3)
    )
    return Evaluated(10 * epoch, epoch, "val", loss, accuracy, matrix, float(epoch), 0.1, best, 0.9)


def run() -> list[Event]:
    chance = random.Random(0)
    rows: list[Event] = [Preparing("reading digits"), STARTED, Preparing("first batch")]
    for epoch in range(1, 5):
        rows += [stepped(10 * (epoch - 1) + half, *(chance.random() for _ in range(5))) for half in (5, 10)]
        rows.append(evaluated(epoch, 1 / epoch, 0.5 + epoch / 20, best=True))
        rows.append(CheckpointSaved(10 * epoch, epoch, best=True))
    return [*rows, RunEnded(40, 4, "finished", 4.0, best_accuracy=0.7)]


def facts(history: History) -> dict[str, object]:
    seen = {name: value for name, value in vars(history).items() if not name.startswith("_") and name not in {"loss", "accuracy"}}
    curves = [history.loss.buckets(), history.accuracy.buckets()]
    return seen | {"curves": curves, "speed": history.samples_per_second, "progress": history.progress, "board": history.board()}


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
def test_folding_in_pieces_is_folding_at_once(pieces: int) -> None:
    rows = run()
    whole, parts = History(), History()
    whole.extend(rows)
    for start in range(0, len(rows), pieces):
        parts.extend(rows[start : start + pieces])
    assert facts(whole) == facts(parts)


def test_phases_follow_the_events() -> None:
    history = History()
    phases = [history.phase]
    for event in (
        Preparing("loading torch"),
        STARTED,
        stepped(5, *[1.0] * 5),
        Paused(5),
        stepped(6, 1.0),
        Continued(6),
        Preparing("evaluating"),
        events.Stopping(6),
        RunEnded(6, 1, "stopped", 1.0),
    ):
        history.apply(event)
        phases.append(history.phase)
    assert phases == [
        "", "preparing", "preparing", "training", "paused", "paused", "training", "training", "stopping", "ended",
    ]  # fmt: skip
    assert not history.paused


def test_curves_points_and_best() -> None:
    history = History()
    history.extend(run())
    assert history.loss.count == 40
    assert history.accuracy.last == pytest.approx(0.1)
    assert [point.epoch for point in history.val_loss] == [1, 2, 3, 4]
    assert history.best == (40, 4, 0.7, 4.0)
    assert history.best_loss == 0.25
    assert history.previous == history.at_epoch(3)
    assert history.saved_best is not None
    assert history.saved_best.step == 40
    assert history.epoch_at(25) == 2.5
    assert history.seconds_at(5) == pytest.approx(0.5)
    assert history.seconds_at(2.5) == pytest.approx(0.25)
    assert history.seconds_at(1e9) == 4.0


def test_a_worse_epoch_is_not_the_best() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 0.5, 0.8, best=True), evaluated(2, 0.9, 0.6)])
    assert history.best is not None
    assert history.best.epoch == 1
    assert [note.best for note in history.notes] == [True, False]


def test_a_second_evaluation_of_an_epoch_takes_the_place_of_the_first() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 0.9, 0.5), evaluated(2, 0.5, 0.7), evaluated(2, 0.4, 0.75)])
    assert history.previous is not None
    assert history.previous.epoch == 1


def test_progress_and_time_left_by_steps() -> None:
    history = History()
    assert (history.progress, history.seconds_left) == (0.0, None)
    history.extend([STARTED, stepped(10, *[1.0] * 10)])
    assert history.progress == 0.25
    assert history.seconds_left == pytest.approx(3.0)
    history.apply(RunEnded(10, 1, "stopped", 1.0))
    assert history.seconds_left == 0
    assert history.progress == 0.25


def test_progress_and_time_left_by_seconds() -> None:
    history = History()
    history.extend([replace(STARTED, steps=0, config={"seconds": 8.0, "epochs": None}), stepped(10, *[1.0] * 10, seconds=2.0)])
    assert history.progress == 0.25
    assert history.seconds_left == 6.0


def test_speed_leaves_evaluations_out() -> None:
    history = History()
    history.apply(STARTED)
    seconds = 0.0
    for epoch in range(1, 6):
        seconds += 1.0
        history.apply(stepped(10 * epoch, *[1.0] * 10, seconds=seconds))
        seconds += 7.0
        history.apply(replace(evaluated(epoch, 1.0, 0.5), seconds=seconds, took=7.0))
    assert history.samples_per_second == pytest.approx(100)
    assert history.speeds


def test_what_a_person_did_is_a_mark_and_a_note() -> None:
    history = History()
    history.extend([STARTED, stepped(7, *[1.0] * 7), LearningRateChanged(8, 1e-3, 3e-4, 0.7), Paused(8, 0.8), Continued(8, 0.8)])
    assert [(mark.step, mark.kind, mark.text) for mark in history.marks] == [
        (8, "rate", "rate 1e-3 → 3e-4"),
        (8, "pause", "paused"),
        (8, "resume", "went on"),
    ]
    assert [(note.kind, note.text, note.detail) for note in history.notes] == [
        ("rate", "rate 1e-3 → 3e-4", "step 8"),
        ("pause", "paused", "step 8"),
        ("go on", "went on", "step 8"),
    ]
    assert history.lr == 3e-4


def test_notes_say_what_happened() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 0.862, 0.718, best=True), Noted("warning", "slow disk", 10), Noted("info", "hm")])
    val, warning, info = history.notes
    assert (val.kind, val.text, val.value, val.loss, val.took, val.best) == ("val", "val 71.8 %", 0.718, 0.862, 0.9, True)
    assert (warning.kind, warning.text) == ("warning", "slow disk")
    assert info.kind == "info"
    assert history.warnings == 1


def test_the_test_split_is_apart_from_validation() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 0.5, 0.8), replace(evaluated(1, 0.6, 0.7), split="test")])
    assert history.test is not None
    assert history.test.accuracy == 0.7
    assert history.evaluation is not None
    assert history.evaluation.accuracy == 0.8
    assert history.notes[-1].text == "test 70.0 %"


@pytest.mark.parametrize(
    ("reason", "error", "text"),
    [
        ("finished", "", "finished"),
        ("stopped", "", "stopped at step 1 204"),
        ("diverged", "loss is nan", "diverged at step 1 204: loss is nan"),
        ("failed", "no memory", "failed: no memory"),
    ],
)
def test_the_end_is_said(reason: str, error: str, text: str) -> None:
    history = History()
    history.extend([STARTED, RunEnded(1204, 3, reason, 5.0, error=error)])
    assert history.notes[-1].text == text
    assert [mark.kind for mark in history.marks] == (["diverged"] if reason == "diverged" else [])


@pytest.mark.parametrize("reason", ["stopped", "abandoned"])
def test_an_end_before_the_first_step_is_said_as_one(reason: str) -> None:
    history = History()
    history.apply(RunEnded(0, 0, reason, 0.0))
    assert history.notes[-1].text == f"{reason} before the first step"


def test_a_run_that_diverged_says_where_and_what_to_try() -> None:
    history = History()
    saved = CheckpointSaved(1000, 2, best=True)
    history.extend([STARTED, saved, RunEnded(1204, 3, "diverged", 5.0, error="long", layer="conv3", suggested_lr=3e-4)])
    assert [note.text for note in history.notes[-2:]] == [
        "diverged at step 1 204, conv3",
        "kept step 1 000, try a rate of 3e-4",
    ]


def test_the_board_has_the_worst_class_first_and_its_change() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 1.0, 0.5, hits=(5, 6, 7)), evaluated(2, 0.9, 0.5, hits=(9, 4, 7))])
    assert [(line.name, line.share, line.support) for line in history.board()] == [
        ("dog", 0.4, 10),
        ("bird", 0.7, 10),
        ("cat", 0.9, 10),
    ]
    assert [line.change for line in history.board()] == pytest.approx([-0.2, 0.0, 0.4])
    assert [line.change for line in history.board(1)] == [None, None, None]
    assert history.confused(1) == [("dog", "bird", 6, 10)]


def test_a_board_is_made_once_for_all_frames_and_anew_for_another_epoch() -> None:
    history = History()
    history.extend([STARTED, evaluated(1, 1.0, 0.5, hits=(5, 6, 7)), evaluated(2, 0.9, 0.5, hits=(9, 4, 7))])
    assert history.board() is history.board()
    assert history.confused(1) is history.confused(1)
    assert len(history.confused(2)) == 2
    assert [line.share for line in history.board(1)] == [0.5, 0.6, 0.7]
    history.apply(evaluated(3, 0.9, 0.5, hits=(9, 9, 1)))
    assert [line.share for line in history.board()] == [0.1, 0.9, 0.9]
    assert history.confused(1) == [("bird", "cat", 9, 10)]


def test_an_empty_history_has_nothing_to_show() -> None:
    history = History()
    assert (history.board(), history.confused(), history.verdict(), history.progress) == ([], [], None, 0.0)
    assert history.classes == ()
    assert history.epoch_at(10) == 0.0


def test_a_history_stays_bounded() -> None:
    history = History()
    history.apply(STARTED)
    for epoch in range(1, 6001):
        history.apply(stepped(10 * epoch, *[1.0] * 10))
        history.apply(evaluated(epoch, 1.0, 0.9 if epoch == 777 else 0.5, best=epoch == 777))
    assert len(history.val_accuracy) <= 4097
    assert history.val_accuracy[-1].epoch == 6000
    assert any(point.epoch == 777 for point in history.val_accuracy)
    assert len(history.notes) <= 2000
    assert len(history.loss.buckets()) <= 1024
    assert len(history.speeds) <= 60
    assert history.seconds_at(30_000) == pytest.approx(3000, rel=0.01)


def verdict_of(*rows: Event) -> Verdict | None:
    history = History()
    history.extend([STARTED, *rows])
    return history.verdict()


def test_verdicts_say_the_number_behind_them() -> None:
    good = stepped(40, *[0.1] * 40, correct=396)
    flat = [evaluated(5, 0.5, 0.8, best=True), *(evaluated(epoch, 0.5, 0.7) for epoch in (6, 7, 8, 9))]
    over = [evaluated(1, 0.8, 0.7, best=True), evaluated(2, 0.9, 0.71, best=True), evaluated(3, 1.2, 0.718, best=True)]
    stuck = [stepped(30, *[math.log(3)] * 30), evaluated(3, math.log(3), 0.34)]
    assert verdict_of() is None
    assert verdict_of(good, evaluated(1, 1.0, 0.5), evaluated(2, 0.83, 0.6)) == ("good", "still learning: val −17 % last epoch")
    assert verdict_of(*flat) == ("warn", "flat for 4 epochs: best was epoch 5")
    assert verdict_of(good, *over) == ("warn", "overfitting: train 99.0 %, val 71.8 %")
    worse = [stepped(30, *[5.0] * 30), evaluated(3, 5.0, 0.34)]
    assert verdict_of(*worse) == ("bad", "worse than guessing: loss 5.000")
    assert verdict_of(*stuck) == ("bad", "loss stuck at ln 3 = 1.099: not learning")
    assert verdict_of(stepped(3, 1.0, 2.0, math.nan)) == ("bad", "loss not finite at step 3")
    assert verdict_of(evaluated(1, 0.5, 0.8), evaluated(2, 0.6, 0.8)) == ("warn", "getting worse: val +20 % last epoch")


def folded(*rows: Event) -> History:
    history = History()
    history.extend(rows)
    return history


def test_regression_has_errors_in_place_of_accuracy() -> None:
    history = folded(*fitted.sine(4))
    assert history.regression
    assert history.accuracy.count == 0
    assert history.val_accuracy == []
    assert [round(point.value, 3) for point in history.val_mae] == [0.448, 0.314, 0.22, 0.154]
    assert [point.epoch for point in history.val_r2] == [1, 2, 3, 4]
    assert len(history.val_loss) == 4
    assert history.best_accuracy is None
    assert history.board() == []
    assert history.confused() == []


def test_of_regression_the_lowest_loss_is_the_best() -> None:
    rows = [replace(fitted.tried(epoch, loss, loss, 0.5), best=False) for epoch, loss in ((1, 0.5), (2, 0.2), (3, 0.4))]
    history = folded(fitted.started(), *rows)
    assert history.best == (2, 2, 0.2, 0.2)
    assert history.best_loss == 0.2
    assert history.best_of == rows[1]


def test_a_loss_that_is_no_number_is_never_the_best_for_long() -> None:
    rows = [replace(fitted.tried(epoch, loss, 1.0, None), best=False) for epoch, loss in ((1, math.nan), (2, 3.0), (3, math.nan))]
    history = folded(fitted.started(), *rows)
    assert history.best is not None
    assert history.best.epoch == 2


def test_notes_of_regression_say_loss_error_and_r_squared() -> None:
    history = folded(fitted.started(), fitted.tried(1, 0.008, 0.071, 0.984), fitted.tried(1, 0.009, 0.08, None, split="test"))
    assert [note.text for note in history.notes] == ["val 0.008, MAE 0.071, R² 0.984", "test MAE 0.080"]
    assert history.notes[0].value is None


def test_the_newest_look_of_each_probe_is_kept_and_parameters_leave_a_trail() -> None:
    history = folded(*fitted.amplitude(5), fitted.plane(50, 0.1))
    assert set(history.probed) == {"curve", "regions"}
    assert history.probed["curve"].epoch == 5
    assert history.trail.names == ("a0", "a1")
    assert history.trail.values(1) == [0.94, 1.04, 0.94, 1.04, 0.94]


def test_threads_follow_the_governor_with_a_note() -> None:
    history = folded(STARTED)
    assert history.threads == 1
    history.apply(ThreadsChanged(120, 1, 2, 4120.0, 3.0))
    assert history.threads == 2
    assert history.notes[-1].text == "threads 1 → 2: 4 120 img/s"
    assert history.marks == []


def test_streaming_is_noted_at_the_start() -> None:
    assert "streamed from disk" in folded(replace(STARTED, streamed=True)).notes[0].text
    assert folded(STARTED).notes == []


def test_what_are_no_pictures_is_counted_in_samples() -> None:
    assert folded(STARTED).speed_unit == "img/s"
    assert folded(fitted.started()).speed_unit == "samples/s"


def test_verdicts_of_regression() -> None:
    def said(*rows: Event) -> Verdict | None:
        return folded(fitted.started(), *rows).verdict()

    assert said() is None
    assert said(*fitted.sine(3)[1:]) == ("good", "still learning: val −51 % last epoch")
    assert said(fitted.tried(1, 1e-9, 1e-5, 0.99995)) == ("good", "fits: MAE 1e-5, R² 0.99995")
    assert said(fitted.tried(1, 0.0, 0.0, None)) == ("good", "fits: MAE 0.000")
    guessing = [fitted.tried(epoch, 0.5, 0.6, 0.01) for epoch in (1, 2, 3)]
    assert said(*guessing) == ("bad", "no better than the mean of the targets: R² 0.010")
    over = [fitted.tried(epoch, loss, 0.1, 0.9) for epoch, loss in ((1, 0.02), (2, 0.01), (3, 0.031))]
    learned = fitted.learned(30, *[0.005] * 30)
    assert said(learned, *over) == ("warn", "overfitting: loss train 0.005, val 0.031")
    assert said(*fitted.amplitude(10)[1:]) == ("warn", "a1 to and fro: the rate is too high")
    assert said(fitted.learned(3, 1.0, math.nan)) == ("bad", "loss not finite at step 3")
