"""The status line in every state, header and footer."""

from __future__ import annotations

from dataclasses import replace

import pytest

import fitted
from stage import drawn, heard, staged, style_of
from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets.footer import Footer, KeyChosen
from tui_trainer.app.widgets.header import Header, TabChosen, run_spans
from tui_trainer.app.widgets.status import StatusLine, StatusView, status_of
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    HandedOver,
    Noted,
    OutOfMemory,
    Paused,
    Preparing,
    RunEnded,
    RunStarted,
    Stepped,
    Stopping,
)
from tui_trainer.runs.history import History

TRAINING = StatusView("training", "training", "", "", 6, 10, 0.56, 4812, 42, 3e-4, 1760, 1)


def run(*events: Event) -> History:
    history = History()
    history.extend(events)
    return history


START = RunStarted({"epochs": 10}, "cpu", "cpu", 1, "fp32", 10, (), (1, 8, 8), ("a", "b"), 3200, 10, 10, 100, 1000)
STEPS = tuple(Stepped(10 * n, 1, (1.0,) * 10, 160, 320, 1e-3, 0.1 * n) for n in range(1, 6))


async def shown(view: StatusView, width: int) -> str:
    status = StatusLine()
    async with staged(status, width, 1):
        status.show(view)
        return drawn(status)[0]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            120,
            " ● training  epoch 6/10  ━━━━━━━━━─────── 56 %   4 812 img/s   42 s left   rate 3e-4"
            "  saved at step 1 760   ! 1 warning",
        ),
        (104, " ● training  epoch 6/10  ━━━━━━━━━─────── 56 %   4 812 img/s   42 s left   rate 3e-4        ! 1 warning"),
        (92, " ● training  epoch 6/10  ━━━━━━━━━─────── 56 %   4 812 img/s   42 s left   rate 3e-4    ! 1"),
        (80, " ● training  epoch 6/10  ━━━━━╸──── 56 %            4 812 img/s  42 s left  ! 1"),
        (60, " ● training  epoch 6/10  ━━━━━╸──── 56 %   4 812 img/s  ! 1"),
        (48, " ● training  epoch 6/10  ━━━━━╸──── 56 %    ! 1"),
        (30, " ● training  epoch 6/10   ! 1"),
        (20, " ● training     ! 1"),
        (12, " ● training"),
        (8, " ● tra…"),
    ],
)
async def test_the_right_part_goes_first(width: int, expected: str) -> None:
    assert await shown(TRAINING, width) == expected


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
async def test_figures_keep_their_columns_while_they_change(width: int) -> None:
    early = StatusView("training", "training", "", "", 1, 10, 0.02, 9.4, 8, 3e-4)
    late = StatusView("training", "training", "", "", 10, 10, 0.98, 98_765, 59, 3e-4)
    a, b = await shown(early, width), await shown(late, width)
    for word in ("img/s", "left", "rate"):
        assert a.find(word) == b.find(word)
    assert a.index("%") == b.index("%")


@pytest.mark.parametrize("width", range(20, 161, 28))
async def test_the_band_is_always_full(width: int) -> None:
    status = StatusLine()
    async with staged(status, width, 1):
        status.show(TRAINING)
        strip = status.render_line(0)
    raised = palettes.choose().ink(on="raised").bgcolor
    assert strip.cell_length == width
    assert all(segment.style and segment.style.bgcolor == raised for segment in strip)


def test_nothing_yet() -> None:
    assert status_of(run(), about="digits in memory") == StatusView(about="digits in memory")
    assert status_of(run(), problems=2).problem == "2 fields to fix"
    assert status_of(run(), problems=1).problem == "1 field to fix"
    assert status_of(run(), loading="loading torch").word == "loading torch"


def test_phases_before_the_first_step_are_named() -> None:
    view = status_of(run(Preparing("reading data", 3, 4)))
    assert (view.state, view.word, view.progress) == ("loading", "reading data", 0.75)
    assert status_of(run(Preparing("loading torch"))).progress is None
    assert status_of(run(START)).state == "loading"


