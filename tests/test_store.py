"""Run folders: made whole or not at all, found by what a person types, and never deleted while they train."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import fitted
from tui_trainer import paths
from tui_trainer.config import read
from tui_trainer.events import Continued, Evaluated, Event, Noted, Paused, RunEnded, RunResumed, RunStarted, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run, StoreError

STARTED = RunStarted({}, "cpu", "x", 1, "fp32", 1234, (), (1, 8, 8), ("a", "b"), 100, 10, 10, 10, 100)
ENDED = RunEnded(40, 4, "finished", 3.5, 0.97, 3, 0.1, 0.96, 0.12, 0.95, 0.2, samples=1280, parameters=1234)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A preset file to copy."""
    path = tmp_path / "cnn.py"
    path.write_text("print('a preset')\n")
    return path


def make(source: Path, events: Iterable[Event] = (), **settings: object) -> Run:
    run = store.create(read({"preset": "cnn", "dataset": "digits"} | settings), source)
    rows = list(events)
    if rows:
        with log.Writer(run.events) as write:
            for event in rows:
                write(event)
    return run


def stepped(step: int) -> Stepped:
    return Stepped(step, 1, (1.0,), 5, 10, 1e-3, step / 10)


def evaluated(epoch: int, accuracy: float, *, best: bool = False) -> Evaluated:
    return Evaluated(10 * epoch, epoch, "val", 1 - accuracy, accuracy, ((5, 0), (0, 5)), epoch * 1.0, 0.1, best)


def test_a_run_holds_its_config_and_a_copy_of_its_preset(source: Path) -> None:
    run = make(source, lr=0.02)
    assert run.config().lr == 0.02
    assert run.preset_file.read_text() == source.read_text()
    assert run.checkpoints.is_dir()
    assert [one.name for one in paths.runs().iterdir()] == [run.name]
    date, clock, preset, dataset, identity = run.name.split("-")
    assert (len(date), len(clock), preset, dataset) == (8, 6, "cnn", "digits")
    assert run.id == identity
    assert len(identity) == 4
    assert int(identity, 16) >= 0


def test_names_with_anything_in_them_stay_inside_the_folder(source: Path) -> None:
    run = make(source, preset="../../etc", dataset="folder:/home/me/my cats")
    assert run.folder.parent == paths.runs()
    assert store.everything() == [run]


def test_runs_are_listed_newest_first_even_within_a_second(source: Path) -> None:
    made = [make(source) for _ in range(5)]
    for age, run in enumerate(reversed(made)):
        os.utime(run.config_file, ns=(10**18 - age, 10**18 - age))
    shown = store.everything()
    assert [run.name[:15] for run in shown] == sorted((run.name[:15] for run in made), reverse=True)
    if len({run.name[:15] for run in made}) == 1:
        assert shown == made[::-1]
    assert len({run.id for run in made}) == 5


def test_what_is_no_run_is_not_listed(source: Path) -> None:
    run = make(source)
    (paths.runs() / "holiday-pictures").mkdir()
    (paths.runs() / ".new-0123").mkdir()
    (paths.runs() / "notes.txt").write_text("hello")
    assert store.everything() == [run]


def test_without_a_home_there_are_no_runs() -> None:
    assert store.everything() == []
    with pytest.raises(StoreError, match="there are no runs yet"):
        store.find("last")


def test_a_folder_that_cannot_be_written_is_said(source: Path, home: Path) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"no run can be made in .*: not a directory; runs are kept in \$TUI_TRAINER_HOME"):
        make(source)


def test_a_record_without_its_config_is_listed_and_can_be_deleted(source: Path) -> None:
    run = make(source)
    with log.Writer(run.events):
        run.config_file.unlink()
    assert store.everything() == [run]
    assert store.summary(run).config.preset == "?"
    store.delete(store.find(run.id))
    assert store.everything() == []


def test_a_preset_that_is_gone_is_said_and_leaves_nothing(source: Path) -> None:
    source.unlink()
    with pytest.raises(StoreError, match=r"cnn\.py"):
        make(source)
    assert list(paths.runs().iterdir()) == []


