"""What is done to runs in their table: marked, compared, called something, deleted, brought back, gone on with."""

from __future__ import annotations

import pytest

from made import app_of, ended, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from runs_table import presets, screen_of
from tui_trainer import session
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.app.screens.label_sheet import LabelSheet
from tui_trainer.app.screens.sheet import Sheet
from tui_trainer.runs import labels, log, store, trash
from tui_trainer.session import revival

pytestmark = pytest.mark.usefixtures("without_torch")


async def test_run_again_fills_the_form() -> None:
    made("mlp", ended(), lr=0.0123)
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 1)
        await pilot.press("r")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)
        raw = app_of(pilot).lab.form.raw()
        assert raw["preset"] == "mlp"
        assert float(str(raw["lr"])) == 0.0123


async def test_delete_asks_first_and_can_be_undone() -> None:
    run, other = made("cnn", ended()), made("mlp", ended())
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 2)
        await pilot.press("G", "D")
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        await pilot.press("enter")  # the safe one is marked
        await until(pilot, lambda: pilot.app.screen is screen_of(pilot))
        assert run.folder.is_dir()
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        await pilot.press("D")
        await until(pilot, lambda: presets(pilot) == ["mlp"])
        assert not run.folder.exists()
        await until(pilot, lambda: "u undo" in text_of(pilot.app.screen).splitlines()[-1])
        await pilot.press("u")
        await until(pilot, lambda: presets(pilot) == ["mlp", "cnn"])
        assert run.folder.is_dir()
        assert screen_of(pilot).table.cursor == 1
        await pilot.press("space", "k", "space", "D")  # what is marked goes together, and comes back together
        await until(pilot, lambda: "Delete 2 marked runs?" in text_of(pilot.app.screen))
        assert "The filter hides" not in text_of(pilot.app.screen)
        await pilot.press("escape", "slash", *"mlp", "enter", "D")
        await until(pilot, lambda: "The filter hides 1 of them." in text_of(pilot.app.screen))
        await pilot.press("D")
        await until(pilot, lambda: "no runs yet" in text_of(pilot.app.screen))
        assert screen_of(pilot).marked == []
        assert trash.latest()[0].moment == trash.latest()[1].moment
        await pilot.press("escape", "u")
        await until(pilot, lambda: len(presets(pilot)) == 2)
        assert other.folder.is_dir()
        await pilot.press("u")
        await until(pilot, lambda: "there is nothing in the trash" in text_of(pilot.app.screen))


async def test_marked_runs_are_compared() -> None:
    runs = [
        made(preset, started(), evaluated(), ended(), lr=rate) for preset, rate in (("cnn", 0.1), ("mlp", 0.2), ("linear", 0.3))
    ]
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 3)
        await pilot.press("c")
        await until(pilot, lambda: "mark two runs or more" in text_of(pilot.app.screen))
        await pilot.press("space")
        screen, row = (
            screen_of(pilot),
            next(at for at, one in enumerate(text_of(pilot.app.screen).splitlines()) if runs[0].id in one),
        )
        await pilot.click(offset=(2, row))  # the edge of a row marks it
        await until(pilot, lambda: [one.run for one in screen.marked] == [runs[2], runs[0]])
        assert screen.table.current is not None
        assert screen.table.current.run == runs[0]
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        compared = pilot.app.screen
        assert isinstance(compared, CompareScreen)
        assert [run for _, entry in compared.field.entries() for run in entry] == [runs[2], runs[0]]
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("M")
        assert screen.marked == []


async def test_a_name_and_a_note_are_kept_and_nothing_typed_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn", started(), ended())
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 1)
        await pilot.press("n", *"try")
        sheet = pilot.app.screen
        assert isinstance(sheet, LabelSheet)
        assert sheet.sheet.fields["note"].value == "try"
        sheet.sheet.fields["note"].value, sheet.sheet.fields["name"].value = "try wider", "net " * 20
        await pilot.press("up", "enter")
        await until(pilot, lambda: "at most 60 characters" in text_of(pilot.app.screen))
        sheet.sheet.fields["name"].value = "wide"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is screen_of(pilot))
        assert labels.read(run) == labels.Label("wide", "try wider")
        await until(pilot, lambda: "note “try wider”" in text_of(pilot.app.screen))
        assert any("wide" in one and "cnn" in one for one in text_of(pilot.app.screen).splitlines())
        await pilot.press("N", *"x", "escape")
        assert labels.read(run).name == "wide"

        def refuse(*_: object, **__: object) -> None:
            raise store.StoreError("the disk is full")

        monkeypatch.setattr(labels, "write", refuse)
        await pilot.press("N", *"r", "enter")
        await until(pilot, lambda: "✕ the disk is full" in text_of(pilot.app.screen))
        again = pilot.app.screen
        assert isinstance(again, LabelSheet)
        assert again.sheet.fields["note"].value == "try wider"
        await pilot.press("tab", "!")
        assert again.sheet.fields["note"].value == "try wider!", "a letter goes on with the note"


async def test_a_running_one_is_not_deleted_and_is_read_again() -> None:
    trash.put(made("mlp", ended()), trash.new_moment())
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(started())
        async with opened("Runs") as pilot:
            await until(pilot, lambda: "● training" in text_of(pilot.app.screen))
            await pilot.press("u")  # which looks at all runs anew, and must not keep this one from being read
            await until(pilot, lambda: sorted(presets(pilot)) == ["cnn", "mlp"])
            await pilot.press("home" if presets(pilot)[0] == "cnn" else "end")
            await pilot.press("D")
            await until(pilot, lambda: "stop it first" in text_of(pilot.app.screen))
            assert run.folder.is_dir()
            write(evaluated())
            write(ended(best=0.876))
            write.close()
            await until(pilot, lambda: "87.6 %" in text_of(pilot.app.screen))
            assert "✓ done" in text_of(pilot.app.screen)


async def test_a_run_is_resumed_here_with_a_key_and_refusals_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[store.Run] = []
    monkeypatch.setattr(session.Session, "start", lambda self, after=None, resume=None: begun.append(self.run))
    run = made("cnn", started(), evaluated(), ended("stopped"))
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 1)
        await pilot.press("g")
        await until(pilot, lambda: begun == [run])
        assert app_of(pilot).tab is app_of(pilot).lab
    broken = made("mlp", started(), ended("stopped"))
    broken.config_file.write_text("{}", encoding="utf-8")
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 2)
        while screen_of(pilot).table.current is None or screen_of(pilot).table.current.run != broken:
            await pilot.press("down")
        await pilot.press("g")
        await until(pilot, lambda: "cannot be used" in text_of(pilot.app.screen))
    assert begun == [run]


async def test_all_that_is_lost_is_resumed_from_the_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = [made("cnn", started()), made("mlp", started())]
    resumed: list[store.Run] = []

    def background(run: store.Run) -> int:
        if run == lost[0]:
            raise store.StoreError("no memory")
        resumed.append(run)
        return 4711

    monkeypatch.setattr(revival, "background", background)
    made("linear", started(), ended())
    async with opened("Runs") as pilot:
        command = next(one for one in app_of(pilot).get_system_commands(pilot.app.screen) if "Resume all" in one.title)
        command.callback()
        await until(pilot, lambda: "1 run goes on in the background; run" in text_of(pilot.app.screen))
        assert f"run {lost[0].id} stays lost: no memory" in text_of(pilot.app.screen)
        assert resumed == [lost[1]]
