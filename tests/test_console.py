"""What is printed of runs: on a terminal, in a pipe, where there is no Unicode, and when nobody reads any more."""

from __future__ import annotations

import errno
import io
import json
import math
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fitted
from tui_trainer import config, preset
from tui_trainer.cli import options
from tui_trainer.console import chart, record, summary, tables
from tui_trainer.console.output import ASCII, Output, columns, cut
from tui_trainer.console.progress import Progress, live_line, remark
from tui_trainer.console.signals import NOTICE, Signals
from tui_trainer.console.train import exit_code
from tui_trainer.events import (
    CheckpointSaved,
    Evaluated,
    Event,
    HandedOver,
    Hosted,
    Layer,
    LearningRateChanged,
    Noted,
    OutOfMemory,
    Paused,
    Preparing,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    Stopping,
    ThreadsChanged,
)
from tui_trainer.runs import log, store
from tui_trainer.runs.history import History

WICKED = "\x1b[31m[bold]red"
CLASSES = ("0", "1", WICKED)
GIVEN = config.read({"preset": "cnn", "dataset": "digits", "epochs": 2, "lr": "0.002", "knobs": {"width": 8}})


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]  # read-only in StringIO

    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    """A pipe whose reader went away."""

    encoding = "utf-8"  # type: ignore[assignment]  # read-only in StringIO

    def write(self, text: str) -> int:
        raise BrokenPipeError


def story(reason: str = "finished", error: str = "") -> Iterator[Event]:
    """A run of two epochs of three steps each, with one thing of every kind in it."""
    yield Preparing("reading data", 1, 2)
    yield RunStarted(
        config=json.loads(GIVEN.to_json()),
        device="cpu",
        device_name="a processor",
        threads=1,
        precision="fp32",
        parameters=19_338,
        layers=(Layer("conv1", "Conv2d", (16, 8, 8), 160),),
        input_shape=(1, 8, 8),
        classes=CLASSES,
        train_size=96,
        val_size=10,
        test_size=10,
        steps_per_epoch=3,
        steps=6,
    )
    yield Stepped(step=3, epoch=1, losses=(3.0, 2.0, 1.0), correct=40, seen=96, lr=2e-3, seconds=0.5)
    yield Evaluated(3, 1, "val", 0.9, 0.6, ((2, 1, 0), (1, 3, 0), (1, 1, 1)), 0.5, 0.1, best=True, epoch_took=0.5)
    yield LearningRateChanged(step=4, old=2e-3, new=1e-3, seconds=0.5)
    yield Noted("warning", f"look at {WICKED}")
    yield Stepped(step=6, epoch=2, losses=(0.5, math.nan, 0.3), correct=80, seen=96, lr=1e-3, seconds=1.0)
    yield Evaluated(6, 2, "val", 0.4, 0.8, ((3, 0, 0), (0, 4, 0), (1, 1, 1)), 1.0, 0.1, best=True, epoch_took=0.5)
    yield CheckpointSaved(6, 2, best=True)
    yield Evaluated(6, 2, "test", 0.5, 0.7, ((3, 0, 0), (0, 3, 1), (1, 1, 1)), 1.1, 0.1)
    yield RunEnded(
        6, 2, reason, 1.2, 0.8, 2, 0.4, 0.8, 0.4, 0.7, 0.5, 192, 19_338, error, "Traceback\n  \x1b[2Jboom" if error else ""
    )


def told(*events: Event) -> History:
    history = History()
    history.extend(events)
    return history


@pytest.fixture
def run(tmp_path: Path) -> store.Run:
    """A finished run on disk."""
    source = tmp_path / "cnn.py"
    source.write_text('"""A net."""\ndef build(input_shape, num_classes, *, width: int = 16): ...\n')
    made = store.create(GIVEN, source)
    with log.Writer(made.events) as writer:
        for event in story():
            writer(event)
    (made.checkpoints / "best.pt").write_bytes(b"weights")
    return made


def said(out: io.StringIO) -> list[str]:
    return out.getvalue().splitlines()


def narrate(stream: io.StringIO, events: Iterator[Event], clock: Callable[[], float] = time.monotonic) -> io.StringIO:
    out, history = Output(stream), History()
    progress = Progress(out, history, clock=clock)
    for event in events:
        history.apply(event)
        progress(event)
    return stream


