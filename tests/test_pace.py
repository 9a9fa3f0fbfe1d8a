"""What short lines leave out is the same for who writes and who reads, also after a run was resumed or its batch changed."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from test_log import MATRIX, STARTED, written
from test_log import run as reports
from tui_trainer.config import Config
from tui_trainer.engine.rate import Rate
from tui_trainer.events import CheckpointSaved, Evaluated, Event, Hosted, LearningRateChanged, RunResumed, SettingChanged, Stepped
from tui_trainer.runs import log
from tui_trainer.schedules import factor

HOSTED = Hosted(4711, "here")


def resumed(step: int, *, per_epoch: int = 38, steps: int = 3800, **config: object) -> RunResumed:
    settings = {**STARTED.config, **config}
    epoch = max(math.ceil(step / per_epoch), 1)
    return RunResumed(step, epoch, step / 10, steps=steps, steps_per_epoch=per_epoch, config=settings)


def learned(
    first: int, last: int, each: int, *, size: int = 32, samples: int = 38 * 32 - 16, offset: int = 0, epoch: int = 1
) -> list[Event]:
    """Reports of so many steps each. The first epoch among them, and its number, began after step `offset`."""
    per_epoch, rows, step, chance = -(-samples // size), [], first - 1, random.Random(first)
    while step < last:
        done = (step - offset) % per_epoch
        count = min(each, last - step, per_epoch - done)
        step += count
        short = per_epoch * size - samples if (step - offset) % per_epoch == 0 else 0
        losses = tuple(float(f"{chance.random():.5g}") for _ in range(count))
        number = epoch + (step - offset - 1) // per_epoch
        rows.append(Stepped(step, number, losses, 7, count * size - short, 1e-3, step / 10))
    return list(rows)


def shorts(path: Path) -> int:
    return path.read_bytes().count(b"\n[")


@pytest.mark.parametrize("each", [1, 7, 30])
@pytest.mark.parametrize("at", [1, 37, 38, 100, 1000])
def test_a_resumed_run_is_read_as_it_was_written(tmp_path: Path, at: int, each: int) -> None:
    path = tmp_path / "events.jsonl"
    before = [HOSTED, STARTED, *learned(1, at + 20, each)]
    after = [HOSTED, resumed(at), *learned(at + 1, at + 1500, each)]
    written(path, before)
    assert written(path, after) == before + after
    assert shorts(path) > 0.9 * (len(before) + len(after)) - 12


def test_who_writes_on_without_a_word_writes_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    written(path, [STARTED, *learned(1, 50, 1)])
    had = shorts(path)
    rows = learned(51, 120, 1)
    assert written(path, rows)[-70:] == rows
    assert shorts(path) == had
    started = replace(STARTED, train_size=64, steps_per_epoch=2)
    again = [started, *learned(1, 50, 1, samples=64)]
    assert written(path, again)[-51:] == again
    assert shorts(path) == had + 49


@pytest.mark.parametrize("losses_each", [1, 2, 10, 300])
@pytest.mark.parametrize("per_second", [10, 0.3])
def test_a_step_of_a_resumed_run_costs_less_than_twenty_bytes(tmp_path: Path, losses_each: int, per_second: float) -> None:
    path = tmp_path / "events.jsonl"
    steps = max(2000, 20 * losses_each)
    rows = reports(losses_each, steps, per_second=per_second, batch=256)
    config = {**STARTED.config, "batch_size": 256}
    for start in range(0, len(rows), len(rows) // 4 + 1):  # left three times
        part = rows[start : start + len(rows) // 4 + 1]
        last = rows[start - 1]
        if start and isinstance(last, Stepped):
            part = [RunResumed(last.step, last.epoch, last.seconds, steps=steps, steps_per_epoch=38, config=config), *part]
        with log.Writer(path) as write:
            for event in (HOSTED, *part):
                write(event)
    assert path.stat().st_size < 20 * steps + 2000
    assert sum(len(one.losses) for one in log.Tail(path)(1 << 30) if isinstance(one, Stepped)) == steps


def test_short_epochs_of_a_resumed_run_cost_less_than_twenty_bytes_a_step(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows: list[Event] = [HOSTED, resumed(380)]
    for event in learned(381, 380 + 3800, 10):
        rows.append(event)
        if isinstance(event, Stepped) and event.step % 38 == 0:
            rows.append(
                Evaluated(event.step, event.epoch, "val", 0.123456, 0.975, MATRIX, event.seconds, 0.0123, epoch_took=0.3456)
            )
            rows.append(CheckpointSaved(event.step, event.epoch, best=False, bytes=123456, seconds=event.seconds))
    written(path, rows)
    assert path.stat().st_size < 20 * 3800


def test_another_batch_size_in_the_middle_of_an_epoch_is_short_again_soon(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    batch = SettingChanged(51, "batch_size", 32.0, 100.0, 5.0, 2000, 12)
    rest = math.ceil((1200 - 12 * 32) / 100)  # 12 steps of the second epoch are behind
    rows: list[Event] = [STARTED, *learned(1, 50, 1), batch]
    rows += [Stepped(50 + at, 2, (1.5,), 7, 100 if at < rest else 16, 1e-3, 5 + at / 10) for at in range(1, rest + 1)]
    rows += learned(50 + rest + 1, 1000, 1, size=100, samples=1200, offset=50 + rest, epoch=3)
    assert written(path, rows) == rows
    assert shorts(path) > 0.97 * len(rows)


def test_a_resumed_run_learns_where_its_epochs_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows = [HOSTED, resumed(1003), *learned(1004, 3000, 1, offset=990, epoch=27)]  # after a change nobody knows of any more
    assert written(path, rows) == rows
    assert shorts(path) > 0.98 * len(rows)


@pytest.mark.parametrize("schedule", ["cosine", "linear", "one-cycle"])
def test_a_schedule_that_was_spread_anew_stays_short_and_true(tmp_path: Path, schedule: str) -> None:
    path = tmp_path / "events.jsonl"
    rate = Rate(Config(preset="cnn", dataset="digits", schedule=schedule, epochs=1), 1000)
    rows: list[Event] = [replace(STARTED, config={**STARTED.config, "schedule": schedule}, steps=1000)]
    for event in learned(1, 1300, 1):
        assert isinstance(event, Stepped)
        if event.step == 401:
            rate.plan_anew(1400, 400)
            rows.append(SettingChanged(401, "batch_size", 32.0, 32.0, 40.0, 1400, 38))
        rows.append(replace(event, lr=rate.at(event.step - 1, 0.0)))
    back = written(path, rows)
    for was, now in zip(rows, back, strict=True):
        if isinstance(was, Stepped) and isinstance(now, Stepped):
            assert (now.step, now.epoch, now.seen) == (was.step, was.epoch, was.seen)
            assert now.lr == pytest.approx(was.lr, rel=0.01)
    assert shorts(path) > 0.95 * len(rows)


def test_a_longer_budget_moves_the_schedule(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    event = resumed(1000, steps=2000, schedule="cosine")
    rows: list[Event] = [HOSTED, event]
    for one in learned(1001, 1900, 1):
        assert isinstance(one, Stepped)
        rows.append(replace(one, lr=1e-3 * factor("cosine", (one.step - 1) / 2000)))
    back = written(path, rows)
    lrs = [one.lr for one in rows if isinstance(one, Stepped)]
    assert [one.lr for one in back if isinstance(one, Stepped)] == pytest.approx(lrs, rel=0.01)
    assert shorts(path) > 0.97 * len(rows)


def test_a_change_of_another_setting_or_of_the_rate_interrupts_by_one_line_at_most(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows = [STARTED, *learned(1, 38, 1), SettingChanged(39, "clip", 0.0, 1.0, 3.8, 3800, 38), *learned(39, 60, 1)]
    rows += [LearningRateChanged(61, 1e-3, 1e-3), *learned(61, 100, 1)]
    assert written(path, rows) == rows
    assert shorts(path) == 98


@pytest.mark.parametrize("seed", range(25))
def test_whatever_happens_a_reader_gets_what_was_written(tmp_path: Path, seed: int) -> None:
    """Epochs, samples and rates that follow no rule: what cannot be told is written whole."""
    chance = random.Random(seed)
    path = tmp_path / "events.jsonl"
    rows: list[Event] = []
    for _ in range(4):
        step, epoch, part = chance.randrange(0, 50), chance.randrange(1, 4), []
        part += [HOSTED] * chance.randrange(2) + [chance.choice((STARTED, resumed(step), resumed(step, per_epoch=7)))]
        for _ in range(150):
            count = chance.choice((1, 1, 2, 5))
            step, epoch = step + count, epoch + (chance.random() < 0.1)
            losses = tuple(chance.choice((1.0, 0.5, 2.0, math.inf, 1e-7)) for _ in range(count))
            seen = count * chance.choice((32, 32, 32, 7))
            part.append(Stepped(step, epoch, losses, 3, seen, chance.choice((1e-3, 1e-3, 2e-3)), step / 10))
            if chance.random() < 0.03:
                part.append(SettingChanged(step + 1, "batch_size", 32, 64, step / 10, 0, chance.choice((0, 19))))
        with log.Writer(path) as write:
            for event in part:
                write(event)
        rows += part
    assert log.Tail(path)(1 << 30) == rows
    assert log.Decoder().many(path.read_bytes().splitlines()) == rows
    decode: log.Decoder[Event] = log.Decoder()
    assert [decode(line) for line in path.read_bytes().splitlines()] == rows
