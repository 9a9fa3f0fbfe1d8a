"""Reports in columns: whatever a record holds, what is folded from them is what is folded from its events one by one."""

from __future__ import annotations

import math
import random
from dataclasses import asdict, replace

import pytest

from compared import BATCH, PER_EPOCH, STARTED, begun, epoch_of, tried
from tui_trainer.events import (
    CheckpointSaved,
    Event,
    LearningRateChanged,
    RunEnded,
    RunResumed,
    SettingChanged,
    Stepped,
)
from tui_trainer.runs import log
from tui_trainer.runs.history import History
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.reports import Reports, joined
from tui_trainer.runs.side import CURVES
from tui_trainer.runs.store import Run

EPOCHS = 25
SAME = ("step", "epoch", "lr", "seconds", "best_of", "evaluation", "changes", "config", "warnings", "phase", "ended", "notes")


def eventful(seed: int) -> Run:
    """The record of a run in which much happens: it is begun from a checkpoint again, steered, its losses are now and then not
    finite, a line of it is torn; every report holds one loss, or any number of them."""
    chance = random.Random(seed)
    run = begun(epochs=EPOCHS, seed=seed, schedule=chance.choice(("constant", "cosine")))
    each, seconds, saved = chance.choice((1, 2, 0)), 0.0, 0
    with log.Writer(run.events) as write:
        write(replace(STARTED, config=asdict(run.config()), steps=PER_EPOCH * EPOCHS))
        epoch, best = 1, 0.0
        while epoch <= EPOCHS:
            for event in epoch_in_parts(epoch, each or chance.randint(1, 7), seconds, chance):
                write(event)
            seconds += 1
            right = round(chance.uniform(0.3, 0.9), 2)
            best = max(best, right)
            write(tried(epoch, right, best=right >= best, seconds=seconds))
            if chance.random() < 0.3:
                saved = epoch
                write(CheckpointSaved(PER_EPOCH * epoch, epoch, best=False, seconds=seconds))
            if chance.random() < 0.2:
                write(LearningRateChanged(PER_EPOCH * epoch + 1, 1e-3, chance.uniform(1e-4, 1e-2), seconds))
            if chance.random() < 0.05:
                write(SettingChanged(PER_EPOCH * epoch + 1, "batch_size", BATCH, BATCH, seconds, PER_EPOCH * EPOCHS, PER_EPOCH))
            if saved and chance.random() < 0.1:
                write(RunResumed(PER_EPOCH * saved, saved, seconds, True, steps=PER_EPOCH * EPOCHS, steps_per_epoch=PER_EPOCH))
                epoch, saved = saved, 0
            epoch += 1
        write(RunEnded(PER_EPOCH * EPOCHS, EPOCHS, "finished", seconds))
    return run


def epoch_in_parts(epoch: int, each: int, seconds: float, chance: random.Random) -> list[Event]:
    found: list[Event] = []
    step, last = PER_EPOCH * (epoch - 1), PER_EPOCH * epoch
    while step < last:
        count = min(each, last - step)
        step += count
        seconds += count / PER_EPOCH
        losses = tuple(math.nan if chance.random() < 0.01 else chance.random() for _ in range(count))
        found.append(Stepped(step, epoch, losses, chance.randint(0, BATCH * count), BATCH * count, 1e-3, round(seconds, 3)))
    return found


def plainly(run: Run) -> History:
    """Event by event, as it was written."""
    history = History(asdict(run.config()))
    for event in log.Tail(run.events)(1 << 30):
        history.apply(event)
    return history


@pytest.mark.parametrize("seed", range(9))
def test_figures_read_fast_are_those_of_the_plain_fold(seed: int) -> None:
    run = eventful(seed)
    if seed % 3 == 0:
        lines = run.events.read_bytes().splitlines(keepends=True)
        lines[len(lines) // 2] = lines[len(lines) // 2][: len(lines[len(lines) // 2]) // 2] + b"\n"
        run.events.write_bytes(b"".join(lines))
    plain, reader = plainly(run), Reader(run)
    while reader.read_on(300):
        pass
    fast, side = reader.history, reader.side()
    for name in SAME:
        assert getattr(fast, name) == getattr(plain, name), name
    for name in CURVES[:3]:
        assert getattr(fast, f"val_{name}") == getattr(plain, f"val_{name}")
    for one, other in ((fast.loss, plain.loss), (fast.accuracy, plain.accuracy)):
        assert (one.count, one.best, one.nonfinite) == (other.count, other.best, other.nonfinite)
        assert list(map(repr, one.recent)) == list(map(repr, other.recent))
        assert [tuple(bucket) for bucket in one.buckets()] == [pytest.approx(tuple(bucket)) for bucket in other.buckets()]
    assert [fast.seconds_at(step) for step in range(0, 400, 7)] == [plain.seconds_at(step) for step in range(0, 400, 7)]
    assert (side.steps, side.score) == (plain.step, plain.best_accuracy)


@pytest.mark.parametrize("seed", range(3))
def test_columns_hold_what_the_events_do(seed: int) -> None:
    run = eventful(seed)
    whole = run.events.read_bytes()
    events = log.Decoder[Event]().many(whole.splitlines())
    assert repr(log.Decoder[Event]().columns(whole)) == repr(joined(events))
    assert repr(log.Tail(run.events).columns(1 << 30)) == repr(joined(events))


def test_reports_that_do_not_go_on_stay_apart() -> None:
    one, two, later = epoch_of(1), epoch_of(2), epoch_of(4)
    found = joined([one, two, later, tried(4, 0.5)])
    assert [type(piece).__name__ for piece in found] == ["Reports", "Reports", "Evaluated"]
    first = found[0]
    assert isinstance(first, Reports)
    assert (first.steps, first.counts, first.first, first.epoch) == ([10, 20], [10, 10], 1, 2)
    assert len(first.losses) == 20
    assert [piece.steps for piece in Reports.series([one, two])] == [[10, 20]]
    assert [piece.steps for piece in Reports.series([one, later])] == [[10], [40]]


def test_lines_of_other_kinds_between_are_left_out() -> None:
    run = begun()
    with log.Writer(run.events) as write:
        for event in (replace(STARTED, config=asdict(run.config())), epoch_of(1), epoch_of(2), epoch_of(3)):
            write(event)
    lines = run.events.read_bytes().splitlines()
    for wrong in (b"7", b'"x"', b"", b"[1", b"[1,2,[3]]", b'{"type":"Unknown"}', b"[1]"):
        mixed = b"\n".join([*lines[:3], wrong, *lines[3:]]) + b"\n"
        decode = log.Decoder[Event]()
        plain = [event for line in mixed.splitlines() if line and (event := decode(line)) is not None]
        assert repr(log.Decoder[Event]().columns(mixed)) == repr(joined(plain)), wrong
