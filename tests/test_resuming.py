"""Going on with a run: from where, how far, what is in the way; and a record that stays what it was where it cannot be."""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import fake_engine
from heirs import fake, kinds, losses, made, said, until
from tui_trainer import commands, paths, session
from tui_trainer.config import ConfigError
from tui_trainer.events import (
    CheckpointSaved,
    Event,
    HandedOver,
    Hosted,
    LearningRateChanged,
    Noted,
    Preparing,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
)
from tui_trainer.runs import locks, log, store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import Resume, past
from tui_trainer.session.resuming import in_all

__all__ = ["fake"]

STARTED = RunStarted({}, "cpu", "a cpu", 1, "fp32", 1, (), (1,), ("a", "b"), 10, 2, 2, 10, 100)
HOSTED = Hosted(1 << 22, "elsewhere", "0.1", 1.0)
SAVED = (CheckpointSaved(30, 3, True), CheckpointSaved(45, 5, False))


def ended(reason: str, step: int = 100) -> RunEnded:
    return RunEnded(step, 10, reason, 60.0)


def later(run: Run) -> Run:
    """The same, as if its last word was long ago."""
    os.utime(run.events, (1.0, 1.0))
    return run


def left(*events: Event, last: bool = True, best: bool = True, **settings: object) -> Run:
    """A run of ten epochs that was left with these words."""
    run = made(**{"epochs": 10, **settings})
    for name in ("last.pt", "best.pt") if last and best else ("last.pt",) if last else ("best.pt",) if best else ():
        with zipfile.ZipFile(run.checkpoints / name, "w") as archive:
            archive.writestr("state", "{}")
    if events:
        with log.Writer(run.events) as write:
            for event in (HOSTED, STARTED, *SAVED, *events):
                write(event)
    return run


def why(run: Run, resume: Resume | None = None) -> str:
    with pytest.raises(StoreError) as caught:
        session.resumption(run, resume)
    return str(caught.value)


# What would happen


@pytest.mark.parametrize("events", [(Preparing("x"),), (HandedOver(45),), *((ended(one, 45),) for one in ("stopped", "abandoned"))])
def test_what_has_not_finished_goes_on_from_its_last_checkpoint(events: tuple[Event, ...]) -> None:
    assert session.resumption(left(*events)) == session.Resumption(45, "last.pt")


@pytest.mark.parametrize("reason", ["failed", "diverged"])
def test_what_went_wrong_goes_on_too(reason: str) -> None:
    assert session.resumption(left(ended(reason)), Resume("best.pt")) == session.Resumption(30, "best.pt")


def test_a_run_that_never_began_begins() -> None:
    assert session.resumption(made()) == session.Resumption(0, "")


def test_a_run_that_saved_nothing_begins_again() -> None:
    told = session.resumption(left(Preparing("x"), last=False, best=False))
    assert (told.step, told.checkpoint, told.says) == (0, "", ("nothing was saved yet: it begins again",))


def test_without_its_last_checkpoint_a_run_goes_on_from_its_best() -> None:
    told = session.resumption(left(Preparing("x"), last=False))
    assert (told.step, told.checkpoint) == (30, "best.pt")
    assert told.says == ("last.pt is not there: it goes on from best.pt of epoch 3",)


def test_a_finished_run_needs_more_to_do() -> None:
    run = left(ended("finished"))
    assert why(run) == f"run {run.id} has finished its 10 epochs; to give it more: tui-trainer resume {run.id} --epochs +5"
    assert session.resumption(run, Resume(budget="+5")).budget == ("epochs", 15)
    assert session.resumption(run, Resume(budget="12")).budget == ("epochs", 12)
    assert "more than that is needed" in why(run, Resume(budget="10"))


@pytest.mark.parametrize("text", ["", "+", "many", "-3", "+1.5", "0"])
def test_a_budget_that_is_none_is_refused(text: str) -> None:
    assert "--epochs" in why(left(ended("finished")), Resume(budget=text))


def test_a_budget_is_in_the_unit_of_the_run() -> None:
    run = left(ended("finished"), epochs=None, seconds=2.5)
    assert session.resumption(run, Resume(budget="+1.5")).budget == ("seconds", 4.0)
    assert "2.5 seconds" in why(run)
    run = left(ended("finished"), epochs=None, steps=2000)
    assert session.resumption(run, Resume(budget="+1000")).budget == ("steps", 3000)
    assert "2 000 steps" in why(run)