def test_training_and_its_figures() -> None:
    view = status_of(run(START, *STEPS, CheckpointSaved(40, 1, False), Noted("warning", "disk nearly full")))
    assert (view.state, view.word, view.epoch, view.epochs) == ("training", "training", 1, 10)
    assert view.progress == pytest.approx(0.05)
    assert view.speed == pytest.approx(3200)
    assert view.left == pytest.approx(9.5)
    assert (view.rate, view.saved, view.warnings) == (1e-3, 40, 1)


def test_paused_stopping_and_going_on() -> None:
    assert status_of(run(START, *STEPS, Paused(50))).word == "paused at step 50"
    assert status_of(run(START, *STEPS, Paused(50))).left is None
    assert status_of(run(START, *STEPS, Paused(50), Continued(50))).state == "training"
    assert status_of(run(START, *STEPS, Stopping(50))).word == "stopping: finishing the batch"


def test_seen_from_elsewhere() -> None:
    assert status_of(run(START, *STEPS), role="watching").word == "watching, read-only"
    assert status_of(run(START, *STEPS), role="attached").word == "attached"


def test_a_run_that_diverged_says_its_layer_and_a_rate() -> None:
    view = status_of(run(START, *STEPS, RunEnded(50, 1, "diverged", 0.7, error="long", layer="conv3", suggested_lr=3e-4)))
    assert (view.word, view.result) == ("diverged at step 50, conv3", "try a rate of 3e-4")


@pytest.mark.parametrize(
    ("reason", "error", "word", "colour"),
    [
        ("finished", "", "finished", "best"),
        ("stopped", "", "stopped at step 50", "best"),
        ("abandoned", "", "abandoned at step 50", "warn"),
        ("diverged", "conv3", "diverged at step 50, conv3", "worse"),
        ("failed", "no memory left", "failed: no memory left", "worse"),
    ],
)
async def test_every_end(reason: str, error: str, word: str, colour: str) -> None:
    history = run(START, *STEPS, Evaluated(50, 1, "val", 0.5, 0.718, ((3, 1), (1, 3)), 0.6, 0.1, best=True))
    history.apply(RunEnded(50, 1, reason, 0.7, 0.718, 5, 0.5, error=error))
    view = status_of(history)
    assert view.word == word
    assert view.result == ("71.8 % at epoch 5" if reason in {"finished", "stopped"} else "")
    status = StatusLine()
    async with staged(status, 120, 1):
        status.show(view)
        assert style_of(status, word).color == palettes.choose().ink(colour).color


async def test_a_hundred_percent_is_said_only_at_the_end() -> None:
    almost = status_of(run(START, Stepped(1000, 10, (1.0,), 1, 1, 1e-3, 9.0)))
    assert almost.progress is not None
    assert almost.progress < 1


async def test_errors_with_escape_codes_are_shown() -> None:
    assert "\x1b" not in await shown(StatusView("failed", "failed: \x1b[2Jbroken"), 80)


async def test_header_tabs_can_be_clicked() -> None:
    header = Header()
    async with staged(header, 80, 1) as pilot:
        header.show("Lab", run_spans("cnn", "cifar10", "cpu", "7f3a"))
        assert drawn(header)[0] == " tui-trainer   Lab   Runs   Inspect   Presets             cnn on cifar10 · 7f3a"
        assert style_of(header, " Lab ").bgcolor == palettes.choose().ink(on="lift").bgcolor
        await pilot.click(header, offset=(22, 0))
        await pilot.pause()
        assert [one.name for one in heard(pilot) if isinstance(one, TabChosen)] == ["Runs"]
        await pilot.click(header, offset=(2, 0))
        await pilot.pause()
        assert len(heard(pilot)) == 1


