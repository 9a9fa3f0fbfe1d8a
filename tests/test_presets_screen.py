"""The Presets tab: what each preset says of itself, broken ones in words, and Enter that uses one."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from made import PRESET, app_of, opened, text_of, until, without_torch  # noqa: F401  # the fixture is used by name
from tui_trainer.app.screens.presets import PresetsScreen
from tui_trainer.app.screens.source import SourceScreen

pytestmark = pytest.mark.usefixtures("without_torch")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good preset and a broken one."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "aaa.py").write_text(PRESET, encoding="utf-8")
    (folder / "aab.py").write_text('"""Fine so far."""\n\ndef build(:\n', encoding="utf-8")
    return folder


def screen_of(pilot: Pilot[None]) -> PresetsScreen:
    tab = app_of(pilot).tab
    assert isinstance(tab, PresetsScreen)
    return tab


async def test_a_preset_is_shown_with_text_defaults_knobs_and_source(folder: Path) -> None:
    async with opened("Presets", folders=(folder,)) as pilot:
        text = text_of(pilot.app.screen)
        for words in ("yours A made preset.", "Its longer text.", "dataset digits", "width", "how wide it is", "def build("):
            assert words in text


async def test_a_broken_one_is_a_line_that_says_what_is_wrong(folder: Path) -> None:
    async with opened("Presets", folders=(folder,)) as pilot:
        assert "1 broken" in text_of(pilot.app.screen)
        await pilot.press("down")
        await until(pilot, lambda: "aab.py line 3" in text_of(pilot.app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: "aab cannot be used" in text_of(pilot.app.screen))
        assert pilot.app.screen is screen_of(pilot)


async def test_enter_uses_it(folder: Path) -> None:
    async with opened("Presets", folders=(folder,)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)
        assert app_of(pilot).lab.form.raw()["preset"] == "aaa"


async def test_filter(folder: Path) -> None:
    async with opened("Presets", folders=(folder,)) as pilot:
        screen = screen_of(pilot)
        await pilot.press("slash", *"its longer text.", "enter")
        await until(pilot, lambda: [one.name for one in screen.list.presets] == ["aaa"] and pilot.app.focused is screen.list)
        assert "▏" not in text_of(pilot.app.screen)
        await pilot.press("slash", *"zzz")
        await until(pilot, lambda: "no preset has these words" in text_of(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: len(screen.list.presets) > 2)


async def test_e_opens_the_source_and_escape_comes_back(folder: Path) -> None:
    async with opened("Presets", folders=(folder,)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, SourceScreen))
        await until(pilot, lambda: '"""A made preset.' in text_of(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen_of(pilot))


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (160, 50)])
async def test_it_folds_sensibly(folder: Path, size: tuple[int, int]) -> None:
    async with opened("Presets", size=size, folders=(folder,)) as pilot:
        text = text_of(pilot.app.screen)
        for words in ("aaa", "cnn", "A made preset."):
            assert words in text
