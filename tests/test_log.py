"""The log: one line each, nothing lost, nothing misread, and small."""

from __future__ import annotations

import json
import math
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tui_trainer import commands, events
from tui_trainer.events import (
    CheckpointSaved,
    Evaluated,
    Event,
    LearningRateChanged,
    Noted,
    Paused,
    Probed,
    RunEnded,
    RunStarted,
    Stepped,
)
from tui_trainer.runs import log
from tui_trainer.schedules import factor

STARTED = RunStarted(
    config={"preset": "cnn", "batch_size": 32, "lr": 0.001, "schedule": "constant", "knobs": {"width": 16}},
    device="cpu",
    device_name="a processor",
    threads=1,
    precision="fp32",
    parameters=1000,
    layers=(events.Layer("conv1", "Conv2d", (16, 8, 8), 160, 9216),),
    input_shape=(1, 8, 8),
    classes=tuple("0123456789"),
    train_size=1200,
    val_size=120,
    test_size=200,
    steps_per_epoch=38,
    steps=3800,
    pid=4711,
    host="here",
    version="0.1.0",
    torch="2",
    time=1_795_000_000.123,
)

MATRIX = tuple(
    tuple(12 if row == column else int((row, column) in {(8, 1), (3, 9), (7, 2)}) for column in range(10)) for row in range(10)
)

EACH: list[Event] = [
    events.Preparing("reading data", 3, 10),
    events.Hosted(4712, "elsewhere", "0.2.0", 1_795_000_001.5, locked=False),
    STARTED,
    Stepped(step=3, epoch=1, losses=(2.3026, 1.5e-7, 123450.0), correct=20, seen=96, lr=1e-3, seconds=0.125),
    Evaluated(38, 1, "val", 0.12345, 0.975, MATRIX, 1.5, 0.012, best=True, epoch_took=1.2),
    Probed(38, 1, "mistakes", (2, 1, 2, 2), "AAECAwQFBgc=", {"confidence": (0.97, 0.5), "index": (12.0, 40.0)}),
    events.Timed(38, 0.1, 1.5, 2.25, 0.75),
    events.LearningRateChanged(40, 1e-3, 3e-4, 1.75),
    Paused(40, 2.0),
    events.Continued(40, 2.0),
    events.Stopping(41),
    CheckpointSaved(41, 2, best=True, bytes=123456, seconds=2.5),
    events.SettingChanged(41, "batch_size", 32, 64, 1.75, 1900, 19),
    events.OutOfMemory(41, 512, 256, 1 << 33, 1 << 30, waiting=True, seconds=2.5),
    events.HandedOver(41, 2.5),
    events.RunResumed(41, 2, 2.5, evaluated=True, paused=True, steps=1900, steps_per_epoch=19, config={"lr": 0.1}, device="cpu"),
    Noted("warning", 'a "quoted" warning\nwith [markup] and \x1b[31m ünïcödë', 41),
    RunEnded(41, 2, "stopped", 3.25, 0.975, 1, 0.12345, 0.97, 0.125, 0.96, 0.25, 1312, 1000, "", ""),
]


def written(path: Path, rows: list[Event]) -> list[Event]:
    with log.Writer(path) as write:
        for event in rows:
            write(event)
    return log.Tail(path)(1 << 30)


@pytest.mark.parametrize("event", EACH, ids=lambda event: type(event).__name__)
def test_every_event_comes_back_from_one_line_of_strict_json(event: Event) -> None:
    line = log.encode(event)
    assert "\n" not in line
    raw = json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert raw["type"] == type(event).__name__
    assert log.Decoder(events.EVENTS)(line) == event


def test_every_kind_of_event_is_among_them() -> None:
    assert {type(event) for event in EACH} | {events.ThreadsChanged} == set(events.EVENTS.values())


