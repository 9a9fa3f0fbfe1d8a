"""What the Runs tab knows: ended records are read once, and again where there is more to say; the best of each dataset leads."""

from __future__ import annotations

import socket

import pytest

import fitted
from made import ended, evaluated, made, started
from tui_trainer.app import records
from tui_trainer.app.records import Records
from tui_trainer.events import Hosted, RunResumed
from tui_trainer.runs import columns, labels, log, store
from tui_trainer.runs.store import Run, Summary


def read_all(known: Records) -> None:
    known.look()
    while known.behind:
        known.read()


def test_records_that_ended_are_read_once_by_all_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    made("cnn", started(), evaluated(), ended())
    made("mlp", started(), ended("stopped"))
    reads: list[Run] = []
    summary = store.summary
    monkeypatch.setattr(store, "summary", lambda run: reads.append(run) or summary(run))
    read_all(Records())
    read_all(Records())
    assert len(reads) == 2


def test_a_running_one_is_read_again() -> None:
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(started())
        write(evaluated())
        known = Records()
        read_all(known)
        assert [one.status for one in known.summaries()] == ["running"]
        write(ended())
    read_all(known)
    assert [one.status for one in known.summaries()] == ["finished"]


def test_reading_is_bounded() -> None:
    for _ in range(5):
        made("cnn", ended())
    known = Records()
    known.look()
    known.read(seconds=0)
    assert known.behind == 4
    assert len(known.summaries()) == 1


def test_a_deleted_one_is_forgotten() -> None:
    run = made("cnn", ended())
    known = Records()
    read_all(known)
    store.delete(run)
    known.forget(run)
    assert known.summaries() == []
    read_all(known)
    assert known.summaries() == []


def summaries() -> list[Summary]:
    made("cnn", ended(best=0.9), lr=0.1)
    made("mlp", ended("diverged", best=None), optimizer="sgd")
    made("linear", ended("stopped", best=0.7), batch_size=64)
    known = Records()
    read_all(known)
    return known.summaries()


def test_the_best_of_each_dataset_leads() -> None:
    found = summaries()
    leaders = records.leaders(found)
    assert {one.config.preset for one in found if one.run.folder in leaders} == {"cnn"}


def test_points_of_another_kind_are_another_dataset() -> None:
    for kind, accuracy in (("moons", 0.99), ("spirals", 0.7), ("spirals", 0.6)):
        made("mlp", ended(best=accuracy), dataset="points", data={"kind": kind})
    known = Records()
    read_all(known)
    found = known.summaries()
    leaders = records.leaders(found)
    assert {one.best_accuracy for one in found if one.run.folder in leaders} == {0.99, 0.7}


def fits() -> list[Summary]:
    for preset, mae, r2 in (("mlp", 0.07, 0.98), ("wave", 0.02, 0.999), ("line", 0.5, None)):
        made(preset, *fitted.sine(1), fitted.ended(1, mae, mae, r2), dataset="sine")
    known = Records()
    read_all(known)
    return known.summaries()


def test_of_regression_the_smallest_error_leads() -> None:
    found = fits()
    leaders = records.leaders(found)
    assert [one.config.preset for one in found if one.run.folder in leaders] == ["wave"]


def test_a_run_that_ended_is_read_again_when_it_was_resumed_elsewhere() -> None:
    run = made("cnn", started(), ended("stopped"))
    known = Records()
    read_all(known)
    assert [one.status for one in known.summaries()] == ["stopped"]
    with log.Writer(run.events) as write:
        write(Hosted(4711, "box"))
        write(RunResumed(100, 10, 60.0))
        read_all(known)
        other = Records()
        read_all(other)
        for one in (*known.summaries(), *other.summaries()):
            assert one.status == "running"
            assert columns.process(one) == "4711 on box"
    read_all(known)
    assert [one.status for one in known.summaries()] == ["lost"]
    assert columns.process(known.summaries()[0]) == ""


def test_the_process_of_this_machine_is_a_number() -> None:
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(Hosted(4711, socket.gethostname()))
        known = Records()
        read_all(known)
        assert [columns.process(one) for one in known.summaries()] == ["4711"]


def test_a_label_that_somebody_changed_is_read() -> None:
    run = made("cnn", started(), ended())
    known = Records()
    read_all(known)
    labels.write(run, name="wide", note="try wider next")
    assert [one.name for one in known.summaries()] == [""]
    read_all(known)
    assert [(one.name, one.note) for one in known.summaries()] == [("wide", "try wider next")]
    labels.write(run, name="wider")
    known.again(run)
    assert [one.name for one in known.summaries()] == ["wider"]
