"""What the Lab's keys ask of a run that goes on, and how they go on with one that is over. Nothing is trained."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from made import app_of, ended, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer import commands, session
from tui_trainer.app.screens.change_sheet import ChangeSheet
from tui_trainer.app.screens.more_sheet import MoreSheet
from tui_trainer.app.screens.sheet import Sheet
from tui_trainer.commands import COMMANDS, Command
from tui_trainer.events import (
    CheckpointSaved,
    Event,
    LearningRateChanged,
    Noted,
    OutOfMemory,
    Paused,
    SettingChanged,
    Stepped,
)
from tui_trainer.runs import log
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import Resume, Resumption

pytestmark = pytest.mark.usefixtures("without_torch")

STEP = Stepped(11, 2, (0.5,), 1, 32, 1e-3, 2.0)
SHORT = OutOfMemory(11, 128, 64, 2_000_000_000, 1_500_000_000, True, 2.0)
SAVED = CheckpointSaved(10, 1, best=False)
DIVERGED = replace(ended("diverged"), step=12, layer="conv3", suggested_lr=3e-4, error="the loss became nan")


@asynccontextmanager
async def live(
    *events: Event, size: tuple[int, int] = (120, 36), read_only: bool = False, **settings: object
) -> AsyncIterator[tuple[Pilot[None], Run, log.Writer]]:
    """The Lab on a run that somebody else trains."""
    run = made("cnn", started(), evaluated(), STEP, **settings)
    with log.Writer(run.events) as write:
        for event in events:
            write(event)
        async with opened(size=size) as pilot:
            app_of(pilot).live.read_only = read_only
            app_of(pilot).open_run(run)
            await until(pilot, lambda: app_of(pilot).live.active and app_of(pilot).live.history.step == 11)
            await pilot.pause()
            yield pilot, run, write


@asynccontextmanager
async def over(*events: Event, size: tuple[int, int] = (120, 36), **settings: object) -> AsyncIterator[tuple[Pilot[None], Run]]:
    """The Lab on a run that is over."""
    run = made("cnn", started(), evaluated(), STEP, *events, **settings)
    async with opened(size=size) as pilot:
        app_of(pilot).open_run(run)
        await until(pilot, lambda: app_of(pilot).live.history.ended is not None and not app_of(pilot).live.active)
        await pilot.pause()
        yield pilot, run


def asked_of(run: Run) -> list[Command]:
    return log.Tail(run.commands, COMMANDS)() if run.commands.exists() else []


def footer(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen).splitlines()[-1]


def status(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen).splitlines()[-2]


Begun = list[tuple[Run, Resume | None]]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    """The runs that were begun or gone on with; none of them is trained."""
    found: Begun = []
    monkeypatch.setattr(session.Session, "start", lambda self, after=None, resume=None: found.append((self.run, resume)))
    return found


KEYS: dict[str, Command] = {
    "space": commands.Pause(),
    "full_stop": commands.Step(),
    "left_square_bracket": commands.ScaleLearningRate(0.5),
    "right_square_bracket": commands.ScaleLearningRate(2.0),
    "t": commands.Evaluate(),
    "w": commands.Save(),
    "n": commands.FinishEpoch(),
    "X": commands.Stop(),
}


async def test_each_key_asks_its_own() -> None:
    async with live() as (pilot, run, _):
        await pilot.press(*KEYS)
        await until(pilot, lambda: asked_of(run) == list(KEYS.values()))


async def test_the_footer_has_the_seven_keys_that_matter_while_it_trains() -> None:
    async with live() as (pilot, _, write):
        assert footer(pilot).strip() == "space pause   . one batch   [ ] rate   X stop   d detach   z zoom   ? help"
        write(Paused(11))
        await until(pilot, lambda: footer(pilot).startswith(" space go on"))


async def test_who_only_watches_asks_nothing_and_is_offered_nothing() -> None:
    async with live(read_only=True) as (pilot, run, _):
        await until(pilot, lambda: "q quit" in footer(pilot))
        assert "pause" not in footer(pilot)
        await pilot.press("space", "full_stop", "t", "w", "n", "c", "X", "A", "d", "r", "g", "a")
        await pilot.pause()
        assert asked_of(run) == []
        assert pilot.app.screen is app_of(pilot).lab
        sentences = {one.help for one in app_of(pilot).get_system_commands(pilot.app.screen)}
        assert "Finish the batch, evaluate, save, end" not in sentences


async def test_detaching_from_a_run_that_another_process_trains_just_leaves() -> None:
    async with live() as (pilot, run, _):
        await pilot.press("d")
        await until(pilot, lambda: not pilot.app.is_running or pilot.app._exit)
        assert asked_of(run) == []


# ---- changing settings -------------------------------------------------------------------------------------------


async def test_only_what_was_changed_is_sent() -> None:
    async with live(lr=1e-3, batch_size=32) as (pilot, run, _):
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeSheet))
        await pilot.press(*"3e-4", *["tab"] * 3, *"64")
        await until(pilot, lambda: "32 → 64" in text_of(pilot.app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: asked_of(run) == [commands.SetLearningRate(3e-4), commands.Set("batch_size", 64)])
        assert pilot.app.screen is app_of(pilot).lab


async def test_a_row_of_the_setup_that_can_be_changed_opens_at_its_field() -> None:
    async with live(batch_size=32) as (pilot, _, _write):

        def rows() -> list[int]:
            return [at for at, one in enumerate(text_of(pilot.app.screen).splitlines()) if one.startswith("  batch")]

        await until(pilot, rows)
        await pilot.click(offset=(16, rows()[0]))
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeSheet))
        field = pilot.app.screen.focused
        assert getattr(field, "key", "") == "batch_size"
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is app_of(pilot).lab)


async def test_what_the_trainer_refuses_is_said() -> None:
    async with live(lr=1e-3) as (pilot, run, write):
        await pilot.press("c", *"5e-3", "enter")
        await until(pilot, lambda: asked_of(run) == [commands.SetLearningRate(5e-3)])
        write(Noted("warning", "the rate stays: somebody else set it", 11))
        await until(pilot, lambda: "the rate stays: somebody else set it" in status(pilot))


async def test_a_warning_that_nobody_asked_for_stays_in_the_notes() -> None:
    async with live() as (pilot, _, write):
        write(Noted("warning", "the disk is nearly full", 11))
        await until(pilot, lambda: app_of(pilot).live.history.warnings == 1)
        await until(pilot, lambda: "disk is nearly full" in text_of(pilot.app.screen))
        assert "disk is nearly full" not in status(pilot)


# ---- short memory ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["enter"], commands.FitBatch()),
        (["r"], commands.FitBatch(scale_lr=True)),
        (["X"], commands.Stop()),
        (["escape", "space"], commands.Continue()),
    ],
)
async def test_the_question_about_memory_rises_by_itself(keys: list[str], command: Command) -> None:
    async with live(SHORT) as (pilot, run, _):
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        said = text_of(pilot.app.screen)
        assert "A batch of 128 asked 2.0 GB where 1.5 GB were free; batches of 64 fit." in said
        assert "rate 1e-3 → 5e-4" in said
        for key in keys:
            await pilot.press(key)
        await until(pilot, lambda: asked_of(run) == [command])


async def test_a_run_left_waiting_for_memory_is_asked_about_again_by_a_key_and_not_by_itself() -> None:
    async with live(SHORT) as (pilot, run, write):
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        await pilot.press("escape")
        await until(pilot, lambda: "g choose a batch" in footer(pilot))
        await pilot.pause(0.3)
        assert pilot.app.screen is app_of(pilot).lab
        await pilot.press("g")
        await until(pilot, lambda: isinstance(pilot.app.screen, Sheet))
        await pilot.press("escape", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeSheet))
        assert getattr(pilot.app.screen.focused, "key", "") == "batch_size"
        await pilot.press("escape")
        write(replace(SHORT, batch_size=64, fits=0, asked=0))
        await until(pilot, lambda: "not even a batch of 1 fits" in text_of(pilot.app.screen))
        assert asked_of(run) == []


async def test_who_only_watches_is_not_asked_about_memory() -> None:
    async with live(SHORT, read_only=True) as (pilot, _, _write):
        await until(pilot, lambda: "no memory" in status(pilot))
        await pilot.pause(0.3)
        assert pilot.app.screen is app_of(pilot).lab


# ---- a run that is over ------------------------------------------------------------------------------------------


async def test_a_run_that_diverged_goes_on_from_its_checkpoint_at_the_suggested_rate(begun: Begun) -> None:
    async with over(SAVED, DIVERGED) as (pilot, run):
        (run.checkpoints / "last.pt").write_bytes(EMPTY_ZIP)
        await until(pilot, lambda: "g go on from step 10 at 3e-4" in footer(pilot))
        await pilot.press("g")
        await until(pilot, lambda: bool(begun))
        assert begun == [(run, Resume(asked=(commands.SetLearningRate(3e-4),)))]


async def test_without_a_checkpoint_a_run_that_diverged_starts_anew(begun: Begun) -> None:
    async with over(DIVERGED, lr=3e-3) as (pilot, run):
        await until(pilot, lambda: "r again" in footer(pilot))
        assert "go on" not in footer(pilot)
        await pilot.press("g")
        await until(pilot, lambda: bool(begun))
        assert begun[0][0].id != run.id
        assert begun[0][1] is None


@pytest.mark.parametrize("reason", ["stopped", "failed"])
async def test_a_run_that_ended_goes_on_where_it_was(begun: Begun, reason: str) -> None:
    async with over(SAVED, replace(ended(reason), step=11)) as (pilot, run):
        (run.checkpoints / "last.pt").write_bytes(EMPTY_ZIP)
        await until(pilot, lambda: "g go on from step 10" in footer(pilot))
        await pilot.press("g")
        await until(pilot, lambda: begun == [(run, Resume())])


async def test_a_run_that_ended_for_want_of_memory_goes_on_with_the_batch_that_fits(begun: Begun) -> None:
    async with over(SAVED, replace(SHORT, waiting=False), replace(ended("failed"), step=11)) as (pilot, run):
        (run.checkpoints / "last.pt").write_bytes(EMPTY_ZIP)
        await pilot.press("g")
        await until(pilot, lambda: begun == [(run, Resume(asked=(commands.Set("batch_size", 64),)))])


async def test_a_finished_run_is_asked_how_much_longer(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "resumption", lambda run, resume=None: Resumption(100, "last.pt", ("its own copy is used",)))
    async with over(SAVED, ended()) as (pilot, run):
        await until(pilot, lambda: "g go on for longer" in footer(pilot))
        await pilot.press("g")
        await until(pilot, lambda: isinstance(pilot.app.screen, MoreSheet) and "10 → 15 epochs" in text_of(pilot.app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: begun == [(run, Resume(budget="+5"))])
        await until(pilot, lambda: "its own copy is used" in status(pilot))


async def test_what_stands_in_the_way_is_said(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(run: Run, resume: Resume | None = None) -> Resumption:
        raise StoreError("run is being trained by process 4711")

    monkeypatch.setattr(session, "resumption", refuse)
    async with over(SAVED, ended("stopped")) as (pilot, _):
        await pilot.press("g")
        await until(pilot, lambda: "being trained by process 4711" in status(pilot))
        assert begun == []


async def test_where_the_last_checkpoint_is_damaged_the_best_is_offered(begun: Begun) -> None:
    async with over(replace(SAVED, best=True), SAVED, ended("stopped")) as (pilot, run):
        (run.checkpoints / "last.pt").write_bytes(b"half of it")
        (run.checkpoints / "best.pt").write_bytes(EMPTY_ZIP)
        await pilot.press("g")
        await until(pilot, lambda: "Go on from best of epoch 1" in text_of(pilot.app.screen))
        await pilot.press("escape")
        await pilot.pause()
        assert begun == []
        await pilot.press("g", "g")
        await until(pilot, lambda: begun == [(run, Resume("best.pt"))])


async def test_a_checkpoint_that_shows_only_when_it_is_loaded_that_it_is_of_no_use_makes_the_same_offer(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: session.Session, after: object = None, resume: Resume | None = None) -> None:
        begun.append((self.run, resume))
        if resume == Resume():
            self.problem = "last.pt is of another net; best.pt of epoch 1 is whole: tui-trainer resume"

    monkeypatch.setattr(session.Session, "start", fail)
    async with over(replace(SAVED, best=True), SAVED, ended("stopped")) as (pilot, run):
        for name in ("last.pt", "best.pt"):
            (run.checkpoints / name).write_bytes(EMPTY_ZIP)
        await pilot.press("g")
        await until(pilot, lambda: "Go on from best of epoch 1" in text_of(pilot.app.screen))
        assert "last.pt is of another net." in text_of(pilot.app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: begun == [(run, Resume()), (run, Resume("best.pt"))])


async def test_a_run_is_repeated_as_it_was_steered(begun: Begun) -> None:
    changes = [LearningRateChanged(5, 1e-3, 3e-4, 1.0), SettingChanged(8, "batch_size", 32, 64, 1.5)]
    async with over(*changes, ended(), lr=1e-3, seed=7) as (pilot, run):
        await until(pilot, lambda: "a as steered" in footer(pilot))
        await pilot.press("a")
        await until(pilot, lambda: bool(begun))
        again = begun[0][0]
        assert again.id != run.id
        assert again.config() == replace(run.config(), knobs={"width": 8})
        assert again.preset_file.read_text() == run.preset_file.read_text()
        assert log.Tail(again.steering)() == changes


async def test_a_run_that_nobody_changed_has_nothing_to_repeat(begun: Begun) -> None:
    async with over(ended()) as (pilot, _):
        await until(pilot, lambda: "r again" in footer(pilot))
        assert "as steered" not in footer(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert begun == []


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
"""What stands for a whole checkpoint where none is loaded."""