def test_a_run_is_not_made_shorter_than_it_is() -> None:
    run = left(ended("stopped", 45))
    assert session.resumption(run, Resume(budget="7")).budget == ("epochs", 7)
    assert "further than 4 epochs already" in why(run, Resume(budget="4"))


def test_a_longer_budget_outlives_a_kill_before_it_was_saved() -> None:
    longer = RunResumed(45, 5, 1.0, config={"epochs": 15})
    assert session.resumption(left(ended("finished"), HOSTED, longer)).budget == ("epochs", 15)
    again = left(ended("finished"), HOSTED, longer, ended("finished", 150))
    assert "finished its 15 epochs" in why(again)
    assert session.resumption(again, Resume(budget="+5")).budget == ("epochs", 20)
    assert in_all(again, Resume(budget="+5")).budget == "20"
    assert in_all(again, Resume()).budget == ""


def test_a_longer_budget_outlives_a_kill_of_a_run_that_began_again() -> None:
    run = left(last=False, best=False)
    with log.Writer(run.events) as write:
        write(dataclasses.replace(STARTED, config={"epochs": 15}))
    assert session.resumption(later(run)).budget == ("epochs", 15)


def test_a_run_that_is_trained_is_refused_with_who_trains_it() -> None:
    run = left()
    with log.Writer(run.events) as write:
        write(Hosted(4711))
        assert why(run) == f"run {run.id} is being trained by process 4711: tui-trainer attach {run.id}"


def test_a_finished_run_without_checkpoints_is_not_begun_again() -> None:
    run = left(ended("finished"), last=False, best=False)
    assert "its checkpoints are gone" in why(run, Resume(budget="+5"))


def test_a_checkpoint_that_is_cut_short_is_refused_and_the_best_is_offered() -> None:
    run = left(Preparing("x"))
    (run.checkpoints / "last.pt").write_bytes(b"PK half of it")
    offer = f"best.pt of epoch 3 is whole: tui-trainer resume {run.id} --best"
    assert why(run) == f"last.pt of run {run.id} is damaged; {offer}"
    assert session.resumption(run, Resume("best.pt")).checkpoint == "best.pt"
    (run.checkpoints / "best.pt").write_bytes(b"")
    assert why(run) == f"last.pt of run {run.id} is damaged"
    (run.checkpoints / "best.pt").unlink()
    assert why(run, Resume("best.pt")) == f"run {run.id} has no best.pt"


def test_a_preset_that_was_changed_since_is_said() -> None:
    run = left(Preparing("x"))
    mine = paths.your_presets() / "linear.py"
    mine.parent.mkdir(parents=True)
    shutil.copyfile(run.preset_file, mine)
    assert session.resumption(run).says == ()
    mine.write_text(mine.read_text() + "\n# wider\n")
    assert session.resumption(run).says == ("the preset linear is another by now: the run goes on with its own copy",)


def test_whoever_waits_for_a_run_does_not_begin_what_has_ended() -> None:
    waiting = Resume(budget="+5", unended=True)
    assert "has ended meanwhile: stopped" in why(left(ended("stopped")), waiting)
    assert session.resumption(left(ended("finished"), HOSTED, HandedOver(45)), waiting).budget == ("epochs", 15)
    assert session.resumption(left(Preparing("x")), Resume(unended=True)).step == 45


def test_what_was_begun_again_forgets_what_was_before() -> None:
    found = past.Past.of(left(ended("failed"), HOSTED, STARTED))
    assert (found.status, found.last, found.best, found.handed_over) == ("lost", None, None, False)


def test_lost_runs_are_those_without_an_end() -> None:
    gone = left(Preparing("x"))
    left(ended("finished"))
    left()
    assert session.lost() == [gone]


# Without locks


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "take", lambda descriptor, shared=False: None)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_number_of_the_process_tells_who_trains() -> None:
    here = socket.gethostname()
    run = left(Hosted(os.getpid(), here))
    assert session.Session(run).alive
    assert "is being trained by process" in why(run)
    assert not session.Session(left(Hosted(1 << 22, here))).alive
    assert session.resumption(left(Hosted(os.getpid(), here), HandedOver(45))).step == 45
    assert not session.Session(left(Hosted(os.getpid(), here), ended("stopped"))).alive


