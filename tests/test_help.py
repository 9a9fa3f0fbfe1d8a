"""The help is made from the bindings of the screen below, and closes by the keys it names."""

from __future__ import annotations

import pytest

from made import app_of, opened, text_of, until, without_torch  # noqa: F401  # the fixture is used by name
from tui_trainer.app.keys import named, shown
from tui_trainer.app.screens.help import HelpScreen, groups
from tui_trainer.app.screens.tab import Tab

pytestmark = pytest.mark.usefixtures("without_torch")


async def test_every_active_binding_of_ours_is_listed() -> None:
    async with opened("Runs") as pilot:
        screen = pilot.app.screen
        listed = {one.word for _, lines in groups(screen, [Tab]) for one in lines}
        for _, binding, _, _ in screen.active_bindings.values():
            if not binding.system and binding.tooltip and binding.tooltip.strip():
                assert binding.description in listed or binding.action == "screen.copy_text"
        titles = [title for title, _ in groups(screen, [Tab])]
        assert titles == ["Runs", "This screen", "Everywhere"]


async def test_what_only_the_framework_names_is_left_out() -> None:
    async with opened("Lab") as pilot:
        for field in ("start", "lr", "preset"):
            app_of(pilot).lab.form.focus_field(field)
            await pilot.pause()
            words = [one.word for _, lines in groups(pilot.app.screen, [Tab]) for one in lines]
            assert "leave the field" in words
            assert not [word for word in words if word[:1].isupper() and word not in {"Lab", "Runs", "Inspect", "Presets"}]


async def test_keys_that_make_no_sense_now_are_marked() -> None:
    async with opened("Runs") as pilot:  # there are no runs: nothing can be deleted
        lines = {one.word: one for _, found in groups(pilot.app.screen, [Tab]) for one in found}
        assert not lines["delete"].enabled
        assert lines["filter"].enabled


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_it_opens_over_the_screen_and_closes(key: str) -> None:
    async with opened("Runs") as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen) and "Everywhere" in text_of(pilot.app.screen))
        assert "Move this run" in text_of(pilot.app.screen)
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.screen is app_of(pilot).tab)
        assert pilot.app.is_running


async def test_it_scrolls_where_it_does_not_fit() -> None:
    async with opened("Runs", size=(80, 20)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "This screen" in text_of(pilot.app.screen))
        assert "Ctrl+Z" not in text_of(pilot.app.screen)
        await pilot.press("G")
        await until(pilot, lambda: "Ctrl+Z" in text_of(pilot.app.screen))
        await pilot.press("g")
        await until(pilot, lambda: "Ctrl+Z" not in text_of(pilot.app.screen))


@pytest.mark.parametrize(
    ("key", "display"),
    [
        ("ctrl+p", "Ctrl+P"),
        ("question_mark", "?"),
        ("f1", "F1"),
        ("left_square_bracket", "["),
        ("shift+tab", "Shift+Tab"),
        ("A", "A"),
        ("slash", "/"),
        ("escape", "Esc"),
    ],
)
def test_a_key_and_what_stands_on_it(key: str, display: str) -> None:
    assert shown(key) == display
    assert named(display) == key


def test_what_stands_for_several_keys_is_no_key() -> None:
    assert named("←→") is None
    assert named("[ ]") is None
