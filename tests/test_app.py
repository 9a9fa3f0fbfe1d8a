"""The app as a whole: over a real training thread, over a record that is written meanwhile, and at every size."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

import made
from made import app_of, text_of, until, without_torch  # noqa: F401  # a fixture
from tui_trainer import commands, paths, session
from tui_trainer.app import live
from tui_trainer.app.app import TrainerApp
from tui_trainer.events import HandedOver, Hosted, LearningRateChanged, Paused, Preparing, RunResumed, Stepped
from tui_trainer.runs import log, store

SHORT = {"preset": "linear", "dataset": "digits", "epochs": "2"}
RAISING = '''"""Cannot be built."""
DEFAULTS = {"dataset": "digits"}
def build(input_shape, num_classes):
    """Nothing."""
    raise RuntimeError("no [red]net[/] today")
'''


@asynccontextmanager
async def lab(given: dict[str, object], folder: Path | None = None) -> AsyncIterator[Pilot[None]]:
    """The app with its form filled; what runs at the end is abandoned and waited for."""
    app = TrainerApp(given, preset_folders=(folder,) if folder else ())
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "own knobs" in seen(pilot) or "Start" in seen(pilot))
        try:
            yield pilot
        finally:
            app.live.send(commands.Abandon())
    app.preflight.cancel()
    assert app.live.session is None or not app.live.session.hosted or app.live.session.wait(60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of presets."""
    (tmp_path / "presets").mkdir()
    return tmp_path / "presets"


def seen(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen)


def status(pilot: Pilot[None]) -> str:
    return seen(pilot).splitlines()[-2]


def title(pilot: Pilot[None], words: str) -> str:
    """The row that a panel begins with."""
    return next((row for row in seen(pilot).splitlines() if words in row), "")


async def ends(pilot: Pilot[None], word: str) -> None:
    await until(pilot, lambda: word in status(pilot), 60)


def live_record(*, epochs: int = 8) -> tuple[store.Run, log.Writer]:
    """The record of a run that somebody trains: its log stays open."""
    run = made.made("cnn")
    write = log.Writer(run.events)
    write(made.started())
    for epoch in range(1, epochs + 1):
        losses = tuple(2.0 / (10 * epoch + step) for step in range(10))
        write(Stepped(10 * epoch, epoch, losses, 90, 100, 1e-3, float(epoch)))
        write(made.evaluated(epoch=epoch))
    return run, write


@asynccontextmanager
async def watching(size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[Pilot[None], store.Run, log.Writer]]:
    """The app on a record of eight epochs that is written by somebody else."""
    run, write = live_record()
    with write:
        async with made.opened(size=size) as pilot:
            app_of(pilot).open_run(run)
            await until(pilot, lambda: "● attached" in status(pilot) and "epoch 8" in seen(pilot))
            yield pilot, run, write


# ---- a real run --------------------------------------------------------------------------------------------------


async def test_start_trains_to_the_end_and_again_keeps_the_last_curve() -> None:
    async with lab(SHORT) as pilot:
        app = app_of(pilot)
        await pilot.press("enter")
        await ends(pilot, "✓ finished")
        first = app.live.history
        assert first.ended is not None
        assert first.ended.reason == "finished"
        assert len(first.val_accuracy) == 2
        assert "┅ last run" not in seen(pilot)
        await pilot.press("r")
        await until(pilot, lambda: app.live.history is not first and app.live.history.ended is not None, 60)
        assert app.live.last is first
        await until(pilot, lambda: "┅ last run" in seen(pilot))
    assert len(store.everything()) == 2


@pytest.mark.long
async def test_keys_steer_a_run_in_training() -> None:
    async with lab({**SHORT, "epochs": "100000"}) as pilot:
        app = app_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.live.history.step > 50, 60)
        await pilot.press("space")
        await ends(pilot, "‖ paused at step")
        step = app.live.history.step
        await pilot.press("full_stop")
        await until(pilot, lambda: app.live.history.step == step + 1)
        before = app.live.history.lr
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.live.history.lr == 2 * before)
        assert app.live.history.marks[-1].kind == "rate"
        await pilot.press("space")
        await until(pilot, lambda: app.live.history.step > step + 50, 60)
        await pilot.press("X")
        await ends(pilot, "stopped")
        assert app.live.history.ended is not None
        assert app.live.history.saved is not None


