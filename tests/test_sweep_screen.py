"""A sweep in the lab: from the palette over the sheet, run after run, to the table at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.pilot import Pilot

from made import app_of, text_of, until
from tui_trainer import commands, paths, sweeps
from tui_trainer.app.app import TrainerApp
from tui_trainer.app.screens.sweep_result import SweepResultScreen, fitting
from tui_trainer.app.screens.sweep_sheet import SweepSheet
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.runs import store
from tui_trainer.runs.result import Part

TINY = """
about = "Two little nets"
source = "a book"
base = { dataset = "digits", preset = "linear", steps = 2, threads = "1", device = "cpu" }

[[runs]]
label = "first"
published = { test_accuracy = 0.5, classes = { 0 = 0.7 } }

[[runs]]
label = "second"
preset = "mlp"
published = { test_accuracy = 0.6 }
"""
LONG = TINY.replace("steps = 2", "epochs = 100000")


@pytest.fixture(autouse=True)
def tiny() -> Path:
    path = paths.your_presets() / "sweeps" / "tiny.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TINY, encoding="utf-8")
    return path


@asynccontextmanager
async def lab(size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[None]]:
    """The app; what runs at the end is abandoned and waited for."""
    app = TrainerApp({"preset": "linear", "dataset": "digits"})
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "Start" in text_of(app.screen))
        try:
            yield pilot
        finally:
            app.queue = None
            app.live.send(commands.Abandon())
    app.preflight.cancel()
    assert app.live.session is None or app.live.session.wait(60)


def seen(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen)


async def asked(pilot: Pilot[None]) -> SweepSheet:
    """The sheet of the sweep, opened through the palette's own entry."""
    app = app_of(pilot)
    entries = {entry.title: entry for entry in app.get_system_commands(app.screen)}
    entries["Sweep: tiny"].callback()
    await until(pilot, lambda: isinstance(app.screen, SweepSheet) and "Sweep tiny" in seen(pilot))
    sheet = app.screen
    assert isinstance(sheet, SweepSheet)
    return sheet


async def test_what_a_file_says_of_itself_is_shown_and_never_obeyed(tiny: Path) -> None:
    (tiny.parent / "odd[red].toml").write_text(TINY.replace("Two little nets", "odd [/red] [@click=app.quit]nets[/] \\u001b"))
    async with lab() as pilot:
        await pilot.press("ctrl+p", *"odd")
        palette = pilot.app.screen.query_one(CommandList)
        await until(pilot, lambda: palette.option_count > 0)
        shown = str(palette.get_option_at_index(0).prompt)
        assert shown.splitlines() == ["Sweep: odd[red]", "odd [/red] [@click=app.quit]nets[/] \\x1b"]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_sweep_from_the_palette_to_the_table(size: tuple[int, int]) -> None:
    async with lab(size) as pilot:
        app = app_of(pilot)
        assert "Sweep results: tiny" not in {entry.title for entry in app.get_system_commands(app.screen)}
        await asked(pilot)
        assert "Two little nets" in seen(pilot)
        assert "Sweep tiny, 2 runs" in seen(pilot)
        assert "settings  first · second" in seen(pilot)
        assert "digits" in seen(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SweepResultScreen) and "second" in seen(pilot), 90)
        assert app.queue is None
        assert [store.summary(run).status for run in store.everything()] == ["finished", "finished"]
        await until(pilot, lambda: "published beside measured" in seen(pilot))
        rows = seen(pilot).splitlines()
        assert any("first" in row and "50.0 %" in row for row in rows)
        assert any("second" in row and "60.0 %" in row for row in rows)
        assert any(row.split()[:4] == ["first", "0", "70.0", "%"] for row in rows)
        await pilot.press("escape")
        assert app.screen is app.lab
        shown = {entry.title: entry for entry in app.get_system_commands(app.screen)}
        shown["Sweep results: tiny"].callback()
        await until(pilot, lambda: isinstance(app.screen, SweepResultScreen))


async def test_the_sheet_says_what_is_wrong_with_a_dataset_and_what_is_there() -> None:
    async with lab() as pilot:
        app = app_of(pilot)
        sheet = await asked(pilot)
        dataset = sheet.sheet.fields["dataset"]
        assert isinstance(dataset, TextField)
        dataset.focus()
        dataset.value = "folder:/nowhere/at/all"
        await until(pilot, lambda: "✕ there is no folder /nowhere" in seen(pilot))
        await pilot.press("enter")
        assert app.screen is sheet
        dataset.value = "shapes"
        await until(pilot, lambda: "2 runs" in seen(pilot) and "✕" not in seen(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.lab)
        assert app.queue is None
        assert store.everything() == []


async def test_stopping_a_run_goes_on_with_the_next_and_stopping_the_sweep_does_not(tiny: Path) -> None:
    tiny.write_text(LONG)
    async with lab() as pilot:
        app = app_of(pilot)
        await asked(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "sweep 1 of 2" in seen(pilot) and app.live.history.step > 0, 90)
        await pilot.press("X")
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        assert "It is run 1 of 2 of sweep tiny." in seen(pilot)
        await pilot.press("escape", "X")
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        await pilot.press("X")
        await until(pilot, lambda: "sweep 2 of 2" in seen(pilot) and app.live.history.step > 0, 90)
        await pilot.press("A")  # asks the same
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, SweepResultScreen), 90)
        await until(pilot, lambda: "stopped" in seen(pilot))
        assert app.queue is None
        assert [store.summary(run).status for run in store.everything()] == ["stopped", "stopped"]
        app.pop_screen()
        await asked(pilot)
        assert "are there already" not in seen(pilot)  # what was stopped is run again


async def test_abandoning_a_run_ends_the_sweep_and_another_waits_for_it(tiny: Path) -> None:
    tiny.write_text(LONG)
    async with lab() as pilot:
        app = app_of(pilot)
        await asked(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.live.history.step > 0, 90)
        app.ask_sweep(sweeps.find("tiny"))
        await until(pilot, lambda: "a run is live here: stop it first" in seen(pilot))
        app.live.send(commands.Abandon())
        await until(pilot, lambda: app.queue is None, 90)
        assert [store.summary(run).status for run in store.everything()] == ["abandoned"]


async def test_a_broken_sweep_says_so(tiny: Path) -> None:
    tiny.write_text("about = [")
    async with lab() as pilot:
        app = app_of(pilot)
        app.ask_sweep(sweeps.read(tiny))
        await until(pilot, lambda: "tiny.toml is not TOML" in seen(pilot))
        assert app.screen is app.lab


def test_a_table_gives_up_its_last_columns_and_then_its_labels() -> None:
    part = Part(
        ("run", "figure", "published", "measured", "time"), (), [("a label of thirty letters and more", "test", "1", "2", "3 s")]
    )
    assert fitting(part, 100) == [34, 6, 9, 8, 4]
    assert fitting(part, 60) == [25, 6, 9, 8, 4]
    assert fitting(part, 40) == [11, 6, 9, 8]