@pytest.mark.parametrize("value", [1e-3 / 3, 0.1 + 0.2, 5e-324, 512, 1.0, 123456789.0])
def test_what_a_person_changed_comes_back_to_the_bit(value: float) -> None:
    for event in (LearningRateChanged(7, value, value / 3), events.SettingChanged(7, "clip", value, value / 3)):
        back = log.Decoder(events.EVENTS)(log.encode(event))
        assert isinstance(back, LearningRateChanged | events.SettingChanged)
        assert (back.old, back.new) == (value, value / 3)
    for command in (commands.SetLearningRate(value), commands.ScaleLearningRate(value), commands.Set("lr", value)):
        assert log.Decoder(commands.COMMANDS)(log.encode(command)) == command


ASKED: list[commands.Command] = [
    commands.Pause(),
    commands.Continue(),
    commands.Step(),
    commands.SetLearningRate(3e-4),
    commands.ScaleLearningRate(0.5),
    commands.Set("momentum", 0.1 + 0.2),
    commands.FinishEpoch(),
    commands.Evaluate(),
    commands.Save(),
    commands.FitBatch(scale_lr=True),
    commands.HandOver(),
    commands.Stop(),
    commands.StopAt("epochs", 2.0),
    commands.Abandon(),
]


def test_every_command_comes_back_in_order(tmp_path: Path) -> None:
    assert {type(command) for command in ASKED} == set(commands.COMMANDS.values())
    for command in ASKED:
        log.append(tmp_path / "commands.jsonl", command)
    assert log.Tail(tmp_path / "commands.jsonl", commands.COMMANDS)() == ASKED


def test_losses_that_are_not_finite_are_kept() -> None:
    line = log.encode(Stepped(3, 1, (math.inf, -math.inf, math.nan), 0, 96, 1e-3, 0.1))
    json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    back = log.Decoder(events.EVENTS)(line)
    assert isinstance(back, Stepped)
    assert back.losses[:2] == (math.inf, -math.inf)
    assert math.isnan(back.losses[2])


def test_losses_keep_five_significant_digits() -> None:
    chance = random.Random(1)
    losses = (0.0, 1.0, 99999.5, *(chance.choice((1, -1)) * chance.random() * 10.0 ** chance.randint(-9, 9) for _ in range(500)))
    back = log.Decoder(events.EVENTS)(log.encode(Stepped(len(losses), 1, losses, 0, 1, 1e-3, 0.1)))
    assert isinstance(back, Stepped)
    assert back.losses == tuple(float(f"{loss:.5g}") for loss in losses)


@pytest.mark.parametrize("seed", range(5))
def test_a_confusion_matrix_comes_back_full_or_nearly_empty(seed: int) -> None:
    chance = random.Random(seed)
    size = chance.choice((1, 2, 3, 10, 40))
    share = chance.choice((0.0, 0.02, 0.5, 1.0))
    matrix = tuple(tuple(chance.randint(1, 500) if chance.random() < share else 0 for _ in range(size)) for _ in range(size))
    event = Evaluated(1, 1, "val", 1.0, 0.5, matrix, 1.0, 0.1)
    assert log.Decoder(events.EVENTS)(log.encode(event)) == event


def test_a_dense_matrix_is_read_as_well() -> None:
    start = '{"type":"Evaluated","step":1,"epoch":1,"split":"val","loss":1,"accuracy":1,"seconds":1,"took":0'
    line = start + ',"confusion":[[3,1],[2,4]]}'
    back = log.Decoder(events.EVENTS)(line)
    assert isinstance(back, Evaluated)
    assert back.confusion == ((3, 1), (2, 4))


def test_unknown_types_and_fields_and_garbage_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        b'{"type":"FromTheFuture","step":1}\n'
        b'{"type":"Paused","step":1,"colour":"blue"}\n'
        b"not json at all\n\n"
        b'{"type":"Paused","step":"three"}\n{"step":2}\n17\nnull\n"text"\n{"type":[]}\n'
        b'{"type":"Evaluated","step":1,"epoch":1,"split":"val","loss":1,"accuracy":1,"confusion":[99999999,1],"seconds":1,"took":0}\n'
        b"\xff\xfe\x00\n" + b"[" * 100_000 + b"\n"
        b'{"type":"Paused","step":2}\n'
    )
    assert log.Tail(path)() == [Paused(1), Paused(2)]


