"""The sheet: the safe choice is marked first, each key does what stands on it, and it fits the smallest terminal."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from made import app_of, opened, text_of, until, without_torch  # noqa: F401  # the fixture is used by name
from tui_trainer.app.screens.sheet import Choice, Sheet

pytestmark = pytest.mark.usefixtures("without_torch")

STAY = Choice("go on", "Go on", "Esc", "stay here; nothing happens to the run")
STOP = Choice("stop", "Stop and keep", "X", "finishes the batch, evaluates, saves; can be resumed")
ABANDON = Choice("abandon", "Abandon", "A", "end now, lose 204 steps")
FACT = "The run 7f3a is at epoch 6 of 10 and needs about 42 s more."


async def asked(pilot: Pilot[None]) -> list[str | None]:
    """A sheet on the screen, and where its answer goes."""
    answers: list[str | None] = []
    pilot.app.push_screen(Sheet("Leave tui-trainer?", FACT, [STAY, STOP], ABANDON), answers.append)
    await until(pilot, lambda: isinstance(pilot.app.screen, Sheet) and "Leave tui-trainer?" in text_of(pilot.app.screen))
    return answers


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], "go on"),
        (["escape"], "go on"),
        (["right", "enter"], "stop"),
        (["tab", "enter"], "stop"),
        (["l", "h", "enter"], "go on"),
        (["left", "enter"], "stop"),
        (["X"], "stop"),
        (["A"], "abandon"),
        (["right", "escape"], "go on"),
    ],
)
async def test_each_key_answers(keys: list[str], answer: str) -> None:
    async with opened() as pilot:
        answers = await asked(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: bool(answers))
        assert answers == [answer]


async def test_a_second_ctrl_c_stops_and_keeps() -> None:
    async with opened() as pilot:
        answers = await asked(pilot)
        sheet = pilot.app.screen
        assert isinstance(sheet, Sheet)
        sheet.choose("detach")  # is not offered here: nothing happens
        assert not answers
        sheet.choose("stop")
        await until(pilot, lambda: bool(answers))
        assert answers == ["stop"]


async def test_other_keys_of_the_screen_below_do_nothing() -> None:
    async with opened() as pilot:
        answers = await asked(pilot)
        await pilot.press("q", "f3", "space", "x")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Sheet)
        assert not answers
        assert app_of(pilot).tab is not None
        assert app_of(pilot).tab.TAB == "Lab"  # type: ignore[union-attr]  # asserted above


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 18)])
async def test_everything_is_said_at_every_size(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await asked(pilot)
        rows = text_of(pilot.app.screen).splitlines()
        together = " ".join(" ".join(rows).split())
        for words in ("Go on", "Stop and keep", "end now, lose 204 steps: A abandon", "Enter do it", "Esc go on"):
            assert words in together
        assert FACT in together
        assert rows[0].strip().startswith("tui-trainer")  # the screen below stays in sight
        assert len(rows) == size[1]


async def test_choices_stand_side_by_side_only_where_there_is_room() -> None:
    async with opened() as pilot:
        await asked(pilot)
        assert any("Go on" in row and "Stop and keep" in row for row in text_of(pilot.app.screen).splitlines())
        await pilot.resize_terminal(80, 24)
        await until(
            pilot, lambda: not any("Go on" in row and "Stop and keep" in row for row in text_of(pilot.app.screen).splitlines())
        )
        assert "▸ Go on" in text_of(pilot.app.screen)


async def test_a_click_on_a_choice_takes_it() -> None:
    async with opened() as pilot:
        answers = await asked(pilot)
        rows = text_of(pilot.app.screen).splitlines()
        row = next(at for at, one in enumerate(rows) if "Stop and keep" in one and "Go on" in one)
        await pilot.click(offset=(rows[row].index("Stop"), row))
        await until(pilot, lambda: bool(answers))
        assert answers == ["stop"]


async def test_the_status_line_below_goes_on() -> None:
    async with opened() as pilot:
        await asked(pilot)
        app_of(pilot).say("something happened below")
        await until(pilot, lambda: "something happened below" in text_of(pilot.app.screen))


@pytest.mark.parametrize("depth", ["16", "none"])
async def test_the_marked_choice_shows_without_colour(depth: str) -> None:
    async with opened(depth=depth) as pilot:
        await asked(pilot)
        assert "▸ Go on" in text_of(pilot.app.screen)
        await pilot.press("right")
        await until(pilot, lambda: "▸ Stop and keep" in text_of(pilot.app.screen))


async def test_ascii_where_the_locale_has_no_utf_8() -> None:
    async with opened(ascii_only=True) as pilot:
        await asked(pilot)
        assert "> Go on" in text_of(pilot.app.screen)
        assert text_of(pilot.app.screen).isascii()
