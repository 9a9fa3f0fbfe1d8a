"""Taking runs and the screen along from within the app, and pictures without a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from made import app_of, ended, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer.app import picture, portrait
from tui_trainer.app.screens.export_sheet import ExportSheet
from tui_trainer.console.export import MAKERS
from tui_trainer.events import Stepped
from tui_trainer.runs.kinds import KINDS
from tui_trainer.runs.store import Run

STEPS = Stepped(11, 1, (0.9, 0.5), 40, 64, 1e-3, 2.0)


def record() -> Run:
    return made("cnn", started(), STEPS, evaluated(), ended())


@pytest.fixture(autouse=True)
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExportSheet, "chosen", ExportSheet.chosen)


@pytest.mark.usefixtures("without_torch")
async def test_what_is_ticked_is_written_and_said(tmp_path: Path) -> None:
    run = record()
    async with opened() as pilot:
        app_of(pilot).open_run(run)
        await until(pilot, lambda: "finished" in text_of(pilot.app.screen))
        await pilot.press("E")
        sheet = pilot.app.screen
        assert isinstance(sheet, ExportSheet)
        assert "Export   run " + run.id in text_of(sheet)
        sheet.sheet.field.value = str(tmp_path / "nowhere" / "\0")
        await pilot.press("enter")
        assert not sheet.sheet.writing, "a folder that cannot be made loses nothing"
        assert "✕" in text_of(sheet)
        sheet.sheet.field.value = str(tmp_path / "along")
        await pilot.press("enter")
        await until(pilot, lambda: sheet.over)
        await until(pilot, lambda: "written to" in text_of(sheet))
        folder = tmp_path / "along"
        assert (folder / f"tui-trainer-{run.id}.svg").read_text(encoding="utf-8").startswith("<svg")
        assert sorted(one.name for one in (folder / f"cnn-digits-{run.id}").iterdir()) == [
            "card.txt",
            "steps.csv",
            "validations.csv",
        ]
        await pilot.press("escape")
        assert pilot.app.screen is app_of(pilot).lab
        await pilot.press("E")
        again = pilot.app.screen
        assert isinstance(again, ExportSheet)
        again.sheet.field.value = str(folder)
        await pilot.press("enter")
        await until(pilot, lambda: again.sheet.writing)
        await pilot.press("escape")
        await until(pilot, lambda: "the rest was given up; what was written before is in" in text_of(pilot.app.screen))


@pytest.mark.usefixtures("without_torch")
async def test_with_nothing_ticked_nothing_is_written_and_the_list_is_kept_for_the_next_time(tmp_path: Path) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("escape", "E")
        sheet = pilot.app.screen
        assert isinstance(sheet, ExportSheet)
        assert list(sheet.sheet.kinds) == ["svg", "png"], "no run is open"
        await pilot.press("space", "enter")
        assert "nothing is ticked" in text_of(sheet)
        await pilot.press("a")
        assert sheet.sheet.chosen == {"svg", "png"}
        await pilot.press("space")
        sheet.sheet.field.value = str(tmp_path)
        await pilot.press("enter")
        assert ExportSheet.chosen == {"png", "card", "csv"}, "what was not offered is as it was"
        given_up: list[str] = []
        sheet.exporting = SimpleNamespace(cancel=lambda: given_up.append("all"), lines=(), code=None)
        app_of(pilot)._close_layers()  # as the question before leaving does
        await until(pilot, lambda: given_up == ["all"])
        assert not isinstance(pilot.app.screen, ExportSheet)


@pytest.mark.usefixtures("without_torch")
async def test_dots_blocks_and_stars_are_drawn_as_shapes_at_their_place() -> None:
    async with opened(size=(60, 18)) as pilot:
        drawn = picture.svg(pilot.app)
    assert "@font-face" not in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "").replace("https://www.textualize.io", "")
    text = '<text class="a" x="12.2" y="44.4" textLength="61" clip-path="url(#c)">ab⠁★▀</text>'
    shaped = picture._TEXT.sub(picture._shaped, text)
    assert '<text class="a" x="12.20" y="44.4" textLength="24.40" clip-path="url(#c)">ab</text>' in shaped
    assert '<circle class="a" cx="39.65" cy="28.95"' in shaped
    assert shaped.count("<polygon") == 1
    assert '<rect class="a" x="61.00" y="25.90" width="12.35" height="12.20"' in shaped


def test_a_run_is_drawn_without_a_terminal(tmp_path: Path) -> None:
    run = record()
    drawn = portrait.portrait(run, (80, 24), light=True)
    assert "Loss" in drawn
    assert "#fbfaf6" in drawn, "the light ground"
    picture.png(drawn, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_where_nothing_draws_png_it_is_said_what_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(picture.NoPicture, match=r"pip install 'tui-trainer\[pictures\]'"):
        picture.png("<svg/>", tmp_path / "a.png")


def test_each_kind_has_somebody_who_makes_it() -> None:
    assert set(MAKERS) | {"svg", "png"} == set(KINDS)
