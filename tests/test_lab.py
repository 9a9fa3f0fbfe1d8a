"""The Lab's keys in each state of a run: what the footer promises is what the key does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from made import app_of, ended, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer import session
from tui_trainer.app import app, taking
from tui_trainer.app.screens.lab import LabScreen
from tui_trainer.events import CheckpointSaved, Event, Noted, Stepped, Stopping
from tui_trainer.runs import log, store

pytestmark = pytest.mark.usefixtures("without_torch")

DIVERGED = replace(ended("diverged"), layer="conv3", suggested_lr=1e-3, error="the loss became nan")


def lab_of(pilot: Pilot[None]) -> LabScreen:
    return app_of(pilot).lab


def footer(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen).splitlines()[-1]


async def watch(pilot: Pilot[None], *events: Event, lr: float = 3e-3) -> None:
    """Open a record of cnn on digits in the Lab."""
    run = made("cnn", started(), *events, lr=lr)
    app_of(pilot).open_run(run)
    await until(pilot, lambda: app_of(pilot).live.history.started is not None)
    await pilot.pause()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rates of the runs that were started; none of them is trained."""
    rates: list[float] = []
    monkeypatch.setattr(session.Session, "start", lambda self, after=None, resume=None: rates.append(self.run.config().lr))
    return rates


async def test_after_divergence_one_key_starts_at_the_suggested_rate(begun: list[float]) -> None:
    async with opened() as pilot:
        await watch(pilot, evaluated(), DIVERGED)
        await until(pilot, lambda: "r again at 1e-3" in footer(pilot))
        assert "diverged at step 100, conv3" in text_of(pilot.app.screen)
        assert "try a rate of 1e-3" in text_of(pilot.app.screen)
        await pilot.press("r")
        await until(pilot, lambda: begun == [1e-3])
        assert lab_of(pilot).form.raw()["lr"] == "1e-3"


async def test_a_rate_that_a_person_typed_since_is_the_one_that_starts(begun: list[float]) -> None:
    async with opened() as pilot:
        await watch(pilot, evaluated(), DIVERGED)
        lab_of(pilot).form.fill({"lr": "2e-3"})
        await until(pilot, lambda: "r again" in footer(pilot) and "again at" not in footer(pilot))
        await pilot.press("r")
        await until(pilot, lambda: begun == [2e-3])


async def test_z_gives_the_loss_the_screen_while_no_panel_has_the_focus() -> None:
    async with opened() as pilot:
        await watch(pilot, evaluated(), ended())
        assert pilot.app.focused is None
        await pilot.press("z")
        assert lab_of(pilot).zoomed == "loss"
        await pilot.press("z")
        assert lab_of(pilot).zoomed is None


async def test_the_best_checkpoint_has_the_figure_of_its_own_weights() -> None:
    better = replace(evaluated(((50, 0, 0), (0, 50, 0), (0, 0, 50)), epoch=2), step=20)
    async with opened(size=(160, 50)) as pilot:
        run = made("cnn", started(), evaluated(), CheckpointSaved(10, 1, best=True), better)
        with log.Writer(run.events):  # as if it were trained elsewhere
            app_of(pilot).open_run(run)
            await until(pilot, lambda: len(app_of(pilot).live.history.val_accuracy) == 2)
            lab_of(pilot).show()
            first, *_ = lab_of(pilot).run_face.checkpoints.body(25, 2)
            words = "".join(piece.text for piece in first).split()
            assert words == ["best", "epoch", "1", "88.7", "%"]


async def test_while_a_run_stops_no_key_is_offered_that_would_do_nothing() -> None:
    async with opened() as pilot:
        run = made("cnn", started(), Stepped(1, 1, (0.5,), 1, 2, 3e-3, 0.1), Stopping(1))
        with log.Writer(run.events):  # as if it were trained elsewhere
            app_of(pilot).open_run(run)
            await until(pilot, lambda: lab_of(pilot).stopping)
            await until(pilot, lambda: "A abandon" in footer(pilot))
            assert not any(words in footer(pilot) for words in ("pause", "stop", "rate"))
            await pilot.press("X", "space", "full_stop", "left_square_bracket")
            assert log.Tail(run.commands, {})() == []
            assert not run.commands.exists()


async def test_an_earlier_run_that_somebody_deleted_is_said() -> None:
    run = made("cnn", started(), ended())
    async with opened(size=(120, 36)) as pilot:
        await until(pilot, lambda: run.id in text_of(pilot.app.screen))
        store.delete(run)
        lab_of(pilot).setup_face.earlier.action_choose()
        await until(pilot, lambda: "there are no runs yet" in text_of(pilot.app.screen))


async def test_earlier_runs_are_looked_for_when_the_pair_changes_and_not_at_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn", started(), ended())
    async with opened(size=(120, 36)) as pilot:
        await until(pilot, lambda: run.id in text_of(pilot.app.screen))
        looked: list[int] = []
        everything = store.everything
        monkeypatch.setattr(store, "everything", lambda: looked.append(1) or everything())
        lab_of(pilot).form.fill({"lr": "2e-3"})
        await until(pilot, lambda: "2e-3" in text_of(pilot.app.screen))
        assert not looked
        lab_of(pilot).form.fill({"preset": "mlp"})
        await until(pilot, lambda: run.id not in text_of(pilot.app.screen))
        assert looked


async def test_a_long_record_is_read_in_pieces_and_says_how_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in (app, taking):
        monkeypatch.setattr(reader, "READING", 0.0)  # a portion at a time, however fast the machine reads
    steps = 40_000
    losses = tuple(1.0 + one / 7777 for one in range(100))
    run = made("cnn", replace(started(), steps=steps, steps_per_epoch=steps, train_size=32 * steps, config={"batch_size": 32}))
    with log.Writer(run.events) as write:
        for step in range(100, steps + 1, 100):
            write(Stepped(step, 1, losses, 1, 3200, 1e-3, step / 1000))
            for _ in range(12):
                write(Noted("info", "x" * 150, step))
    assert run.events.stat().st_size > 4 * log.MOST_PER_READ
    async with opened() as pilot:
        app_of(pilot).open_run(run)
        await until(pilot, lambda: "to go" in text_of(pilot.app.screen))
        assert app_of(pilot).live.history.step < steps
        await until(pilot, lambda: app_of(pilot).live.history.step == steps)
        await until(pilot, lambda: "to go" not in text_of(pilot.app.screen))


async def test_the_gpus_of_the_machine_can_be_chosen_as_soon_as_they_are_known() -> None:
    async with opened() as pilot:
        assert "cuda:1" not in [one.value for one in lab_of(pilot).form.draft.devices]
        gpus = [session.Device(f"cuda:{index}", "A Large GPU", 6 << 30, 8 << 30) for index in range(2)]
        app_of(pilot).torch.devices = (*gpus, session.Device("cpu", "A Processor", 1 << 30, 2 << 30))
        await until(pilot, lambda: len(lab_of(pilot).form.draft.devices) == 4)
        names = [(one.value, one.about) for one in lab_of(pilot).form.draft.devices]
        assert [name for name, _ in names] == ["auto", "cuda:0", "cuda:1", "cpu"]
        assert names[2][1] == "A Large GPU, 6.4 GB free"