@pytest.mark.usefixtures("no_locks")
def test_without_locks_silence_tells_of_another_machine() -> None:
    run = left(Hosted(1, "another"))
    assert session.Session(run).alive
    assert not session.Session(later(run)).alive


@pytest.mark.usefixtures("no_locks", "fake")
def test_without_locks_two_trainers_are_refused_as_far_as_can_be_told() -> None:
    run = left(Hosted(1, "another"), last=False, best=False)
    with pytest.raises(StoreError, match="by process 1 on another, as far as can be told"):
        session.train(run)
    other = made(epochs=2)
    session.train(other)
    (first,) = [event for event in said(other) if isinstance(event, Hosted)]
    assert not first.locked
    assert store.summary(other).status == "finished"


# Trained


def stopped_at(run: Run, step: int) -> None:
    """Train it to about this step, stopped by hand."""

    def stop(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == step:
            log.append(run.commands, commands.Stop())

    session.train(run, stop)


@pytest.mark.usefixtures("fake")
def test_the_first_word_is_who_trains() -> None:
    run = made(epochs=1)
    session.train(run)
    first = said(run)[0]
    assert isinstance(first, Hosted)
    assert (first.pid, first.host, first.locked) == (os.getpid(), socket.gethostname(), True)


@pytest.mark.usefixtures("fake")
def test_a_resumed_run_says_from_where_and_what_is_to_be_known() -> None:
    run = made(epochs=5)
    stopped_at(run, 13)
    seen: list[Event] = []
    mine = paths.your_presets() / "linear.py"
    mine.parent.mkdir(parents=True)
    mine.write_text(run.preset_file.read_text() + "\n# wider\n")
    session.train(run, seen.append, resume=Resume())
    words = [type(event).__name__ for event in seen if not isinstance(event, Preparing)]
    assert words[:3] == ["Hosted", "RunResumed", "Noted"]
    (note,) = [event for event in seen if isinstance(event, Noted)]
    assert (note.level, note.text[:26]) == ("info", "the preset linear is anoth")
    assert len(losses(run)) == 50
    assert store.summary(run).status == "finished"


@pytest.mark.usefixtures("fake")
def test_a_run_that_saved_nothing_is_begun_again_from_its_first_step() -> None:
    run = made(epochs=3)
    stopped_at(run, 4)
    shutil.rmtree(run.checkpoints)
    run.checkpoints.mkdir()
    session.train(run, resume=Resume())
    assert kinds(run).count("RunStarted") == 2
    assert len(losses(run)) == 30


def test_a_run_that_begins_again_gets_the_budget_it_was_given() -> None:
    run = made(dataset="digits", epochs=1)
    session.train(run, resume=Resume(budget="2"))
    assert [event.config["epochs"] for event in said(run) if isinstance(event, RunStarted)] == [2]
    assert len(losses(run)) == 2 * 41


@pytest.mark.usefixtures("fake")
def test_old_orders_are_not_obeyed_again() -> None:
    run = made(epochs=4)
    stopped_at(run, 4)
    log.append(run.commands, commands.SetLearningRate(0.5))
    log.append(run.commands, commands.Abandon())
    session.train(run, resume=Resume(asked=(commands.SetLearningRate(0.25),)))
    (changed,) = [event for event in said(run) if isinstance(event, LearningRateChanged)]
    (resumed,) = [event for event in said(run) if isinstance(event, RunResumed)]
    assert (changed.step, changed.new) == (resumed.step + 1, 0.25)
    assert store.summary(run).status == "finished"


@pytest.mark.usefixtures("fake")
def test_what_was_asked_since_a_run_was_let_go_of_is_heard() -> None:
    run = made(epochs=4)
    log.append(run.commands, commands.SetLearningRate(0.5))
    log.append(run.commands, commands.HandOver())
    log.append(run.commands, commands.SetLearningRate(0.25))
    session.train(run)
    assert kinds(run)[-1] == "HandedOver"
    session.train(run, resume=Resume())
    assert [event.new for event in said(run) if isinstance(event, LearningRateChanged)] == [0.5, 0.25]  # neither was obeyed before
    assert len(losses(run)) == 40


@pytest.mark.usefixtures("fake")
def test_a_run_that_is_handed_over_has_not_failed() -> None:
    run = made()
    seen: list[Event] = []

    def leave(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Stepped) and event.step == 7:
            log.append(run.commands, commands.HandOver())

    session.train(run, leave)
    assert isinstance(seen[-1], HandedOver)
    assert not log.is_locked(run.events)
    assert session.resumption(run).step == 7


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(("budget", "status"), [("", "stopped"), ("+3", "finished")])
def test_a_checkpoint_that_cannot_be_used_leaves_the_record_as_it_was(budget: str, status: str) -> None:
    run = made(epochs=3)
    stopped_at(run, 14) if status == "stopped" else session.train(run)
    before = store.summary(run)
    with zipfile.ZipFile(run.checkpoints / "last.pt", "w") as archive:
        archive.writestr("state", "not one")
    with pytest.raises(StoreError, match=rf"run {run.id} does not go on: last.pt is damaged"):
        session.train(run, resume=Resume(budget=budget))
    assert kinds(run).count("RunEnded") == 1
    (note,) = [event for event in said(run) if isinstance(event, Noted)]
    assert (note.level, note.text[:40]) == ("warning", "the run did not go on: last.pt is damage")
    after = store.summary(run)
    assert (after.status, after.steps, after.last_loss) == (status, before.steps, before.last_loss)
    session.train(run, resume=Resume("best.pt", budget))
    assert store.summary(run).status == "finished"
    assert len(losses(run)) == (30 if status == "stopped" else 60)


@pytest.mark.usefixtures("fake")
def test_what_is_raised_before_a_run_goes_on_is_kept_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(epochs=3)
    session.train(run)

    def broken(path: Path) -> dict[str, object]:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(fake_engine, "read", broken)
    with pytest.raises(StoreError, match="does not go on: ZeroDivisionError: odd"):
        session.train(run, resume=Resume(budget="+1"))
    assert "Traceback" in run.console.read_text()
    assert store.summary(run).status == "finished"


def test_a_finished_run_that_is_stopped_before_it_goes_on_stays_finished(fake: Path) -> None:
    run = made(epochs=3)
    session.train(run)
    fake.unlink()
    one = session.Session(run)
    one.start(resume=Resume(budget="+2"))
    until(lambda: kinds(run).count("Hosted") == 2, "the beginning")
    one.send(commands.Stop())
    assert one.wait(30)
    assert store.summary(run).status == "finished"
    assert store.summary(run).steps == 30
    assert one.problem == ""


@pytest.mark.usefixtures("fake")
def test_what_raises_later_is_a_failure_as_ever() -> None:
    run = made(epochs=3)
    stopped_at(run, 4)

    def broken(path: Path, *given: object) -> bool:
        raise RuntimeError("later")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_engine, "save", broken)
        session.train(run, resume=Resume())
    end = said(run)[-1]
    assert isinstance(end, RunEnded)
    assert (end.reason, end.error) == ("failed", "RuntimeError: later")
    assert end.step == 10