def test_a_pipe_gets_a_line_an_epoch_and_whatever_matters() -> None:
    lines = said(narrate(io.StringIO(), story()))
    assert "\r" not in "\n".join(lines)
    assert [line for line in lines if line.startswith("epoch")] == [line for line in lines if "val" in line and "loss" in line]
    first, second = (line for line in lines if line.startswith("epoch"))
    assert first.startswith("epoch 1/2   loss 2.000   val 0.900   60.0 %")
    assert second.startswith("epoch 2/2")
    assert "80.0 %" in second
    assert any("19 338 parameters" in line and "1 thread " in line for line in lines)
    assert any("2e-3" in line and "1e-3" in line for line in lines)


def test_names_cannot_steer_the_terminal(run: store.Run) -> None:
    printed = said(narrate(io.StringIO(), story()))
    printed += record.lines(store.summary(run), 100, colours=False)
    assert any(r"\x1b[31m[bold]red" in line for line in printed)
    assert not [line for line in printed if "\x1b" in line]


def test_the_live_line_is_redrawn_in_place_ten_times_a_second_and_makes_way() -> None:
    ticks = iter([0.0, 0.05, 0.09, 0.11, 0.3])
    start = list(story())[1]
    steps = [Stepped(n, 1, (1.0 / n,), 1, 32, 1e-3, n / 10) for n in range(1, 6)]
    text = narrate(Terminal(), iter([start, *steps, Noted("info", "hello")]), lambda: next(ticks)).getvalue()
    assert text.count("\r● epoch") == 3
    last = text.rpartition("\r● epoch")[2]
    assert re.search(r"\r +\r. hello\n$", last)


def test_the_live_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "width", lambda self: 20)
    stream = Terminal()
    out = Output(stream)
    out.live("x" * 100)
    out.live("short")
    drawn = stream.getvalue().split("\r")
    assert drawn == ["", "x" * 19, "short" + " " * 14]


def test_the_live_line_says_where_the_run_stands() -> None:
    line = live_line(told(*list(story())[:4]), 100)
    assert line.startswith("● epoch 1/2  ━━━━━━━━────────  50 %  loss 1.000")
    assert "val 60.0 %" in line
    assert "rate 2e-3" in line
    assert live_line(told(*list(story())[:4], Paused(3)), 100).startswith("‖ paused")
    assert "epoch 0" in live_line(History(), 100)
    assert live_line(told(*list(story())[:4]), 40) == "● epoch 1/2  ━━━━━━━━────────  50 %"
    assert live_line(told(*list(story())[:4]), 5) == "● epoch 1/2"


def test_stopping_and_preparing_are_said_on_a_terminal_only() -> None:
    events = [Preparing("reading data", 1, 2), Stopping(3)]
    assert said(narrate(io.StringIO(), iter(events))) == []
    text = narrate(Terminal(), iter(events)).getvalue()
    assert "◌ reading data  ━━━━━━━━────────   50 %" in text
    assert "finishing the batch" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_where_there_is_no_unicode_ascii_is_drawn(encoding: str) -> None:
    raw = io.BytesIO()
    out = Output(io.TextIOWrapper(raw, encoding=encoding))
    out.line("✓ finished ▁▄█ 日本 1e-3 → 3e-4 · 8×8")
    assert raw.getvalue() == b"+ finished _:# ?? 1e-3 > 3e-4 . 8x8\n"


def test_every_glyph_we_print_has_its_ascii(run: store.Run) -> None:
    printed = said(narrate(Terminal(), story())) + record.lines(store.summary(run), 100, colours=False)
    printed += tables.runs([store.summary(run)], 100)
    drawn = "".join(printed).translate(ASCII)
    assert {sign for sign in drawn if not sign.isascii() and not "\u2800" <= sign <= "\u28ff"} == set()


def test_lone_surrogates_do_not_end_a_run() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    Output(stream).line("name \udce9")
    assert raw.getvalue() == b"name ?\n"


def test_a_reader_that_went_away_is_noticed_once_and_never_raised() -> None:
    heard: list[str] = []
    out = Output(Closed(), when_gone=lambda: heard.append("gone"))
    out.line("one")
    out.line("two")
    out.live("three")
    assert out.gone
    assert heard == ["gone"]