async def test_start_with_a_wrong_field_is_refused_with_the_reason_and_nothing_is_lost() -> None:
    async with lab({**SHORT, "batch_size": "64"}) as pilot:
        app = app_of(pilot)
        app.lab.form.focus_field("lr")
        await pilot.press("home", *["delete"] * 8, "n", "o")
        await until(pilot, lambda: "1 field to fix" in status(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert store.everything() == []
        assert app.live.session is None
        raw = app.lab.form.raw()
        assert (raw["lr"], raw["batch_size"], raw["epochs"]) == ("no", "64", "2")
        assert "✕" in seen(pilot)
        await pilot.press("home", *["delete"] * 2, *"1e-3")
        await until(pilot, lambda: "not started" in status(pilot))
        await pilot.press("enter")
        await ends(pilot, "✓ finished")
    (run,) = store.everything()
    assert run.config().batch_size == 64


async def test_a_run_that_cannot_be_recorded_says_so_and_the_form_stays() -> None:
    paths.home().mkdir(parents=True)
    paths.runs().write_text("not a folder", encoding="utf-8")
    async with lab(SHORT) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "no run can be made in" in status(pilot))
        assert app_of(pilot).live.session is None
        assert app_of(pilot).lab.form.raw()["epochs"] == "2"


async def test_a_preset_that_cannot_be_built_is_a_sentence_and_the_form_is_whole(folder: Path) -> None:
    (folder / "wrong.py").write_text(RAISING, encoding="utf-8")
    async with lab({"preset": "wrong", "epochs": "7"}, folder) as pilot:
        await pilot.press("enter")
        await ends(pilot, "✕ failed")
        assert "no [red]net[/] today" in status(pilot)
        await pilot.press("s")
        await until(pilot, lambda: "Enter, from any field" in seen(pilot))
        assert app_of(pilot).lab.form.raw()["epochs"] == "7"
        ended = app_of(pilot).live.history.ended
        assert ended is not None
        assert ended.reason == "failed"


# ---- a record that is written meanwhile --------------------------------------------------------------------------


@pytest.mark.usefixtures("without_torch")
async def test_the_screen_follows_events_and_not_keys() -> None:
    async with watching() as (pilot, run, write):
        assert "rate 1e-3" in status(pilot)
        await pilot.press("right_square_bracket", "space")
        await until(pilot, run.commands.exists)
        asked = log.Tail(run.commands, commands.COMMANDS)()
        assert asked == [commands.ScaleLearningRate(2.0), commands.Pause()]
        await pilot.pause(0.3)
        assert "rate 1e-3" in status(pilot)
        assert "paused" not in status(pilot)
        write(LearningRateChanged(81, 1e-3, 2e-3, 8.0))
        await until(pilot, lambda: "rate 2e-3" in status(pilot))
        assert "rate 1e-3 → 2e-3" in seen(pilot)
        write(Paused(81, 8.0))
        await until(pilot, lambda: "‖ paused at step 8" in status(pilot))


@pytest.mark.usefixtures("without_torch")
async def test_a_frame_that_went_with_a_closed_sheet_is_not_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching() as (pilot, _, write):
        app, dropped = app_of(pilot), []
        monkeypatch.setattr(app, "call_after_refresh", lambda *asked: dropped.append(asked))
        await until(pilot, lambda: bool(dropped))
        monkeypatch.undo()
        write(Paused(81, 8.0))
        await until(pilot, lambda: "‖ paused at step 8" in status(pilot))
        callback, *given = dropped[0]
        begun: list[object] = []
        monkeypatch.setattr(app, "set_timer", lambda *asked: begun.append(asked))
        callback(*given)
        assert not begun, "a frame that comes late began a second row of them"


# ---- attached, or only watching ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_torch")
async def test_attaching_opens_the_run_at_once_and_two_at_it_see_the_same() -> None:
    run, write = live_record()
    with write:
        async with made.opened(attach=run) as first:
            app = app_of(first)
            assert "● attached" in status(first)
            assert "epoch 8" in status(first)
            assert app.lab.face == "run"
            assert app.lab.form.raw()["preset"] == "cnn"
            await first.press("space", "X")
            await until(first, lambda: len(log.Tail(run.commands, commands.COMMANDS)()) == 2)
        async with made.opened(attach=run) as second:
            write(Paused(80, 8.0))
            await until(second, lambda: "‖ paused at step 80   attached" in status(second))
            await second.press("q")
            await until(second, lambda: not app_of(second).is_running)


@pytest.mark.usefixtures("without_torch")
async def test_the_end_of_an_attached_run_is_said_and_when_it_is_resumed_it_is_live_again() -> None:
    run, write = live_record()
    async with made.opened(attach=run) as pilot:
        with write:
            write(made.ended("stopped"))
        await until(pilot, lambda: "stopped at step 100" in status(pilot))
        await until(pilot, lambda: "q quit" in seen(pilot).splitlines()[-1])
        with log.Writer(run.events) as again:
            again(Hosted(4711, "box"))
            again(Preparing("loading torch"))
            await until(pilot, lambda: "◌ resuming: loading torch   attached" in status(pilot))
            again(RunResumed(80, 8, 8.0))
            again(Stepped(90, 9, (0.1,) * 10, 90, 100, 1e-3, 9.0))
            await until(pilot, lambda: "● attached" in status(pilot))
            assert app_of(pilot).live.history.step == 90


@pytest.mark.usefixtures("without_torch")
async def test_a_run_that_is_handed_over_meanwhile_is_never_called_lost() -> None:
    run, write = live_record()
    async with made.opened(attach=run) as pilot:
        with write:
            write(HandedOver(80, 8.0))
        await until(pilot, lambda: "handed over at step 80" in status(pilot))
        with log.Writer(run.events) as again:
            again(Hosted(4711, "box"))
            again(RunResumed(80, 8, 8.0))
            await until(pilot, lambda: "● attached" in status(pilot))


@pytest.mark.usefixtures("without_torch")
async def test_a_run_that_nobody_trains_is_lost_and_can_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOST_AFTER", 0.0)
    run, write = live_record()
    write.close()
    asked: list[str] = []
    monkeypatch.setattr(session.Session, "start", lambda self, after=None, resume=None: asked.append(self.run.id))
    async with made.opened(attach=run) as pilot:
        await until(pilot, lambda: "! lost at step 80   nobody trains it any more: g resumes it" in status(pilot))
        await pilot.press("g")
        await until(pilot, lambda: asked == [run.id])


@pytest.mark.usefixtures("without_torch")
async def test_who_only_watches_has_no_key_that_changes_anything() -> None:
    run, write = live_record()
    writing = {"pause", "one_batch", "scale", "stop", "abandon", "again", "change", "evaluate", "save", "finish_epoch", "detach"}
    writing |= {"go_on", "as_steered", "face", "samples", "delete", "resume", "edit", "resume_lost"}
    with write:
        async with made.opened(attach=run, read_only=True) as pilot:
            app = app_of(pilot)
            assert "◌ watching, read-only" in status(pilot)
            await pilot.press(*" .[]XAcdtwngr")
            for tab in ("Lab", "Runs", "Inspect", "Presets"):
                app.action_tab(tab)
                await until(pilot, lambda tab=tab: app.tab is not None and tab == app.tab.TAB and app.tab.is_mounted)
                bound = {
                    one.binding.action.removeprefix("app.").partition("(")[0]
                    for one in app.screen.active_bindings.values()
                    if one.enabled
                }
                assert not bound & writing, tab
                offered = " ".join(command.title for command in app.get_system_commands(app.screen))
                assert "Sweep" not in offered
                assert "Resume" not in offered
            await pilot.press("enter")
            app.action_tab("Runs")
            await until(pilot, lambda: "Enter watch" in seen(pilot))
            await pilot.press("D", "g", "r", "enter")
            await until(pilot, lambda: app.tab is app.lab)
            write(made.ended())
            await until(pilot, lambda: "✓ finished" in status(pilot) and "read-only" in status(pilot))
            await pilot.press("r", "g", "s", "a", "enter", "v")
            await pilot.pause()
            assert app.lab.face == "run"
            assert not app.lab.form.display
    assert not run.commands.exists()
    assert [one.folder for one in store.everything()] == [run.folder]


@pytest.mark.usefixtures("without_torch")
async def test_the_keys_of_a_chart_change_what_is_drawn() -> None:
    async with watching() as (pilot, _, _write):
        face = app_of(pilot).lab.run_face
        await until(pilot, lambda: " log " in title(pilot, "─ Loss"))
        await pilot.press("y")
        assert face.log_scale is False
        await until(pilot, lambda: title(pilot, "─ Loss") != "" and " log " not in title(pilot, "─ Loss"))
        for unit, word in (("step", "step"), ("seconds", "s"), ("epoch", "epoch")):
            await pilot.press("x")
            assert face.unit == unit
            await until(pilot, lambda word=word: re.search(rf" {word} +0 ", seen(pilot)) is not None)
        smoothing = face.smoothing
        await pilot.press("plus")
        assert face.smoothing == smoothing + 1
        await pilot.press("minus", "minus")
        assert face.smoothing == smoothing - 1


@pytest.mark.usefixtures("without_torch")
async def test_earlier_epochs_can_be_looked_at() -> None:
    async with watching() as (pilot, _, _write):
        await pilot.press("less_than_sign")
        await until(pilot, lambda: "◂ epoch" in status(pilot))
        await pilot.press("less_than_sign", "less_than_sign")
        shown = app_of(pilot).lab.run_face.scrubbed
        await pilot.press("greater_than_sign")
        assert app_of(pilot).lab.run_face.scrubbed == (shown or 0) + 1
        await pilot.press("escape")
        await until(pilot, lambda: "● attached" in status(pilot))


@pytest.mark.usefixtures("without_torch")
async def test_a_panel_takes_the_whole_screen_and_gives_it_back() -> None:
    async with watching() as (pilot, _, _write):
        for number, title in (("2", "─ Accuracy"), ("1", "─ Loss")):
            await pilot.press(number)
            panel = app_of(pilot).screen.focused
            assert panel is not None
            await pilot.press("z")
            await pilot.pause()
            assert panel.size.height > 30
            assert panel.size.width == 120
            await pilot.press("z")
            await until(pilot, lambda title=title: title in seen(pilot) and "Notes" in seen(pilot))


@pytest.mark.usefixtures("without_torch")
async def test_the_palette_has_every_action_of_the_screen() -> None:
    async with watching() as (pilot, _, _write):
        app = app_of(pilot)
        offered = {command.help for command in app.get_system_commands(app.screen)}
        sentences: dict[str, set[str]] = {}
        for one in app.screen.active_bindings.values():
            if one.enabled and one.binding.tooltip and "jump" not in one.binding.action:
                sentences.setdefault(one.binding.action.removeprefix("app."), set()).add(one.binding.tooltip)
        del sentences["command_palette"]
        assert len(sentences) > 15
        assert [action for action, said in sentences.items() if not said & offered] == []
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.tab)
        await pilot.press(*"log sc")
        await until(pilot, lambda: "Loss on a log scale" in seen(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: app.lab.run_face.log_scale is False)


@pytest.mark.usefixtures("without_torch")
async def test_the_screen_is_whole_after_every_change_of_size() -> None:
    async with watching((160, 50)) as (pilot, _, _write):
        await until(pilot, lambda: "─ Confusion" in seen(pilot))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "─ Loss" in seen(pilot) and "─ Accuracy" in seen(pilot) and "─ Confusion" not in seen(pilot))
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: "needs 60×18, this is 40×10" in seen(pilot))
        assert "● attached" in seen(pilot)
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: all(title in seen(pilot) for title in ("─ Setup", "─ Loss", "─ Accuracy", "─ Notes")))
        assert "needs 60×18" not in seen(pilot)
        assert all(len(line) <= 120 for line in seen(pilot).splitlines())


@pytest.mark.usefixtures("without_torch")
async def test_names_of_classes_are_shown_as_they_are() -> None:
    run = made.made("cnn", made.started(("[red]cat[/]", "\x1b[31mdog\x07", "bird")), made.evaluated(), made.ended())
    async with made.opened(size=(160, 50)) as pilot:
        app_of(pilot).open_run(run)
        await until(pilot, lambda: "[red]cat" in seen(pilot))
        assert "\x1b" not in seen(pilot)
        assert "\x07" not in seen(pilot)
