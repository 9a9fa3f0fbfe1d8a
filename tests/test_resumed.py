"""Runs that are resumed: whatever was dropped is forgotten, no step counts twice, and what people did stands where it stood."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

import fitted
from test_history import STARTED, evaluated, facts, stepped
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    HandedOver,
    Hosted,
    LearningRateChanged,
    Noted,
    OutOfMemory,
    Paused,
    Preparing,
    Probed,
    RunEnded,
    RunResumed,
    SettingChanged,
    Stepped,
)
from tui_trainer.runs.history import History

HOSTED = Hosted(4711, "here", "0.2", 1_795_000_000.0)


def resumed(step: int, *, evaluated: bool = True, paused: bool = False, **settings: object) -> RunResumed:
    config = {**STARTED.config, **settings}
    epoch = max(-(-step // 10), 1)
    return RunResumed(step, epoch, step / 10, evaluated, paused, steps=40, steps_per_epoch=10, config=config, threads=2)


def folded(*rows: Event) -> History:
    history = History()
    history.extend(rows)
    return history


def losses(first: int, last: int) -> list[Event]:
    return [stepped(step, step / 8, correct=step % 11) for step in range(first, last + 1)]


class Killed:
    """A run of so many epochs of ten steps that is killed at random moments, and resumed from its newest checkpoint."""

    def __init__(self, seed: int, epochs: int) -> None:
        self.chance, self.epochs = random.Random(seed), epochs
        self.told: list[Event] = [HOSTED, STARTED]
        self.saved, self.judged = 0, False

    def events(self) -> list[Event]:
        step, judged = 0, False
        while step < 10 * self.epochs:
            if self.chance.random() < 0.06:
                step, judged = self.saved, self.judged
                self.told.append(HOSTED)
                self.told.append(resumed(step, evaluated=judged) if step else STARTED)
            if step and step % 10 == 0 and not judged:
                self.told.append(_tried(step // 10))
                judged = True
            elif self.chance.random() < 0.3 and step:
                self.told.append(CheckpointSaved(step, -(-step // 10), best=False))
                self.saved, self.judged = step, judged
            else:
                count = min(self.chance.choice((1, 1, 3, 10)), 10 - step % 10)
                self.told.append(_learned(step + count, count))
                step, judged = step + count, False
        return self.told


def _learned(step: int, count: int) -> Stepped:
    return stepped(step, *[(step * 7 % 50) / 8] * count, correct=count * (step % 11))


def _tried(epoch: int) -> Evaluated:
    return replace(evaluated(epoch, 1 + epoch * 7 % 5, (3 + epoch * 5 % 7) / 16), best=False)


@pytest.mark.parametrize("seed", range(30))
def test_however_often_it_was_killed_every_step_counts_once(seed: int) -> None:
    rows = Killed(seed, epochs=60).events()
    history = folded(*rows)
    kept: list[Event] = []
    for event in rows:
        if isinstance(event, RunResumed):
            kept = [
                one
                for one in kept
                if isinstance(one, Stepped | Evaluated)
                and (one.step < event.step or (one.step == event.step and (event.evaluated or isinstance(one, Stepped))))
            ]
        elif isinstance(event, Stepped | Evaluated):
            kept.append(event)
        elif event is STARTED:
            kept = []
    alone = folded(STARTED, *kept)
    assert history.loss.count == history.accuracy.count == history.step == 600
    assert history.loss.buckets() == alone.loss.buckets()
    assert history.loss.best == alone.loss.best
    assert list(history.accuracy.recent) == list(alone.accuracy.recent)
    for name in ("val_loss", "val_accuracy", "best", "best_of", "evaluation", "seconds", "epoch"):
        assert getattr(history, name) == getattr(alone, name), name
    assert history.board() == alone.board()
    assert [note.text for note in history.notes if note.kind == "val"] == [note.text for note in alone.notes]
    assert history.seconds_at(300) == pytest.approx(30.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_a_resumed_run_is_the_same_in_pieces_and_at_once(seed: int, pieces: int) -> None:
    rows = Killed(seed, epochs=20).events()
    parts = History()
    for start in range(0, len(rows), pieces):
        parts.extend(rows[start : start + pieces])
    one_by_one = History()
    for event in rows:
        one_by_one.apply(event)
    assert facts(parts) == facts(one_by_one)
    assert list(parts.speeds) == list(one_by_one.speeds)


def test_a_best_that_is_dropped_leaves_the_one_before() -> None:
    rows = [
        *(STARTED, *losses(1, 10), evaluated(1, 0.5, 0.8, best=True), CheckpointSaved(10, 1, best=True)),
        *(CheckpointSaved(10, 1, best=False), *losses(11, 20), evaluated(2, 0.4, 0.9, best=True)),
    ]
    before = folded(*rows)
    assert before.best is not None
    assert before.best.epoch == 2
    history = folded(*rows, resumed(10))
    assert history.best == (10, 1, 0.8, 1.0)
    assert (history.best_loss, history.best_accuracy) == (0.5, 0.8)
    assert history.evaluation == rows[11]
    assert [point.epoch for point in history.val_loss] == [1]
    assert history.epochs_seen() == [1]
    assert history.previous is None


def test_a_validation_that_is_made_again_counts_once() -> None:
    rows = [STARTED, *losses(1, 10), CheckpointSaved(10, 1, best=False), evaluated(1, 0.5, 0.8, best=True)]
    assert folded(*rows, resumed(10, evaluated=False)).evaluation is None
    history = folded(*rows, resumed(10, evaluated=False), evaluated(1, 0.5, 0.8, best=True))
    assert [point.epoch for point in history.val_accuracy] == [1]
    assert len([note for note in history.notes if note.kind == "val"]) == 1


def test_a_best_checkpoint_that_was_written_later_is_exact_all_the_same() -> None:
    rows = [STARTED, *losses(1, 30), evaluated(3, 0.5, 0.8, best=True), *losses(31, 37), CheckpointSaved(30, 3, best=True)]
    history = folded(*rows, *losses(38, 2100), resumed(30))
    assert (history.loss.count, history.loss.last) == (30, 30 / 8)
    assert history.loss.buckets()[-1].end == 30


def test_an_end_is_none_once_the_run_goes_on() -> None:
    test = replace(evaluated(4, 0.5, 0.7), split="test")
    rows = [STARTED, *losses(1, 40), CheckpointSaved(40, 4, best=False), test, RunEnded(40, 4, "finished", 4.0)]
    waiting = folded(*rows, HOSTED, Preparing("loading torch"))
    assert (waiting.phase, waiting.ended) == ("ended", rows[-1])
    history = folded(*rows, HOSTED, Preparing("loading torch"), replace(resumed(40), steps=90))
    assert (history.ended, history.test, history.phase, history.preparing) == (None, None, "training", None)
    assert [note.kind for note in history.notes] == ["go on"]
    assert (history.steps_planned, history.epochs_planned, history.progress) == (90, 9, pytest.approx(4 / 9))


def test_what_a_divergence_left_is_gone() -> None:
    rows = [STARTED, *losses(1, 5), CheckpointSaved(5, 1, best=False), stepped(8, 1.0, 2.0, float("nan"))]
    history = folded(*rows, RunEnded(8, 1, "diverged", 0.8, suggested_lr=1e-4), HOSTED, resumed(5))
    assert history.loss.nonfinite == []
    assert history.verdict() is None
    assert [mark.kind for mark in history.marks] == ["resume"]
    assert (history.step, history.seconds) == (5, 0.5)


def test_who_resumed_it_is_noted() -> None:
    history = folded(STARTED, *losses(1, 5), CheckpointSaved(5, 1, best=False), *losses(6, 9), HOSTED, resumed(5, paused=True))
    note, mark = history.notes[-1], history.marks[-1]
    assert (note.kind, note.text, note.detail) == ("go on", "resumed at step 5", "process 4711 on here")
    assert mark == (5, "resume", "resumed", 0.5)
    assert (history.hosted, history.resumed, history.phase) == (HOSTED, resumed(5, paused=True), "paused")
    assert history.threads == 2


def test_each_step_that_it_went_on_from_is_marked_once() -> None:
    rows = [STARTED, *losses(1, 5), CheckpointSaved(5, 1, best=False), resumed(5), *losses(6, 7), resumed(5), *losses(6, 8)]
    history = folded(*rows, CheckpointSaved(8, 1, best=False), *losses(9, 9), resumed(8))
    assert [(mark.step, mark.text) for mark in history.marks] == [(5, "resumed"), (8, "resumed")]


def test_warnings_and_what_people_did_stand_up_to_that_step() -> None:
    rows = [
        *(STARTED, Noted("warning", "before the first"), *losses(1, 4), Paused(4, 0.4), Continued(4, 0.4)),
        *(Noted("warning", "slow disk", 4), *losses(5, 8), CheckpointSaved(8, 1, best=False)),
        *(*losses(9, 9), Noted("warning", "slower", 9), Noted("info", "hm", 9), Paused(9, 0.9)),
    ]
    history = folded(*rows, resumed(8))
    texts = ["before the first", "paused", "went on", "slow disk", "resumed at step 8"]
    assert [note.text for note in history.notes] == texts
    assert history.warnings == 2
    assert [mark.step for mark in history.marks] == [4, 4, 8]


def test_a_change_stands_where_the_checkpoint_was_written_after_it() -> None:
    change = LearningRateChanged(9, 1e-3, 3e-4, 0.8)
    saved = CheckpointSaved(8, 1, best=False)
    lost = folded(STARTED, *losses(1, 8), saved, change, stepped(9, 1.0, lr=3e-4), resumed(8))
    assert (lost.changes, lost.config["lr"], lost.lr, len(lost.marks)) == ([], 1e-3, 1e-3, 1)
    kept = folded(STARTED, *losses(1, 8), saved, change, saved, stepped(9, 1.0, lr=3e-4), resumed(8))
    assert (kept.changes, kept.config["lr"], kept.lr) == ([change], 3e-4, 3e-4)
    assert [mark.kind for mark in kept.marks] == ["rate", "resume"]


def test_a_change_stands_where_the_settings_say_so() -> None:
    change = SettingChanged(9, "clip", 0.0, 1.5, 0.8, 40, 10)
    rows = [STARTED, *losses(1, 8), change]
    assert folded(*rows, resumed(8, clip=1.5)).changes == [change]
    assert folded(*rows, resumed(8, clip=0.0)).changes == []


def test_settings_are_those_by_now() -> None:
    batch = SettingChanged(16, "batch_size", 10.0, 20.0, 1.5, 28, 5)
    history = folded(
        STARTED, *losses(1, 15), batch, SettingChanged(16, "weight_decay", 0.0, 3e-4), SettingChanged(16, "clip", 0, 2)
    )
    assert history.changes[0] == batch
    assert (history.config["batch_size"], history.config["weight_decay"], history.config["clip"]) == (20, 3e-4, 2)
    assert isinstance(history.config["batch_size"], int)
    assert (history.steps_planned, history.steps_per_epoch, history.epochs_planned) == (28, 5, 5)
    assert [history.epoch_at(step) for step in (5, 15, 20)] == [0.5, 1.5, 2.5]
    assert [(mark.kind, mark.text) for mark in history.marks] == [
        ("rate", "batch 10 → 20"),
        ("rate", "decay 0 → 3e-4"),
        ("rate", "clip 0 → 2"),
    ]
    assert history.notes[0].text == "batch 10 → 20"


def test_a_plan_that_was_dropped_is_the_one_before_again() -> None:
    batch = SettingChanged(16, "batch_size", 10.0, 20.0, 1.5, 28, 5)
    rows = [STARTED, *losses(1, 12), CheckpointSaved(12, 2, best=False), *losses(13, 15), batch, stepped(17, 1.0, 1.0)]
    history = folded(*rows, resumed(12))
    assert (history.steps_planned, history.steps_per_epoch, history.config["batch_size"]) == (40, 10, 10)
    assert (history.epoch_at(12), history.epoch_at(20)) == (1.2, 2.0)


def test_the_rate_of_a_schedule_is_what_the_schedule_multiplies() -> None:
    started = replace(STARTED, config={**STARTED.config, "schedule": "cosine"})
    history = folded(started, *losses(1, 20), LearningRateChanged(21, 5e-4, 2.5e-4))
    assert history.config["lr"] == pytest.approx(5e-4)
    assert history.lr == 2.5e-4


def test_short_memory_is_asked_about_until_somebody_decides() -> None:
    short = OutOfMemory(5, 512, 128, waiting=True, seconds=0.5)
    rows = [STARTED, *losses(1, 5), short]
    history = folded(*rows)
    assert history.memory == short
    assert (history.notes[-1].kind, history.notes[-1].text) == ("warning", "no memory for a batch of 512: 128 fits")
    assert history.warnings == 1
    for answer in (SettingChanged(6, "batch_size", 512, 128, 0.5, 160, 40), stepped(6, 1.0), RunEnded(5, 1, "stopped", 0.5)):
        assert folded(*rows, answer).memory is None
    assert folded(*rows[:-1], replace(short, waiting=False, fits=0)).memory is None
    assert folded(replace(short, fits=0)).notes[0].text == "no memory for a batch of 512: none fits"


def test_a_run_that_was_handed_over_is_prepared_again() -> None:
    rows = [HOSTED, STARTED, *losses(1, 5), CheckpointSaved(5, 1, best=False), HandedOver(5, 0.5)]
    history = folded(*rows)
    assert (history.phase, history.ended) == ("handed over", None)
    other = replace(HOSTED, pid=4712)
    history.apply(other)
    assert (history.phase, history.hosted) == ("preparing", other)
    history.apply(Preparing("loading torch"))
    history.apply(resumed(5))
    history.apply(stepped(6, 0.5))
    assert (history.phase, history.loss.count, history.samples_per_second) == ("training", 6, pytest.approx(100))


def test_a_run_that_begins_again_forgets_everything() -> None:
    rows = [HOSTED, STARTED, *losses(1, 9), evaluated(1, 0.5, 0.8, best=True), LearningRateChanged(10, 1e-3, 1e-4), Paused(9)]
    history = folded(*rows, HOSTED, Preparing("loading torch"), STARTED, stepped(1, 2.0))
    assert (history.step, history.loss.count, history.best, history.changes, history.marks) == (1, 1, None, [], [])
    assert history.config == STARTED.config
    assert [note.text for note in history.notes] == ["begun again: no checkpoint was left"]
    assert history.hosted == HOSTED


def test_looks_of_later_steps_are_dropped() -> None:
    rows = [
        fitted.started(),
        fitted.learned(1, 1.0),
        *(fitted.parameters(step, (step / 8, 1.0), (0.5, 0.0), ("a", "b")) for step in (1, 2, 3)),
    ]
    looks = [Probed(1, 1, "regions", (1, 1), "AA=="), Probed(3, 1, "mistakes", (1, 1), "AA==")]
    history = folded(*rows, *looks, RunResumed(2, 1, 0.2))
    assert history.trail.values(0) == [1 / 8, 2 / 8]
    assert set(history.probed) == {"regions"}


def test_the_notes_of_a_run_that_is_killed_for_ever_stay_bounded() -> None:
    history = folded(STARTED, *losses(1, 5), CheckpointSaved(5, 1, best=False))
    for _ in range(3000):
        history.extend([HOSTED, resumed(5), stepped(6, 1.0)])
    assert (len(history.marks), history.loss.count, len(history._planned)) == (1, 6, 2)
    assert len(history.notes) <= 2000


def test_a_record_whose_beginning_is_lost_can_still_be_read() -> None:
    history = folded(HOSTED, resumed(20), stepped(21, 0.5), stepped(23, 0.5, 0.5))
    assert (history.step, history.loss.count, history.steps_planned, history.phase) == (23, 3, 40, "training")
    assert history.epoch_at(22) == 2.2


def test_a_resumption_of_nothing_drops_everything() -> None:
    history = folded(STARTED, *losses(1, 25), evaluated(1, 0.5, 0.8), replace(resumed(0, evaluated=False), epoch=0), *losses(1, 3))
    assert (history.step, history.loss.count, history.best, history.val_loss) == (3, 3, None, [])
    assert history.loss.buckets()[0].start == 1
    assert history.notes[0].text == "resumed at the beginning"


def test_steps_that_the_disk_lost_are_a_gap_and_no_more() -> None:
    history = folded(STARTED, *losses(1, 5), resumed(9), *losses(10, 12))
    assert (history.step, history.loss.count) == (12, 8)
    assert sum(bucket.count for bucket in history.loss.buckets()) == 8