@pytest.mark.parametrize(
    ("width", "end"),
    [(120, "cnn on cifar10 · cpu · run 7f3a"), (74, "cnn on cifar10 · 7f3a"), (64, "cnn · 7f3a"), (48, "Presets")],
)
async def test_header_says_less_where_it_is_narrow(width: int, end: str) -> None:
    header = Header()
    async with staged(header, width, 1):
        header.show("Lab", run_spans("cnn", "cifar10", "cpu", "7f3a"))
        assert drawn(header)[0].endswith(end)


async def test_footer_shows_the_keys_that_fit_and_they_can_be_clicked() -> None:
    footer = Footer()
    async with staged(footer, 40, 1) as pilot:
        footer.show([("space", "pause"), (".", "one batch"), ("[ ]", "rate"), ("X", "stop")])
        assert drawn(footer)[0] == " space pause   . one batch   [ ] rate"
        assert style_of(footer, "space").bold
        await pilot.click(footer, offset=(18, 0))
        await pilot.click(footer, offset=(13, 0))
        await pilot.pause()
        assert [one.key for one in heard(pilot) if isinstance(one, KeyChosen)] == ["."]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_a_sentence_is_cut_and_never_left_out(width: int) -> None:
    sentence = "no run can be made here: " + "very " * 40 + "long"
    widget = StatusLine()
    async with staged(widget, width, 1) as pilot:
        widget.show(StatusView(said=sentence, warnings=1, saved=3))
        await pilot.pause()
        (shown,) = drawn(widget)
        assert shown.startswith(" ○ no run can be made here: very")
        assert shown.endswith("…")
        widget.show(StatusView(said="saved"))
        await pilot.pause()
        assert drawn(widget) == [" ○ not started   saved"]


@pytest.mark.parametrize("width", [80, 100, 120, 160])
async def test_streaming_is_said_in_the_line_beside_the_speed(width: int) -> None:
    line = await shown(replace(TRAINING, streamed=True), width)
    assert "streamed from disk" in line
    assert "4 812 img/s" in line
    assert "streamed" not in await shown(TRAINING, width)


async def test_where_there_is_no_room_streaming_gives_way_to_the_speed() -> None:
    assert "4 812 img/s" in await shown(replace(TRAINING, streamed=True), 60)


def test_a_streamed_run_says_so_while_it_trains() -> None:
    assert status_of(run(replace(START, streamed=True), *STEPS)).streamed
    assert not status_of(run(START, *STEPS)).streamed


def test_regression_ends_with_its_loss_and_counts_samples() -> None:
    assert status_of(run(*fitted.sine(3))).unit == "samples/s"
    assert status_of(run(*fitted.sine(3), fitted.ended(3, 0.008, 0.07, 0.98))).result == "loss 0.008 at epoch 3"


# ---- who looks at it, and what became of it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "role", "state", "words"),
    [
        ((START, *STEPS), "attached", "attached", "attached"),
        ((START, *STEPS), "watching", "watching", "watching, read-only"),
        ((START, *STEPS, Paused(50, 0.5)), "attached", "paused", "paused at step 50|attached"),
        ((START, *STEPS, Paused(50, 0.5)), "watching", "paused", "paused at step 50|read-only"),
        ((START, *STEPS, HandedOver(50, 0.5)), "attached", "loading", "handed over at step 50|attached"),
        ((START, *STEPS, OutOfMemory(50, 512, 128, waiting=True)), "", "memory", "no memory for a batch of 512 at step 50|"),
        ((START, *STEPS, Stopping(50)), "watching", "stopping", "stopping: finishing the batch|read-only"),
    ],
)
def test_the_role_is_said_with_every_state(events: tuple[Event, ...], role: str, state: str, words: str) -> None:
    view = status_of(run(*events), role=role)
    word, _, about = words.partition("|")
    assert (view.state, view.word, view.about) == (state, word, about)


def test_after_the_end_who_was_attached_is_like_anybody() -> None:
    over = run(START, *STEPS, RunEnded(50, 1, "stopped", 0.5))
    assert status_of(over, role="attached").about == ""
    assert status_of(over, role="watching").about == "read-only"
