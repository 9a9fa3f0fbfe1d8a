"""The source of a preset: every line of it, colours where it can be read, the wrong line marked, the editor on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from made import PRESET, app_of, opened, text_of, until, without_torch  # noqa: F401  # the fixture is used by name
from stage import drawn, staged, style_of
from tui_trainer import paths, preset
from tui_trainer.app.screens.source import SourceScreen, line_of
from tui_trainer.app.widgets.source_text import SourceText, coloured, first_line

SOURCE = '"""Doc."""\n\nimport math\n\n\ndef area(r: float) -> float:  # of a circle\n    return 2.5 * r**2 + len("text")\n'


async def test_lines_have_numbers_and_colours() -> None:
    text = SourceText()
    async with staged(text, 60, 10):
        text.show("circle.py", SOURCE)
        rows = drawn(text)
        assert rows[1] == '  1  """Doc."""'.replace("  1", "  1", 1)
        assert rows[6].split() == ["6", "def", "area(r:", "float)", "->", "float:", "#", "of", "a", "circle"]
        ink = text.ink
        assert style_of(text, "def") == ink.ink("you")
        assert style_of(text, "area") == ink.ink("train")
        assert style_of(text, "# of a circle") == ink.ink("dim")
        assert style_of(text, "2.5") == ink.ink("val")
        assert style_of(text, '"text"') == ink.ink("best")


async def test_a_long_line_goes_on_below_itself() -> None:
    text = SourceText()
    async with staged(text, 40, 10):
        text.show("long.py", "value = " + " + ".join(f"name{at}" for at in range(12)))
        words = " ".join(" ".join(drawn(text)[1:]).split())
        assert words == "1 value = " + " + ".join(f"name{at}" for at in range(12))


@pytest.mark.parametrize("source", ["", "\n\n", "x = (", "'''open", "\tx = 1\n  y", "\x00", "x = 1 \x1b[31m"])
async def test_what_cannot_be_tokenized_is_shown_all_the_same(source: str) -> None:
    text = SourceText()
    async with staged(text, 40, 8):
        text.show("broken.py", source)
        assert "\x1b" not in "".join(drawn(text))
        assert isinstance(coloured(source), dict)
        assert first_line(source) >= 0


async def test_the_wrong_line_is_red() -> None:
    text = SourceText()
    async with staged(text, 40, 8):
        text.show("broken.py", "good = 1\nbad = (\n", problem="broken.py line 2: never closed", marked=2)
        assert "✕ broken.py line 2" in drawn(text)[1]
        assert style_of(text, "bad") == text.ink.ink("worse")
        assert style_of(text, "good") == text.ink.ink()


def test_the_line_that_a_sentence_names() -> None:
    assert line_of("cnn.py line 12: never closed") == 12
    assert line_of("cnn.py is not Python") == 0


def test_code_starts_below_the_text() -> None:
    assert first_line(SOURCE) == 2
    assert first_line("x = 1") == 0


async def shown(pilot: Pilot[None], name: str) -> SourceScreen:
    screen = SourceScreen(preset.find(name, app_of(pilot).preset_folders))
    pilot.app.push_screen(screen)
    await until(pilot, lambda: pilot.app.screen is screen and f"{name}.py" in text_of(screen))
    return screen


@pytest.mark.usefixtures("without_torch")
async def test_a_shipped_one_is_copied_before_it_is_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    edited: list[Path] = []

    def edit(path: Path) -> str:
        edited.append(path)
        path.write_text('"""Edited now."""\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
        return ""

    async with opened() as pilot:
        screen = await shown(pilot, "cnn")
        before = preset.source(screen.preset)
        monkeypatch.setattr(app_of(pilot), "edit", edit)
        await pilot.press("e")
        await until(pilot, lambda: "Edited now." in text_of(pilot.app.screen))
        assert edited == [paths.your_presets() / "cnn.py"]
        assert (paths.shipped_presets() / "cnn.py").read_text(encoding="utf-8") == before
        await pilot.press("e")  # the user's own: no second copy over it
        assert edited == [paths.your_presets() / "cnn.py"] * 2
        assert preset.find("cnn").yours


@pytest.mark.usefixtures("without_torch")
async def test_what_the_editor_says_is_said() -> None:
    async with opened() as pilot:
        await shown(pilot, "mlp")
        app_of(pilot).edit = lambda path: "vi cannot be started"  # type: ignore[method-assign]
        await pilot.press("e")
        await until(pilot, lambda: "vi cannot be started" in text_of(pilot.app.screen))


@pytest.mark.usefixtures("without_torch")
async def test_a_broken_one_says_what_is_wrong_and_scrolls(tmp_path: Path) -> None:
    (tmp_path / "torn.py").write_text(PRESET + "    # more\n" * 60 + "    return (\n", encoding="utf-8")
    async with opened(folders=(tmp_path,)) as pilot:
        await shown(pilot, "torn")
        assert "✕ torn.py line" in text_of(pilot.app.screen)
        await pilot.press("G")
        await until(pilot, lambda: "return (" in text_of(pilot.app.screen))
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.screen is app_of(pilot).lab)