def test_finding_by_id_name_prefix_path_and_last(source: Path) -> None:
    first, second = make(source), make(source, dataset="shapes")
    os.utime(first.config_file, ns=(10**18, 10**18))
    for run in (first, second):
        assert store.find(run.id) == store.find(run.name) == run
        assert store.find(str(run.folder)).folder == run.folder
        assert store.find(run.id[:3]) == run or first.id[:3] == second.id[:3]
    assert store.find("last") == store.everything()[0]


def test_what_is_not_found_gets_the_nearest(source: Path) -> None:
    run = make(source)
    wrong = run.id[:3] + ("0" if run.id[3] != "0" else "1")
    with pytest.raises(StoreError, match=rf"there is no run '{wrong}'; did you mean {run.id}\?"):
        store.find(wrong)
    with pytest.raises(StoreError, match=f"the newest are {run.id}"):
        store.find("zzzzzzzzzzzz")


def test_a_prefix_of_several_runs_names_them(source: Path) -> None:
    make(source)
    make(source)
    with pytest.raises(StoreError, match="fits 2 runs"):
        store.find("20")


def test_status_follows_the_lock_and_the_last_word(source: Path) -> None:
    run = make(source)
    assert store.summary(run).status == "new"
    with log.Writer(run.events) as write:
        assert store.summary(run).status == "running"
        for event, status in (
            (STARTED, "running"),
            (stepped(1), "running"),
            (Paused(1), "paused"),
            (stepped(2), "paused"),
            (Continued(2), "running"),
        ):
            write(event)
            assert store.summary(run).status == status
    assert store.summary(run).status == "lost"
    with log.Writer(run.events) as write:
        write(ENDED)
    assert store.summary(run).status == "finished"


def test_a_summary_of_a_run_that_ended_is_its_last_event(source: Path) -> None:
    told = store.summary(make(source, [STARTED, stepped(40), ENDED]))
    assert (told.best_accuracy, told.best_epoch, told.best_loss, told.last_loss) == (0.97, 3, 0.1, 0.12)
    assert (told.epochs, told.steps, told.seconds, told.parameters, told.samples) == (4, 40, 3.5, 1234, 1280)
    assert told.test_accuracy == 0.95
    assert told.time > 1.7e9


def test_a_summary_of_a_run_that_was_lost_comes_from_its_evaluations(source: Path) -> None:
    rows: list[Event] = [STARTED]
    for epoch in range(1, 2000):
        rows += [stepped(epoch), evaluated(epoch, 0.9 if epoch == 5 else 0.5, best=epoch == 5)]
    told = store.summary(make(source, rows))
    assert (told.status, told.best_accuracy, told.best_epoch, told.last_accuracy) == ("lost", 0.9, 5, 0.5)
    assert told.parameters == 1234


def test_an_end_with_a_long_text_is_still_found(source: Path) -> None:
    end = RunEnded(1, 1, "failed", 1.0, error="no", traceback="x" * 50_000)
    told = store.summary(make(source, [STARTED, stepped(1), end]))
    assert (told.status, told.error) == ("failed", "no")


def test_a_summary_survives_a_broken_config_and_a_broken_log(source: Path) -> None:
    run = make(source)
    run.config_file.write_text("{")
    run.events.write_bytes(b"\x00\xff garbage\n{}\n[1]\n")
    told = store.summary(run)
    assert told.status == "lost"
    assert "config.json" in told.error
    with pytest.raises(StoreError, match=r"the settings of run \w+ cannot be used: .*config\.json"):
        run.config()


def test_deleting_removes_the_folder(source: Path) -> None:
    run = make(source, [STARTED, ENDED])
    store.delete(run)
    assert store.everything() == []


def test_a_run_that_trains_is_not_deleted(source: Path) -> None:
    run = make(source)
    with log.Writer(run.events), pytest.raises(StoreError, match="is being trained: stop it first"):
        store.delete(run)
    assert run.config_file.exists()