@pytest.mark.usefixtures("fake")
def test_a_session_goes_on_with_its_run_once_it_has_ended() -> None:
    run = made(epochs=2)
    one = session.Session(run)
    one.start()
    assert one.wait(30)
    one.start(resume=Resume())
    assert one.wait(30)
    assert "has finished its 2 epochs" in one.problem
    one.start(resume=Resume(budget="3"))
    assert one.wait(30)
    assert one.problem == ""
    assert len(losses(run)) == 30


# Made


def test_a_run_keeps_what_is_to_be_repeated_in_it(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(fake_engine, "_loop", lambda *rest: None)
    real: Callable[..., None] = fake_engine.train
    monkeypatch.setattr(fake_engine, "train", lambda config, **named: (given.update(named), real(config, **named)))
    changes = [LearningRateChanged(5, 0.1, 0.2, 1.0), SettingChanged(9, "batch_size", 32, 64, 2.0, 100, 10)]
    setup = session.configure({"preset": "linear"})
    run = session.create(setup, steering=changes)
    session.train(run, holds=True)
    assert given["steering"] == changes
    assert (given["holds"], given["resume"], given["budget"]) == (True, "", None)


def test_another_file_can_stand_for_the_preset(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("# its own copy\n")
    run = session.create(session.configure({"preset": "linear"}), preset_file=tmp_path / "own.py")
    assert run.preset_file.read_text() == "# its own copy\n"


def test_a_run_begins_with_the_weights_of_another_and_with_its_preset() -> None:
    first = session.create(session.configure({"preset": "mlp", "dataset": "digits", "knobs": {"dropout": 0.25}}))
    (first.checkpoints / "last.pt").write_bytes(b"the last")
    setup = session.configure({"start_from": first.id, "dataset": "digits"})
    assert (setup.config.preset, setup.config.knobs["dropout"]) == ("mlp", 0.25)
    assert setup.config.start_from == first.name
    run = session.create(setup)
    assert (run.checkpoints / "from.pt").read_bytes() == b"the last"
    (first.checkpoints / "best.pt").write_bytes(b"the best")
    other = session.create(session.configure({"start_from": str(first.folder), "dataset": "digits", "knobs": {"dropout": 0.5}}))
    assert (other.checkpoints / "from.pt").read_bytes() == b"the best"
    assert other.config().knobs["dropout"] == 0.5


def test_knobs_are_not_those_of_another_preset() -> None:
    first = session.create(session.configure({"preset": "mlp", "dataset": "digits"}))
    (first.checkpoints / "last.pt").touch()
    assert set(session.configure({"preset": "linear", "start_from": first.id}).config.knobs) == {"bias"}


def test_a_run_without_weights_cannot_be_begun_from() -> None:
    first = made()
    for word, text in ((first.id, f"run {first.id} has saved no weights"), ("zzzz", "there is no run 'zzzz'")):
        with pytest.raises(ConfigError) as caught:
            session.configure({"preset": "linear", "start_from": word})
        assert text in caught.value.problems["start_from"]


def test_a_run_whose_weights_went_meanwhile_is_not_made() -> None:
    first = made()
    (first.checkpoints / "last.pt").touch()
    setup = session.configure({"start_from": first.id, "dataset": "digits"})
    (first.checkpoints / "last.pt").unlink()
    with pytest.raises(StoreError, match="has saved no weights"):
        session.create(setup)
    assert store.everything() == [first]


# The real trainer


def test_a_run_left_twice_comes_out_as_one_that_was_not_to_the_bit() -> None:
    import torch

    torch.set_num_threads(1)
    settings = {"preset": "mlp", "dataset": "digits", "device": "cpu", "threads": 1, "epochs": 30, "knobs": {"dropout": 0.2}}
    whole, torn = (session.create(session.configure(settings)) for _ in range(2))
    session.train(whole)
    session.train(torn, _once_begun(torn, commands.Stop()))
    session.train(torn, _once_begun(torn, commands.HandOver()), resume=Resume())
    session.train(torn, resume=Resume())
    assert kinds(torn).count("RunResumed") == 2
    assert losses(torn) == losses(whole)
    first, second = (torch.load(run.checkpoints / "last.pt", weights_only=True)["weights"] for run in (whole, torn))
    assert all(torch.equal(first[name], second[name]) for name in first)
    one, other = (  # without what the clock decides; and a stop adds a validation of its own to the curve
        dataclasses.replace(store.summary(run), run=whole, time=0.0, seconds=0.0, speed=None, curve=()) for run in (whole, torn)
    )
    assert one == other


def _once_begun(run: Run, command: commands.Command) -> Callable[[Event], None]:
    """Ask this at the first report."""

    def ask(event: Event) -> None:
        if isinstance(event, Stepped) and not asked:
            asked.append(event)
            log.append(run.commands, command)

    asked: list[Event] = []
    return ask


def test_a_real_checkpoint_that_is_spoilt_is_refused_and_the_best_is_offered() -> None:
    run = session.create(session.configure({"preset": "linear", "device": "cpu", "threads": 1, "epochs": 2}))
    session.train(run)
    with zipfile.ZipFile(run.checkpoints / "last.pt", "w") as archive:
        archive.writestr("state", "not one")
    with pytest.raises(StoreError, match=rf"best.pt of epoch \d is whole: tui-trainer resume {run.id} --best"):
        session.train(run, resume=Resume(budget="+1"))
    assert store.summary(run).status == "finished"
    session.train(run, resume=Resume("best.pt", "+1"))
    assert store.summary(run).epochs == 3
