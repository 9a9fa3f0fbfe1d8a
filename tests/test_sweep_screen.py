"""A sweep in the lab: from the palette or the form over the sheet, run after run, to the board or the table at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual import events
from textual.command import CommandList
from textual.pilot import Pilot

import fake_engine
from heirs import fake  # noqa: F401  # used by name
from made import app_of, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer import commands, paths, sweeps
from tui_trainer.app.app import TrainerApp
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.app.screens.sweep_result import SweepResultScreen, fitting
from tui_trainer.app.screens.sweep_sheet import SweepSheet
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.runs import store
from tui_trainer.runs.result import Part
from tui_trainer.session.forecast import Forecaster
from tui_trainer.session.race import Race

pytestmark = pytest.mark.usefixtures("fake", "without_torch")

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
LONG = TINY.replace("steps = 2", "epochs = 1000")
LISTS = {"preset": "linear,mlp", "dataset": "digits", "lr": "1e-3,1e-2", "steps": "2", "device": "cpu"}


@pytest.fixture(autouse=True)
def tiny() -> Path:
    path = paths.your_presets() / "sweeps" / "tiny.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TINY, encoding="utf-8")
    return path


@asynccontextmanager
async def lab(size: tuple[int, int] = (120, 36), **given: object) -> AsyncIterator[Pilot[None]]:
    """The app; what runs at the end is abandoned and waited for."""
    app = TrainerApp(given or {"preset": "linear", "dataset": "digits"})
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.lab.form.focused_field == "start" and "not started" in text_of(app.screen))
        try:
            yield pilot
        finally:
            app.queue = app.crew = None
            app.live.send(commands.Abandon())
    assert app.live.session is None or app.live.session.wait(60)


def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys without waiting until all is quiet: beside a run that goes on it never is."""
    for key in keys:
        pilot.app.simulate_key(key)


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


@pytest.mark.parametrize("size", [pytest.param((80, 24), marks=pytest.mark.long), (120, 36)])
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


async def test_stop_goes_on_with_the_next_skip_is_for_good_and_the_sweep_goes_on_where_it_was(tiny: Path) -> None:
    tiny.write_text(LONG.replace("published", "# published"))
    async with lab() as pilot:
        app = app_of(pilot)
        await asked(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "sweep 1 of 2" in seen(pilot) and app.live.history.step > 12)
        assert "b board   k skip   X stop" in seen(pilot)
        press(pilot, "X")
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        assert "It is run 1 of 2 of sweep tiny." in seen(pilot)
        assert "tui-trainer sweep tiny" in seen(pilot)
        press(pilot, "escape")
        await until(pilot, lambda: app.screen is app.lab)
        press(pilot, "X")
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        press(pilot, "X")
        await until(pilot, lambda: "sweep 2 of 2" in seen(pilot) and app.live.history.step > 2)
        press(pilot, "A")  # asks the same
        await until(pilot, lambda: "Stop the run or the sweep?" in seen(pilot))
        press(pilot, "escape")
        await until(pilot, lambda: app.screen is app.lab)
        press(pilot, "b")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and "● sweep 2 of 2" in seen(pilot))
        press(pilot, "k")
        await until(pilot, lambda: "Skip this run?" in seen(pilot))
        press(pilot, "k")
        await until(pilot, lambda: app.queue is None)
        assert [store.summary(run).status for run in store.everything()] == ["stopped", "stopped"]
        first = store.everything()[-1]
        kept = store.summary(first).steps

        press(pilot, "escape")
        await until(pilot, lambda: app.screen is app.lab)
        await asked(pilot)
        assert "1 of 2 runs is there already" in seen(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.live.session is not None and app.live.session.run == first and app.live.history.step > kept)
        press(pilot, "X")
        await until(pilot, lambda: "Stop the sweep" in seen(pilot))
        press(pilot, "S")
        await until(pilot, lambda: app.queue is None)
        assert len(store.everything()) == 2, "what was interrupted goes on where it was"