def test_a_torn_line_waits_for_its_rest(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = log.Tail(path)
    assert tail() == []
    line = log.encode(Paused(7, 1.5)).encode() + b"\n"
    for cut in range(1, len(line)):
        path.write_bytes(line + line[:cut])
        tail = log.Tail(path)
        assert tail() == [Paused(7, 1.5)]
        assert tail.behind() == cut
        path.write_bytes(line + line)
        assert tail() == [Paused(7, 1.5)]
        assert tail.behind() == 0


def test_a_bounded_read_catches_up_and_two_readers_agree(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows = run(losses_each=3, steps=600)
    whole = written(path, rows)
    tail, pieces = log.Tail(path), []
    while tail.behind():
        before = tail.behind()
        pieces += tail(most=100)
        assert tail.behind() < before
    assert pieces == whole
    assert len(whole) == len(rows)


def test_a_line_longer_than_the_bound_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    long = Noted("info", "x" * 5000)
    assert written(path, [long, Paused(1)]) == [long, Paused(1)]
    assert log.Tail(path)(most=10) == [long]


def test_a_log_that_shrank_or_vanished_is_said(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    written(path, EACH)
    tail = log.Tail(path)
    tail()
    assert tail.problem == ""
    path.write_bytes(b"")
    assert tail() == []
    assert "shorter" in tail.problem
    path.unlink()
    assert tail() == []
    assert "cannot be read" in tail.problem


def test_pictures_lie_beside_the_log_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    probes: list[Event] = [Probed(step, 1, "mistakes", (8, 3, 32, 32), f"{step:04d}" * 8192) for step in range(1, 7)]
    assert written(path, probes[:2]) == probes[:2]
    assert path.stat().st_size < 300
    tail = log.Tail(path)
    tail()
    with log.Writer(path) as write:
        for probe in probes[2:]:
            write(probe)
            assert tail() == [probe]
    assert log.Tail(path)()[-3:] == probes[-3:]
    assert len(list((tmp_path / "probes").iterdir())) <= 5


@pytest.mark.parametrize("data", ["@../secret.b64", "@/etc/passwd", "@", "@gone-1.b64", "@..b64"])
def test_a_probe_whose_picture_is_not_there_is_skipped(tmp_path: Path, data: str) -> None:
    (tmp_path / "secret.b64").write_text("AAAA")
    assert written(tmp_path / "events.jsonl", [Probed(1, 1, "mistakes", (1,), data), Paused(1)]) == [Paused(1)]


def test_one_writer_holds_the_lock_and_says_who(tmp_path: Path) -> None:
    path = tmp_path / "run-7f3a" / "events.jsonl"
    path.parent.mkdir()
    assert not log.is_locked(path)
    with log.Writer(path) as write:
        write(STARTED)
        assert log.is_locked(path)
        with pytest.raises(log.RunLocked, match=r"run-7f3a is being trained by process 4711"):
            log.Writer(path)
    assert not log.is_locked(path)
    with log.Writer(path) as write:
        write(Paused(1))
    assert log.Tail(path)() == [STARTED, Paused(1)]


def test_a_writer_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(log.encode(Paused(1)).encode() + b'\n{"type":"Pau')
    assert written(path, [Paused(2)]) == [Paused(1), Paused(2)]


def test_all_that_is_there_comes_in_portions_though_some_of_them_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        b"".join([log.encode(Paused(1)).encode(), b"\n", b"no event\n" * 40, log.encode(Paused(2)).encode(), b'\n{"ty'])
    )
    portions = list(log.Tail(path).portions(64))
    assert [] in portions
    assert [event for events in portions for event in events] == [Paused(1), Paused(2)]
    assert list(log.Tail(tmp_path / "nothing").portions()) == []


def test_half_a_command_is_said_and_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "commands.jsonl", os.write
    with monkeypatch.context() as nearly_full:
        nearly_full.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:9]))
        with pytest.raises(OSError, match="No space left"):
            log.append(path, commands.Stop())
    log.append(path, commands.Pause())
    assert log.Tail(path, commands.COMMANDS)() == [commands.Pause()]


