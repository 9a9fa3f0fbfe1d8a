"""The Inspect tab: matrix, card and pictures follow the cursor, and say in words what is not there yet."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from made import app_of, ended, evaluated, made, mistakes, opened, started, text_of, until, without_torch  # noqa: F401  # by name
from tui_trainer.app.screens.inspect import InspectScreen
from tui_trainer.app.views.picture_panel import mistakes as pictures_of
from tui_trainer.events import Event
from tui_trainer.session import Session

pytestmark = pytest.mark.usefixtures("without_torch")


def screen_of(pilot: Pilot[None]) -> InspectScreen:
    tab = app_of(pilot).tab
    assert isinstance(tab, InspectScreen)
    return tab


async def inspecting(pilot: Pilot[None], *events: Event) -> InspectScreen:
    """A record on the screen, and the tab on it."""
    app = app_of(pilot)
    app.live.open(Session(made("cnn", *events)))
    await until(pilot, lambda: app.live.history.started is not None)
    app.action_tab("Inspect")
    await until(pilot, lambda: isinstance(app.tab, InspectScreen) and app.tab.is_mounted)
    await pilot.pause()
    return screen_of(pilot)


async def test_no_run_yet() -> None:
    async with opened("Inspect") as pilot:
        await until(pilot, lambda: "no run yet" in text_of(pilot.app.screen))


async def test_no_evaluation_yet() -> None:
    async with opened() as pilot:
        await inspecting(pilot, started())
        await until(pilot, lambda: "no evaluation yet" in text_of(pilot.app.screen))


async def test_no_mistakes_at_all() -> None:
    async with opened() as pilot:
        await inspecting(pilot, started(), evaluated(((50, 0, 0), (0, 50, 0), (0, 0, 50))), mistakes(), ended())
        await until(pilot, lambda: "no mistakes" in text_of(pilot.app.screen))


async def test_the_worst_pair_is_selected_and_explained() -> None:
    async with opened() as pilot:
        screen = await inspecting(pilot, started(), evaluated(), mistakes((1, 0), (0, 1), (0, 2)), ended())
        await until(pilot, lambda: "cat taken for dog" in text_of(pilot.app.screen))
        assert screen.matrix.selected == (0, 1)
        text = text_of(pilot.app.screen)
        for words in (
            "80.0 %   40 of 50",
            "90.9 %   40 of 44 called cat",
            "taken for dog 18.0 %",
            "validation picture 101",
            "80.0 %",
        ):
            assert words in text


async def test_a_class_of_one_picture_among_equals() -> None:
    async with opened() as pilot:
        await inspecting(pilot, started(), evaluated(((0, 1, 0), (0, 0, 1), (1, 0, 0))), mistakes((0, 1)), ended())
        await until(pilot, lambda: " 1 picture " in text_of(pilot.app.screen))
        assert "as of every other" in text_of(pilot.app.screen)
        assert "highest" not in text_of(pilot.app.screen)


async def test_pictures_and_card_follow_the_cursor() -> None:
    async with opened() as pilot:
        screen = await inspecting(pilot, started(), evaluated(), mistakes((1, 0), (0, 1), (2, 1)), ended())
        await until(pilot, lambda: screen.pictures.of_cell == 1)
        await pilot.press("down", "left")
        await until(pilot, lambda: screen.pictures.title == "dog taken for cat")
        assert screen.pictures.pictures[0].true == 1
        assert screen.card.title == "dog"
        await pilot.press("h", "l", "l", "l")
        await until(pilot, lambda: screen.pictures.title == "dog taken for bird")
        assert "none of this pair is among the kept pictures" in text_of(pilot.app.screen)


async def test_next_worst_goes_round() -> None:
    async with opened() as pilot:
        screen = await inspecting(pilot, started(), evaluated(), mistakes((0, 1)), ended())
        await until(pilot, lambda: screen.matrix.selected == (0, 1))
        seen = [screen.matrix.selected]
        for _ in range(5):
            await pilot.press("n")
            await pilot.pause()
            seen.append(screen.matrix.selected)
        assert seen[:3] == [(0, 1), (1, 0), (2, 1)]
        assert seen[5] == (0, 1)


async def test_enter_goes_to_the_pictures_and_escape_back() -> None:
    async with opened() as pilot:
        screen = await inspecting(pilot, started(), evaluated(), mistakes((0, 1), (0, 1), (1, 0)), ended())
        await until(pilot, lambda: screen.pictures.of_cell == 2)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is screen.pictures)
        await pilot.press("right")
        assert screen.pictures.at == 1
        await pilot.press("right")
        await until(pilot, lambda: "this is another pair" in text_of(pilot.app.screen))
        await pilot.press("right", "left")
        assert screen.pictures.at == 2
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.focused is screen.matrix)
        await pilot.press("escape")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 36), (160, 50)])
async def test_it_folds_sensibly(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await inspecting(pilot, started(), evaluated(), mistakes((0, 1)), ended())
        await until(pilot, lambda: "Confusion" in text_of(pilot.app.screen))
        text = text_of(pilot.app.screen)
        assert "40 of 50" in text
        assert ("validation picture" in text) == (size[0] >= 80)


async def test_class_names_cannot_steer_the_terminal() -> None:
    async with opened() as pilot:
        await inspecting(pilot, started(("c\x1b[31mat", "[b]dog[/b]", "bird")), evaluated(), mistakes((0, 1)), ended())
        await until(pilot, lambda: "[b]dog[/b]" in text_of(pilot.app.screen))
        assert "\x1b" not in text_of(pilot.app.screen)


@pytest.mark.parametrize("depth", ["16", "none"])
async def test_without_colours_the_cell_and_the_picture_still_show(depth: str) -> None:
    async with opened(depth=depth, ascii_only=depth == "none") as pilot:
        screen = await inspecting(pilot, started(), evaluated(), mistakes((0, 1), (1, 0)), ended())
        await until(pilot, lambda: screen.pictures.of_cell == 1 and "validation picture" in text_of(pilot.app.screen))
        assert "▀" not in text_of(pilot.app.screen)
        assert depth == "16" or "[  9]" in text_of(pilot.app.screen)


def test_a_probe_that_does_not_agree_with_itself_gives_no_pictures() -> None:
    whole = mistakes((0, 1), (1, 0))
    assert [one.index for one in pictures_of(whole)] == [100, 101]
    for wrong in (
        {"data": whole.data[:-8]},
        {"data": "not base64!"},
        {"shape": (2, 1, 4)},
        {"shape": (3, 1, 4, 4)},
        {"facts": {"true": (0.0, 1.0)}},
    ):
        fields = {"data": whole.data, "shape": whole.shape, "facts": whole.facts} | wrong
        assert pictures_of(type(whole)(10, 1, "mistakes", fields["shape"], fields["data"], fields["facts"])) == []  # type: ignore[arg-type]
