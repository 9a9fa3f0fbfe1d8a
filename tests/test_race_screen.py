"""The screen of a race, over records of three nets in the middle of two minutes; and one short race that really is run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from made import app_of, opened, text_of, until, without_torch  # noqa: F401  # a fixture
from races import MadeRace, halfway
from tui_trainer import session
from tui_trainer.app.app import TrainerApp
from tui_trainer.app.screens.race import RaceScreen
from tui_trainer.app.screens.race_budget_sheet import RaceBudgetSheet
from tui_trainer.app.screens.sheet import Sheet
from tui_trainer.runs import store
from tui_trainer.session.race import Budget, Race


@asynccontextmanager
async def racing(
    race: MadeRace | None = None, size: tuple[int, int] = (120, 36), depth: str = "full", ascii_only: bool = False
) -> AsyncIterator[tuple[Pilot[None], MadeRace]]:
    """The app with a race that goes on."""
    race = race or halfway()
    async with opened(size=size, depth=depth, ascii_only=ascii_only) as pilot:
        assert app_of(pilot).begin_race(race)
        await until(pilot, lambda: isinstance(pilot.app.screen, RaceScreen) and "cnn" in seen(pilot))
        yield pilot, race


def seen(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen)


def rows(pilot: Pilot[None]) -> list[str]:
    return seen(pilot).splitlines()


async def over(pilot: Pilot[None], race: MadeRace) -> None:
    race.finish()
    await until(pilot, lambda: "✓ finished" in rows(pilot)[-2])


# ---- what is on the screen ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_torch")
async def test_lanes_clock_and_curves_as_in_the_picture() -> None:
    async with racing() as (pilot, race):
        shown = rows(pilot)
        assert shown[0].endswith("race on digits · equal seconds · seed 7")
        assert "linear" in shown[2]
        assert "650 parameters" in shown[2]
        assert shown[3].rstrip().endswith("−17.7")
        assert "━►─" in shown[4]
        assert "┊" in shown[4]
        assert "★ cnn   leads by 7.6 points" in shown[14]
        assert "x: seconds" in shown[20]
        assert "of 2:00" in shown[20]
        assert "44 s to go" in seen(pilot)
        assert "● racing   3 nets take turns on cpu" in shown[-2]
        race.go(0, 0.9, share=0.66)
        await until(pilot, lambda: "★ linear   leads by" in rows(pilot)[2])
        assert "cnn" in rows(pilot)[14]


@pytest.mark.usefixtures("without_torch")
async def test_guess_pause_presenter_axis_and_small_screens() -> None:
    async with racing() as (pilot, race):
        await pilot.press("g")
        await until(pilot, lambda: "hidden until g" in seen(pilot))
        assert "leads" not in seen(pilot).replace("who leads", "")
        assert "−7.6" not in seen(pilot)
        assert "★" not in seen(pilot)
        await pilot.press("g")
        await until(pilot, lambda: "leads by 7.6 points" in seen(pilot))

        await pilot.press("space")
        await until(pilot, lambda: "‖ paused" in rows(pilot)[-2])
        assert race.paused
        await pilot.press("space")
        await until(pilot, lambda: "● racing" in rows(pilot)[-2])
        assert not race.paused

        await pilot.press("x")
        await until(pilot, lambda: "x: samples" in seen(pilot))
        await pilot.press("P")
        await until(pilot, lambda: "tui-trainer" not in seen(pilot))
        assert "Validation accuracy" not in seen(pilot)
        assert "leads by 7.6 points" in seen(pilot)
        assert "of 2:00" in seen(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "Validation accuracy" in seen(pilot))
        for size in ((80, 24), (60, 18)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "leads by 7.6 points" in seen(pilot) and "of 2:00" in seen(pilot))
            assert max(map(len, rows(pilot))) <= size[0]
        await pilot.resize_terminal(59, 17)
        await until(pilot, lambda: "needs 60×18" in seen(pilot))
        assert "racing" in rows(pilot)[-1]


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize("depth", ["16", "none"])
async def test_without_colours_and_without_unicode(depth: str) -> None:
    async with racing(size=(80, 24), depth=depth, ascii_only=depth == "none") as (pilot, _):
        if depth == "none":
            assert seen(pilot).isascii()
            assert "===>" in seen(pilot)
            assert "* cnn   leads by" in seen(pilot)
        else:
            assert "★ cnn   leads by" in seen(pilot)


@pytest.mark.usefixtures("without_torch")
async def test_nothing_is_drawn_of_a_race_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with racing() as (pilot, race):
        await over(pilot, race)
        await until(pilot, lambda: "Enter open" in rows(pilot)[-1])
        polls: list[object] = []
        monkeypatch.setattr(race, "poll", lambda: polls.append(1))
        screen = pilot.app.screen
        assert isinstance(screen, RaceScreen)
        drawn: list[object] = []
        monkeypatch.setattr(screen, "_draw", drawn.append)
        for _ in range(3):
            app_of(pilot)._look()
            await pilot.pause()
        assert not polls
        assert not drawn


# ---- its way through the app -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_torch")
async def test_other_tabs_and_back_and_nothing_else_begins_meanwhile() -> None:
    async with racing() as (pilot, race):
        app = app_of(pilot)
        await pilot.press("f3")
        await until(pilot, lambda: app.tab is not None and app.tab.TAB == "Runs" and app.tab.is_mounted)
        await until(pilot, lambda: "● racing" in rows(pilot)[-2])
        assert "race on digits" in rows(pilot)[0]
        app.fill_form({"preset": "mlp"})
        await until(pilot, lambda: "a race goes on here" in seen(pilot))
        assert not app.open_run(race.lanes[0].run)
        assert not app.begin_race(MadeRace())
        assert app.race is race
        assert app.busy
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await pilot.press("escape")
        await until(pilot, lambda: "the race goes on: X stops it" in seen(pilot))
        assert isinstance(app.screen, RaceScreen)


@pytest.mark.usefixtures("without_torch")
async def test_once_over_it_is_opened_compared_left_and_gone_back_to() -> None:
    async with racing() as (pilot, race):
        app = app_of(pilot)
        await pilot.press("c", "r")
        assert isinstance(app.screen, RaceScreen)
        await over(pilot, race)
        assert "cnn wins by 7.6 points" in rows(pilot)[-2]
        await until(pilot, lambda: "no\nproof" in "\n".join(row[88:].strip() for row in rows(pilot)))
        assert isinstance(app.screen, RaceScreen)
        assert [run.id for run in app.screen.to_export()] == [lane.run.id for lane in race.lanes]
        await pilot.press("c")
        await until(pilot, lambda: app.tab is not None and type(app.tab).__name__ == "CompareScreen")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen) and app.focused is not None)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.live.session is not None and app.screen is app.lab)
        assert app.live.session is not None
        assert app.live.session.run == race.lanes[1].run
        titles = [one.title for one in app.get_system_commands(app.screen)]
        assert "Race: show it" in titles
        app.show_race()
        await until(pilot, lambda: isinstance(app.screen, RaceScreen) and "wins by" in seen(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.lab)


@pytest.mark.usefixtures("without_torch")
async def test_again_with_the_next_seed_and_over_another_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Race] = []
    monkeypatch.setattr(Race, "start", lambda self, after=None: begun.append(self))
    async with racing() as (pilot, race):
        app = app_of(pilot)
        await over(pilot, race)
        await pilot.press("r")
        await until(pilot, lambda: len(begun) == 1)
        assert app.race is begun[0]
        assert [one.config.seed for one in begun[0].setups] == [8, 8, 8]
        assert begun[0].budget == race.budget
        assert begun[0].labels == race.labels
        assert app.races == (race, begun[0])
        app.race = race
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RaceBudgetSheet))
        await pilot.press("ctrl+u", *"9 x", "enter")
        await until(pilot, lambda: "✕ 30 s, 2 min" in seen(pilot))
        await pilot.press("ctrl+u", *"9 steps", "enter")
        await until(pilot, lambda: len(begun) == 2)
        assert begun[1].budget == Budget("steps", 9)
        assert [one.config.seed for one in begun[1].setups] == [7, 7, 7]
        assert app.races == (begun[1],)


@pytest.mark.usefixtures("without_torch")
async def test_leaving_asks_stops_and_keeps() -> None:
    async with racing() as (pilot, race):
        app = app_of(pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Sheet))
        assert "A race of 3 goes on here: 44 s to go." in seen(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        assert not race.asked
        await pilot.press("ctrl+c")
        await until(pilot, lambda: isinstance(app.screen, Sheet))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: race.asked == ["stop"])
        await until(pilot, lambda: "◌ stopping" in rows(pilot)[-2])
        assert app.is_running
        race.finish("stopped")
        await until(pilot, lambda: not app.is_running or app._exit)


@pytest.mark.usefixtures("without_torch")
async def test_what_is_trained_here_is_the_race_while_it_goes_on() -> None:
    async with racing() as (pilot, race):
        app = app_of(pilot)
        trained = app.trained
        assert trained is not None
        assert trained.ours
        assert "cannot go on in the background" in trained.hand_over(leaving=True)
        app._end_run()
        assert race.asked == ["stop", "wait"]
        race.finish("stopped")
        await until(pilot, lambda: not app.race_live)
        assert app.trained is None


# ---- a real one --------------------------------------------------------------------------------------------------


async def test_a_short_race_of_two_nets() -> None:
    setups = [session.configure({"preset": net, "dataset": "digits", "seed": 3}) for net in ("linear", "mlp")]
    race = Race(setups, Budget("steps", 60))
    app = TrainerApp(race=race)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "✓ finished" in seen(pilot), 90)
        assert " 100 %" not in rows(pilot)[-2]
        assert "of 60 steps" in seen(pilot)
        assert all(lane.state == "done" and lane.score is not None for lane in race.lanes)
        assert "★" in seen(pilot)
        assert "wins by" in seen(pilot) or "level with" in seen(pilot)
    assert race.wait(30)
    assert len(store.everything()) == 2