def test_a_file_without_room_is_no_reader_that_went_away(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    file = io.StringIO()
    out = Output(file, when_gone=lambda: heard.append("gone"))

    def full(text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(file, "write", full)
        out.line("one")
    out.line("two")
    assert not out.gone
    assert (heard, file.getvalue()) == ([], "two\n")


def test_cut_marks_what_it_left_out() -> None:
    assert (cut("abcdef", 6), cut("abcdef", 4), cut("abcdef", 0)) == ("abcdef", "abc…", "…")


def test_wide_signs_take_two_columns() -> None:
    assert columns("漢字e\u0301") == 5
    assert (cut("漢字", 4), cut("漢字漢", 4), cut("漢字漢", 5)) == ("漢字", "漢…", "漢字…")
    assert tables.table(("name", "n"), [("漢字", "1"), ("a", "20")], right=("n",)) == ["name   n", "漢字   1", "a     20"]


@pytest.fixture
def heeded() -> Iterator[None]:
    """Signals as in the foreground: a test run started in the background, or by nohup, ignores some."""
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    if hasattr(signal, "SIGHUP"):
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.mark.usefixtures("heeded")
def test_the_first_signal_asks_once_and_the_second_leaves() -> None:
    asked: list[str] = []
    told_user: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    with Signals(lambda: asked.append("stop"), told_user.append) as signals:
        signal.raise_signal(signal.SIGINT)
        assert signals.code == 130
        signals.stop(141)
        assert signals.code == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (asked, told_user) == (["stop"], [NOTICE])
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.usefixtures("heeded")
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system knows no hang-up")
def test_a_hang_up_stops_and_one_that_was_ignored_stays_ignored() -> None:
    asked: list[str] = []
    with Signals(lambda: asked.append("stop"), asked.append) as signals:
        signal.raise_signal(signal.SIGHUP)
        assert (asked, signals.code) == (["stop"], 129)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with Signals(lambda: asked.append("again"), asked.append) as signals:
            signal.raise_signal(signal.SIGHUP)
            assert (asked, signals.code) == (["stop"], 0)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    ("reason", "signalled", "code"),
    [("finished", 0, 0), ("finished", 130, 0), ("failed", 0, 1), ("diverged", 143, 1), ("stopped", 143, 143), ("stopped", 0, 130)],
)
def test_exit_codes(reason: str, signalled: int, code: int) -> None:
    assert exit_code(told(*story(reason)).ended, signalled) == code


def test_a_run_without_an_end_is_a_failure_unless_another_process_has_it() -> None:
    assert (exit_code(None, 0), exit_code(None, 130)) == (1, 130)
    assert exit_code(HandedOver(6), 0) == 0


def test_the_summary_has_result_curve_best_test_files_and_the_command(run: store.Run) -> None:
    lines = summary.summary_lines(told(*story()), run)
    assert lines[0] == "✓ finished  80.0 % at epoch 2, 6 steps in 1.2 s"
    by_label = {line.split()[0]: line for line in lines[1:]}
    assert re.search(r"[▁-█]{3,}  now 0.300", by_label["loss"])
    assert "80.0 % at epoch 2, step 6, val loss 0.400" in by_label["best"]
    assert "70.0 %, loss 0.500" in by_label["test"]
    assert by_label["weights"].endswith("best.pt")
    assert str(run.folder) in by_label["record"]
    assert "tui-trainer train cnn --dataset digits" in by_label["again"]


def test_the_summary_says_what_went_wrong(run: store.Run) -> None:
    assert summary.summary_lines(told(*story("failed", "no room left")), run)[0] == "✕ failed: no room left"
    half = told(*list(story())[:4])
    assert summary.summary_lines(half, run)[0].startswith("! lost: it has no end, and nobody trains it any more: epoch 1")
    with log.Writer(run.events):
        assert summary.summary_lines(half, run)[0].startswith("● goes on: epoch 1")
    assert summary.summary_lines(History(), run) == []


def test_a_long_name_leaves_room_for_the_other_presets() -> None:
    found = [
        preset.Preset("x" * 200, Path("x.py"), about="What it is."),
        preset.Preset("cnn", Path("cnn.py"), about="Three layers."),
    ]
    lines = tables.presets(found, 100)
    assert all(len(line) <= 100 for line in lines)
    assert "What it is." in lines[1]
    assert "Three layers." in lines[2]


def test_the_command_repeats_the_config(run: store.Run) -> None:
    parser = options.Parser("train", "")
    options.train_options(parser)
    given = options.settings_of(parser.read(summary.repeat(run).split()[2:]))
    assert config.read({**given, "knobs": {}}).but(knobs=dict(GIVEN.knobs)) == GIVEN
    assert given["knobs"] == {"width": "8"}


def test_sparklines_are_bounded_and_survive_anything() -> None:
    assert summary.sparkline([1, 2, 3, 4, 5, 6, 7, 8], 40) == "▁▂▃▄▅▆▇█"
    assert len(summary.sparkline(list(range(1000)), 40)) == 40
    assert summary.sparkline([math.nan, math.inf], 40) == ""
    assert summary.sparkline([2.0, 2.0], 40) == "▁▁"


def test_show_prints_every_class_the_confusions_the_curves_and_the_settings(run: store.Run) -> None:
    text = "\n".join(record.lines(store.summary(run), 90, colours=False))
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if re.match(r"[01] ", line)}
    assert rows["0"] == ["75.0", "100.0", "85.7", "3"]
    assert rows["1"] == ["75.0", "75.0", "75.0", "4"]
    assert "taken for 0: 1 of 3" in text
    assert "loss   ━ train   ■ val" in text
    assert "accuracy in %" in text
    assert re.search(r"batch_size +32", text)
    assert re.search(r"knob width +8", text)
    drawn = chart.charts(told(*story()), 90, colours=False)
    assert max(map(len, drawn)) == 90
    assert max(map(len, chart.charts(told(*story()), 200, colours=False))) == 200
    assert any("⠀" <= sign <= "⣿" for line in drawn for sign in line)
    assert "\n".join(chart.charts(told(*story()), 90, colours=False, unicode=False)).translate(ASCII).isascii()