def test_only_runs_are_deleted(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    with pytest.raises(StoreError, match="not the folder of a run"):
        store.delete(Run(tmp_path / "pictures"))
    assert (tmp_path / "pictures").is_dir()


def test_notes_between_do_not_hide_the_end(source: Path) -> None:
    told = store.summary(make(source, [STARTED, Noted("info", "y" * 20_000), ENDED]))
    assert told.status == "finished"


def test_a_summary_of_regression_has_errors_and_no_accuracy(source: Path) -> None:
    one = store.summary(make(source, [*fitted.sine(3), fitted.ended(3, 0.008, 0.07, 0.98)]))
    assert (one.task, one.best_accuracy, one.best_loss, one.best_mae, one.best_r2) == ("regression", None, 0.008, 0.07, 0.98)
    assert (one.test_mae, one.test_r2) == (0.07, 0.98)


def test_an_older_end_without_the_best_errors_gives_the_last(source: Path) -> None:
    end = replace(fitted.ended(3, 0.008, 0.07, 0.98), best_mae=None, best_r2=None, last_mae=0.09, last_r2=0.9)
    one = store.summary(make(source, [*fitted.sine(3), end]))
    assert (one.best_mae, one.best_r2) == (0.09, 0.9)


def test_a_summary_of_regression_that_was_lost_has_the_epoch_of_the_lowest_loss(source: Path) -> None:
    rows = [replace(fitted.tried(epoch, loss, loss / 2, None), best=False) for epoch, loss in ((1, 0.5), (2, 0.2), (3, 0.4))]
    one = store.summary(make(source, [fitted.started(), *rows]))
    assert (one.task, one.best_epoch, one.best_loss, one.best_mae) == ("regression", 2, 0.2, 0.1)
    assert one.last_loss == 0.4


def test_a_summary_has_the_speed_and_the_curve_of_a_run_that_ended(source: Path) -> None:
    told = store.summary(make(source, [STARTED, replace(ENDED, curve=(2.3, 0.5, 0.1))]))
    assert (told.speed, told.curve) == (1280 / 3.5, (2.3, 0.5, 0.1))
    older = store.summary(make(source, [STARTED, replace(ENDED, samples=0)]))
    assert (older.speed, older.curve) == (None, ())


def test_a_summary_has_the_speed_and_the_curve_of_a_run_that_goes_on(source: Path) -> None:
    rows: list[Event] = [STARTED]
    for epoch in range(1, 101):
        rows += [stepped(10 * epoch), evaluated(epoch, epoch / 200)]
    run = make(source, rows)
    with log.Writer(run.events):
        told = store.summary(run)
    assert told.status == "running"
    assert told.speed == pytest.approx(100)  # 1000 steps of 10 samples in 100 s
    assert len(told.curve) == 24
    assert (told.curve[0], told.curve[-1]) == (0.995, 0.5)
    assert list(told.curve) == sorted(told.curve, reverse=True)


def test_the_curve_of_a_resumed_run_is_without_what_did_not_happen(source: Path) -> None:
    rows: list[Event] = [STARTED, evaluated(1, 0.2), evaluated(2, 0.4), evaluated(3, 0.1), RunResumed(20, 2, 2.0, evaluated=True)]
    assert store.summary(make(source, rows)).curve == (0.8, 0.6)


def test_a_summary_of_regression_has_the_last_errors_too(source: Path) -> None:
    one = store.summary(make(source, [*fitted.sine(3), replace(fitted.ended(3, 0.008, 0.07, 0.98), last_mae=0.08, last_r2=0.97)]))
    assert (one.last_mae, one.last_r2) == (0.08, 0.97)
    going = store.summary(make(source, [fitted.started(), fitted.tried(1, 0.5, 0.2, 0.9)]))
    assert (going.last_mae, going.last_r2) == (0.2, 0.9)


def test_a_path_gives_the_run_as_it_is_listed(source: Path, home: Path, tmp_path: Path) -> None:
    run = make(source)
    (tmp_path / "short").symlink_to(home)
    assert store.find(str(tmp_path / "short" / "runs" / run.name)) == run
    elsewhere = run.folder.rename(tmp_path / run.name)
    assert store.find(str(elsewhere)) == Run(elsewhere.resolve())
