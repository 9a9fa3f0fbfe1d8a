"""Every way out while a run is trained here: the question, the hand-over, and what happens where it fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot

from made import app_of, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer import commands, session
from tui_trainer.app.live import Live
from tui_trainer.app.screens.sheet import Sheet
from tui_trainer.commands import COMMANDS
from tui_trainer.events import CheckpointSaved, HandedOver, Stepped, Stopping
from tui_trainer.runs import log
from tui_trainer.runs.store import Run

pytestmark = pytest.mark.usefixtures("without_torch")


class Hand:
    """A hand-over that waits until it is told what came of it."""

    def __init__(self) -> None:
        self.begun, self.done, self.why = threading.Event(), threading.Event(), ""

    def __call__(self, wait: float = 10.0) -> str:
        self.begun.set()
        assert self.done.wait(30)
        return self.why

    def end(self, why: str = "") -> None:
        self.why = why
        self.done.set()


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    made_one = Hand()
    monkeypatch.setattr(session.Session, "hand_over", lambda self, wait=10.0: made_one(wait))
    return made_one


@asynccontextmanager
async def hosting(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[Pilot[None], Run, log.Writer]]:
    """The Lab on a run that goes on, as if this process trained it."""
    run = made("cnn", started(), evaluated(), CheckpointSaved(10, 1, best=False), Stepped(14, 2, (0.5,) * 4, 1, 128, 1e-3, 2.0))
    monkeypatch.setattr(Live, "hosting", property(lambda self: self.active))
    with log.Writer(run.events) as write:
        async with opened(size=size) as pilot:
            app_of(pilot).open_run(run)
            await until(pilot, lambda: app_of(pilot).live.hosting and app_of(pilot).live.history.step == 14)
            yield pilot, run, write


def seen(pilot: Pilot[None]) -> str:
    return " ".join(text_of(pilot.app.screen).split())


async def leaves(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: pilot.app._exit)


def asked_of(run: Run) -> list[commands.Command]:
    return log.Tail(run.commands, COMMANDS)() if run.commands.exists() else []


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 18)])
async def test_the_question_offers_to_detach_first_and_says_how_to_come_back(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with hosting(monkeypatch, size) as (pilot, run, _):
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet) and "Leave tui-trainer?" in seen(pilot))
        for words in (
            "▸ Detach d",
            "Stop and keep X",
            "Go on Esc",
            f"later, from any login: tui-trainer attach {run.id}",
            "end now, lose 4 steps: A abandon",
        ):
            assert words in seen(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is app_of(pilot).lab)
        assert asked_of(run) == []


@pytest.mark.parametrize("keys", [("q", "enter"), ("q", "d"), ("d",)])
async def test_the_screen_stays_alive_while_the_run_is_handed_over_and_then_closes(
    monkeypatch: pytest.MonkeyPatch, hand: Hand, keys: tuple[str, ...]
) -> None:
    async with hosting(monkeypatch) as (pilot, run, write):
        for key in keys:
            await pilot.press(key)
        await until(pilot, lambda: hand.begun.is_set() and "◌ handing over" in seen(pilot))
        await pilot.press("ctrl+c", "d", "X", "y")
        await until(pilot, lambda: not app_of(pilot).lab.run_face.log_scale)
        assert asked_of(run) == []
        write(HandedOver(14))
        hand.end()
        await leaves(pilot)
        app = app_of(pilot)
    assert app.end_run() == 0
    assert app.live.history.phase == "handed over"
    assert asked_of(run) == []


async def test_where_nobody_takes_the_run_it_goes_on_here_and_that_is_said(monkeypatch: pytest.MonkeyPatch, hand: Hand) -> None:
    async with hosting(monkeypatch) as (pilot, _, _write):
        await pilot.press("d")
        await until(pilot, hand.begun.is_set)
        hand.end("the background process died: no room")
        await until(pilot, lambda: "not detached: the background process died: no room" in seen(pilot))
        assert not pilot.app._exit
        assert not app_of(pilot).handing_over


async def test_asked_again_it_stops_and_leaves_when_the_run_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosting(monkeypatch) as (pilot, run, write):
        await pilot.press("ctrl+c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: asked_of(run) == [commands.Stop()])
        assert not pilot.app._exit
        write(Stopping(14))
        await until(pilot, lambda: app_of(pilot).lab.stopping)
        monkeypatch.setattr(Live, "active", property(lambda self: False))
        await leaves(pilot)


async def test_a_run_that_is_stopping_anyway_is_waited_for_without_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosting(monkeypatch) as (pilot, run, write):
        write(Stopping(14))
        await until(pilot, lambda: app_of(pilot).lab.stopping)
        await pilot.press("q")
        await until(pilot, lambda: "closes as soon as the run has ended" in seen(pilot))
        assert asked_of(run) == []
        monkeypatch.setattr(Live, "active", property(lambda self: False))
        await leaves(pilot)


async def test_a_hang_up_by_signal_alone_hands_over_too(monkeypatch: pytest.MonkeyPatch, hand: Hand) -> None:
    async with hosting(monkeypatch) as (pilot, _, write):
        app = app_of(pilot)
        app._gone = lambda: False
        app.leave_by_signal(129)
        await asyncio.to_thread(hand.begun.wait, 30)
        write(HandedOver(14))
        hand.end()
        await leaves(pilot)
    assert app.end_run() == 0


async def test_in_a_sweep_the_question_says_that_the_other_runs_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosting(monkeypatch) as (pilot, _, _write):
        sweep, estimate = SimpleNamespace(name="tiny"), SimpleNamespace(whole=60.0)
        queue = SimpleNamespace(sweep=sweep, place="1 of 2", given={}, live={}, number=1, ladder=None, estimate=estimate)
        monkeypatch.setattr(app_of(pilot), "queue", queue)
        await pilot.press("q")
        await until(pilot, lambda: "the others, later: tui-trainer sweep tiny" in seen(pilot))
        assert "It is run 1 of 2 of sweep tiny." in seen(pilot)
        assert "others wait" in seen(pilot)
        monkeypatch.setattr(app_of(pilot), "queue", None)
        await pilot.press("escape")