async def test_lists_in_the_form_make_a_sweep_and_one_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fake_engine._begin

    def begin(state: dict[str, dict[str, object]], *rest: object) -> None:
        if state["config"]["preset"] == "linear":
            raise RuntimeError("no net today")
        real(state, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(fake_engine, "_begin", begin)
    async with lab(**LISTS) as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: "4 runs: 2 presets × 2 rates" in seen(pilot))
        command = "tui-trainer train linear,mlp --lr 1e-3,1e-2 --steps 2 --device cpu"
        await until(pilot, lambda: app.lab.setup_face.shell.command == command)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SweepSheet) and "Sweep 4 runs" in seen(pilot))
        assert isinstance(app.screen, SweepSheet)
        seeds = app.screen.sheet.fields["seeds"]
        assert isinstance(seeds, TextField)
        seeds.value = "0"
        await until(pilot, lambda: "✕ a whole number, 1 to 100" in seen(pilot))
        await pilot.press("enter")
        assert isinstance(app.screen, SweepSheet)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.lab)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SweepSheet) and "✕ a whole number, 1 to 100" in seen(pilot))
        assert isinstance(app.screen, SweepSheet)
        app.screen.sheet.fields["seeds"].value = "1"
        await until(pilot, lambda: "✕" not in seen(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "failed: the others go on" in app.saying)
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.queue is None)
        assert sorted(store.summary(run).status for run in store.everything()) == ["failed", "failed", "finished", "finished"]
        await until(pilot, lambda: "2 of 4 runs finished, 2 failed" in seen(pilot))
        await pilot.press("escape", "b")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and "mlp, lr 0.01" in seen(pilot))
        titles = {entry.title for entry in app.get_system_commands(app.lab)}
        assert any(title.startswith("Sweep results: linear-mlp-lr-") for title in titles)


async def test_two_to_four_settings_can_race(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Race] = []
    monkeypatch.setattr(TrainerApp, "begin_race", lambda self, race: begun.append(race) or True)
    async with lab(**LISTS) as pilot:
        app = app_of(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(Forecaster, "of", None)  # in a frame in which nothing is new, nobody asks how long hundreds of runs take
            app.lab.show()
        app.queue = SimpleNamespace(let_go=lambda: None, swept=True, sweep=SimpleNamespace(name="nets"))
        app.end_sweep()
        assert app.screen is app.lab, "no board comes over somebody who types in the form"
        assert "sweep nets is over: Ctrl+P" in app.saying
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SweepSheet) and "Sweep 4 runs" in seen(pilot))
        await pilot.press("tab", "tab", "r")
        await until(pilot, lambda: "Race 4 runs" in seen(pilot) and "at once" not in seen(pilot))
        await pilot.press("tab", *"500 steps")
        for _ in range(2):  # before the first has been answered
            app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: bool(begun) and app.screen is app.lab)
        assert len(begun) == 1
        assert [lane.label for lane in begun[0].lanes] == ["linear, lr 0.001", "linear, lr 0.01", "mlp, lr 0.001", "mlp, lr 0.01"]
        assert begun[0].setups[0].config.steps == 500


async def test_several_at_once_are_watched_and_left_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    async with lab(**LISTS | {"preset": "linear", "steps": "100000"}) as pilot:
        app = app_of(pilot)
        monkeypatch.setattr("tui_trainer.session.parallel.cores", lambda: 2)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SweepSheet) and "2 at most" in seen(pilot))
        assert isinstance(app.screen, SweepSheet)
        app.screen.sheet.fields["parallel"].value = "2"
        await pilot.press("enter")
        await until(pilot, lambda: app.crew is not None and len(app.crew.live) == 2 and app.live.history.step > 0)
        await until(pilot, lambda: "sweep 2 of 2 · 2 at once" in seen(pilot))
        assert app.live.attached
        press(pilot, "k")
        await until(pilot, lambda: "Skip this run?" in seen(pilot) and "It is the one in the lab." in seen(pilot))
        press(pilot, "escape")
        await until(pilot, lambda: app.screen is app.lab)
        press(pilot, "q")
        await until(pilot, lambda: "Leave tui-trainer?" in seen(pilot) and "2 runs go on without this" in seen(pilot))
        press(pilot, "escape")
        await until(pilot, lambda: app.screen is app.lab)
        press(pilot, "X")
        await until(pilot, lambda: "Stop the sweep" in seen(pilot))
        press(pilot, "S")
        await until(pilot, lambda: app.queue is None)
        assert [store.summary(run).status for run in store.everything()] == ["stopped", "stopped"]


async def test_abandoning_a_run_ends_the_sweep_and_another_waits_for_it(tiny: Path) -> None:
    tiny.write_text(LONG)
    async with lab() as pilot:
        app = app_of(pilot)
        await asked(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.live.history.step > 0)
        app.ask_sweep(sweeps.find("tiny"))
        await until(pilot, lambda: "a run is live here: stop it first" in seen(pilot))
        app.live.send(commands.Abandon())
        await until(pilot, lambda: app.queue is None)
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