def test_the_figures_of_a_class_stay_on_its_line_however_long_its_name() -> None:
    events = [replace(one, classes=("x" * 300, "漢" * 60)) if isinstance(one, RunStarted) else one for one in story()]
    lines = record.class_lines(told(*events), 80)
    assert max(map(columns, lines)) <= 80
    assert any("x…" in line and "75.0" in line for line in lines)


def test_show_of_a_run_that_broke_prints_what_python_said(run: store.Run) -> None:
    run.events.unlink()
    with log.Writer(run.events) as writer:
        writer(list(story("failed", "it broke"))[-1])
    lines = record.lines(store.summary(run), 90, colours=False)
    assert any("failed: it broke" in line for line in lines)
    assert lines[-2:] == ["  Traceback", r"    \x1b[2Jboom"]


def test_show_of_a_new_run_and_of_a_torn_record(run: store.Run) -> None:
    whole = run.events.read_bytes()
    run.events.write_bytes(whole[:-10])
    assert any("! lost" in line for line in record.lines(store.summary(run), 90, colours=False))
    run.events.unlink()
    assert any("nothing happened yet" in line for line in record.lines(store.summary(run), 90, colours=False))


def test_the_record_as_json_is_strict_and_complete(run: store.Run) -> None:
    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    found = json.loads(record.as_json(store.summary(run)), parse_constant=refuse)
    assert (found["status"], found["split"], found["classes"]) == ("finished", "test", list(CLASSES))
    assert found["confusion"] == [[3, 0, 0], [0, 3, 1], [1, 1, 1]]
    assert [one["support"] for one in found["per_class"]] == [3, 4, 3]
    assert [one["accuracy"] for one in found["validations"]] == [0.6, 0.8]
    assert found["config"]["knobs"] == {"width": 8}


def test_charts_of_nothing_are_nothing() -> None:
    assert chart.charts(History(), 80, colours=False) == []
    flat = told(*list(story())[:2], Stepped(1, 1, (math.nan,), 0, 32, 1e-3, 0.1))
    assert chart.charts(flat, 80, colours=False) == []


def test_tables_align_and_cut() -> None:
    lines = tables.table(("name", "n", "about"), [("a", "1", "x" * 50), ("long name", "100", "y")], right=("n",), width=30)
    assert lines == ["name         n  about", "a            1  " + "x" * 13 + "…", "long name  100  y"]