def test_a_write_that_fails_raises(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    path = tmp_path / "events.jsonl"
    path.symlink_to("/dev/full")
    with log.Writer(path) as write, pytest.raises(OSError, match="No space left"):
        write(Paused(1))


def test_each_event_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = log.Tail(path)
    with log.Writer(path) as write:
        for event in EACH:
            write(event)
            assert tail() == [event]


def run(losses_each: int, steps: int, *, per_second: float = 10, schedule: str = "constant", batch: int = 32) -> list[Event]:
    """The events of a run with an epoch of 38 steps whose last batch is half full, or of one long epoch."""
    chance = random.Random(0)
    short = batch // 2
    started = replace(
        STARTED, config={**STARTED.config, "batch_size": batch, "schedule": schedule}, steps=steps, train_size=38 * batch - short
    )
    rows: list[Event] = [started]
    step, seconds = 0, 0.0
    while step < steps:
        n = min(losses_each, steps - step, 38 - step % 38)
        seen = n * batch - (short if (step + n) % 38 == 0 else 0)
        step, seconds = step + n, seconds + n / (per_second * losses_each)
        losses = tuple(round(3 * 0.999 ** (step + one) * (0.5 + chance.random()), 9) for one in range(n))
        lr = 1e-3 * factor(schedule, (step - 1) / steps)
        rows.append(Stepped(step, (step - 1) // 38 + 1, losses, chance.randint(0, seen), seen, lr, round(seconds, 3)))
    return rows


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle", "step"])
@pytest.mark.parametrize("losses_each", [1, 2, 7, 30])
def test_a_short_line_gives_back_what_was_left_out(tmp_path: Path, losses_each: int, schedule: str) -> None:
    rows = run(losses_each, 500, schedule=schedule)
    back = written(tmp_path / "events.jsonl", rows)
    assert len(back) == len(rows)
    assert (tmp_path / "events.jsonl").read_bytes().count(b"\n[") > 10
    for was, now in zip(rows[1:], back[1:], strict=True):
        assert isinstance(was, Stepped)
        assert isinstance(now, Stepped)
        assert (now.step, now.epoch, now.correct, now.seen) == (was.step, was.epoch, was.correct, was.seen)
        assert now.losses == tuple(float(f"{loss:.5g}") for loss in was.losses)
        assert now.lr == pytest.approx(was.lr, rel=0.01)
        assert now.seconds == pytest.approx(was.seconds, abs=0.002)


def test_slow_steps_do_not_lose_time(tmp_path: Path) -> None:
    rows = run(1, 300, per_second=1 / 17.3)
    last, told = rows[-1], written(tmp_path / "events.jsonl", rows)[-1]
    assert isinstance(last, Stepped)
    assert isinstance(told, Stepped)
    assert told.seconds == pytest.approx(last.seconds, abs=1)


def test_short_lines_after_a_broken_one_wait_for_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows = run(1, 400)
    whole = written(path, rows)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[200] = b"[1,2,oops]\n"
    path.write_bytes(b"".join(lines))
    back = log.Tail(path)()
    told, read = ({event.step for event in events if isinstance(event, Stepped)} for events in (whole, back))
    lost = told - read
    assert 0 < len(lost) <= 128
    assert all(event in whole for event in back)


def test_a_rate_that_a_person_changed_is_exact_at_once(tmp_path: Path) -> None:
    rows = run(1, 100)
    rows = [replace(event, lr=3e-4) if isinstance(event, Stepped) and event.step > 50 else event for event in rows]
    back = written(tmp_path / "events.jsonl", rows)
    assert [event.lr for event in back if isinstance(event, Stepped)] == [1e-3] * 50 + [3e-4] * 50


def test_the_smallest_change_of_a_person_is_exact_too(tmp_path: Path) -> None:
    rows = run(1, 100)
    rows = [replace(event, lr=1.005e-3) if isinstance(event, Stepped) and event.step > 50 else event for event in rows]
    rows.insert(51, LearningRateChanged(51, 1e-3, 1.005e-3))
    back = written(tmp_path / "events.jsonl", rows)
    assert [event.lr for event in back if isinstance(event, Stepped)] == [1e-3] * 50 + [1.005e-3] * 50


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_a_schedule_by_the_clock_is_short_and_true(tmp_path: Path, schedule: str) -> None:
    config = {"batch_size": 32, "schedule": schedule, "seconds": 60.0, "epochs": None}
    rows: list[Event] = [replace(STARTED, config=config, steps=0, steps_per_epoch=5000, train_size=160_000)]
    rows += [
        Stepped(step, 1, (1.25,), 3, 32, 1e-3 * factor(schedule, (step - 1) / 1200), round(step / 20, 3)) for step in range(1, 1200)
    ]
    path = tmp_path / "events.jsonl"
    back = written(path, rows)
    assert [event.lr for event in back if isinstance(event, Stepped)] == pytest.approx(
        [event.lr for event in rows if isinstance(event, Stepped)], rel=0.01
    )
    assert path.stat().st_size < 20 * 1200


def test_an_epoch_that_leaves_one_sample_out_is_short_too(tmp_path: Path) -> None:
    started = replace(STARTED, config={"batch_size": 32, "schedule": "constant"}, steps_per_epoch=4, train_size=129)
    rows: list[Event] = [started, *(Stepped(step, (step - 1) // 4 + 1, (1.5,), 3, 32, 1e-3, step / 10) for step in range(1, 41))]
    path = tmp_path / "events.jsonl"
    assert written(path, rows) == rows
    assert path.read_bytes().count(b"\n[") == 39


def test_many_classes_are_written_fast_and_whole(tmp_path: Path) -> None:
    chance = random.Random(1)
    matrix = [[0] * 300 for _ in range(300)]
    for _ in range(6000):
        true = chance.randrange(300)
        matrix[true][true if chance.random() < 0.6 else chance.randrange(300)] += 1
    event = Evaluated(1, 1, "val", 1.0, 0.6, tuple(map(tuple, matrix)), 1.0, 0.1)
    assert written(tmp_path / "events.jsonl", [event]) == [event]
    assert (tmp_path / "events.jsonl").stat().st_size < 30_000


@pytest.mark.parametrize("losses_each", [1, 2, 10, 300])
@pytest.mark.parametrize("per_second", [10, 0.3, 0.05])
def test_a_step_costs_less_than_twenty_bytes(tmp_path: Path, losses_each: int, per_second: float) -> None:
    steps = max(2000, 20 * losses_each)
    rows = run(losses_each, steps, per_second=per_second, batch=256)
    written(tmp_path / "events.jsonl", rows)
    assert (tmp_path / "events.jsonl").stat().st_size < 20 * steps


@pytest.mark.parametrize("losses_each", [10, 30])
def test_short_epochs_with_evaluations_and_checkpoints_cost_less_than_twenty_bytes_a_step(tmp_path: Path, losses_each: int) -> None:
    rows: list[Event] = []
    for event in run(losses_each, 3800):
        rows.append(event)
        if isinstance(event, Stepped) and event.step % 38 == 0:
            rows.append(
                Evaluated(event.step, event.epoch, "val", 0.123456, 0.975, MATRIX, event.seconds, 0.0123, epoch_took=0.3456)
            )
            rows.append(CheckpointSaved(event.step, event.epoch, best=False, bytes=123456, seconds=event.seconds))
    written(tmp_path / "events.jsonl", rows)
    assert (tmp_path / "events.jsonl").stat().st_size < 20 * 3800


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        written(tmp_path / "events.jsonl", [Paused(1)])
        log.is_locked(tmp_path / "events.jsonl")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