def test_an_epoch_of_regression_says_its_errors_and_counts_samples() -> None:
    lines = said(narrate(io.StringIO(), iter(fitted.sine(2))))
    assert any(line.startswith("epoch  2/10   loss 0.120   val 0.120  MAE 0.314   R2 0.760 *") for line in lines)
    assert all("img/s" not in line for line in lines)
    assert lines[-1].endswith("samples/s")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (SettingChanged(41, "batch_size", 32, 1024), "batch 32 → 1 024 at step 41"),
        (SettingChanged(41, "weight_decay", 0, 5e-4), "decay 0 → 5e-4 at step 41"),
        (SettingChanged(41, "clip", 0, 1), "clip 0 → 1 at step 41"),
        (HandedOver(40), "handed over after step 40"),
        (Hosted(4711, "box"), ""),
        (Hosted(4711, "box", locked=False), "! this file system has no locks: "),
        (
            OutOfMemory(40, 512, 128, 2_100_000_000, 1_200_000_000),
            "a batch of 512 after step 40 (2.1 GB asked for, 1.2 GB free): 128 fit",
        ),
        (OutOfMemory(40, 2, 0, waiting=True), "a batch of 2 after step 40: nor for any smaller one; the run waits for an answer"),
        (
            RunResumed(40, 2, 1.0, paused=True, device="cpu", threads=2, precision="fp32"),
            "▸ resumed after step 40, epoch 2, from last.pt, on cpu · 2 threads · fp32; still paused",
        ),
    ],
)
def test_what_becomes_of_a_run_is_said(event: Event, said: str) -> None:
    assert said in remark(event)
    assert bool(said) == bool(remark(event))


def test_a_run_that_did_not_finish_says_what_goes_on_with_it(run: store.Run) -> None:
    def last(*events: Event) -> list[str]:
        return [line for line in summary.summary_lines(told(*events), run) if " resume " in line]

    assert last(*story()) == []
    assert last(*story("stopped")) == [f"  go on   tui-trainer resume {run.id}"]
    *begun, end = story("diverged", "the loss became nan")
    assert isinstance(end, RunEnded)
    assert last(*begun, replace(end, suggested_lr=3e-4)) == [f"  go on   tui-trainer resume {run.id} --lr 3e-4"]
    short = OutOfMemory(6, 512, 64)
    assert last(*begun, short, replace(end, reason="failed")) == [f"  go on   tui-trainer resume {run.id} --batch-size 64"]


def test_a_run_that_goes_on_elsewhere_says_how_to_come_back(run: store.Run) -> None:
    with run.events.open("w"):
        pass
    with log.Writer(run.events) as write:
        write(Hosted(4711, "box"))
        write(replace(fitted.started(), pid=4711, host="box"))
        lines = summary.summary_lines(told(*list(story())[:3], HandedOver(3)), run)
        assert lines[0] == "● goes on in the background (process 4711)"
        assert lines[-2:] == [f"  attach  tui-trainer attach {run.id}", f"  stop    tui-trainer send {run.id} stop"]
        listed = tables.runs([store.summary(run)], 120)
        assert listed[0].split()[-2:] == ["process", "machine"]
        assert listed[1].split()[-2:] == ["4711", "box"]
        assert "process" not in tables.runs([store.summary(run)], 60)[0]
        assert any("trained by process 4711 on box" in line for line in record.lines(store.summary(run), 90, colours=False))
    lost = tables.runs([store.summary(run)], 120)
    assert "process" not in lost[0]
    assert lost[-1] == f"run {run.id} has no end, and nobody trains it: tui-trainer resume {run.id} goes on with it"


@pytest.mark.usefixtures("heeded")
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system knows no hang-up")
def test_a_hang_up_may_be_spared_and_in_the_background_every_signal_is_heard() -> None:
    asked: list[str] = []
    with Signals(lambda: asked.append("stop"), asked.append, spares=lambda: True) as signals:
        signal.raise_signal(signal.SIGHUP)
        assert (asked, signals.code) == ([], 0)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals(lambda: asked.append("stop"), asked.append, always=True) as signals:
            signal.raise_signal(signal.SIGHUP)
            assert (asked, signals.code) == (["stop"], 129)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_threads_and_streaming_are_said() -> None:
    begun = replace(fitted.started(), streamed=True)
    lines = said(narrate(io.StringIO(), iter([begun, ThreadsChanged(120, 2, 1, 4120.0)])))
    assert any(line.endswith("streamed from disk") for line in lines)
    assert lines[-1] == "threads 2 > 1 at step 120"
