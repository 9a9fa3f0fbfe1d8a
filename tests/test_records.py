"""What the Runs tab knows: ended records are read once, filters and orders are those that were asked for."""

from __future__ import annotations

import socket

import pytest

import fitted
from made import ended, evaluated, made, started
from tui_trainer.app import records
from tui_trainer.app.records import ORDERS, Records
from tui_trainer.events import Hosted, RunResumed
from tui_trainer.runs import log, store
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


@pytest.mark.parametrize(
    ("text", "presets"),
    [
        ("", {"cnn", "mlp", "linear"}),
        ("cnn", {"cnn"}),
        ("digits done", {"cnn"}),
        ("digits finished", {"cnn"}),
        ("sgd diverged", {"mlp"}),
        ("val>80", {"cnn"}),
        ("val<80", {"linear"}),
        ("batch>32 digits", {"linear"}),
        ("rate>1e-2", {"cnn"}),
        ("rate>1e", {"cnn", "mlp", "linear"}),  # still being typed
        ("shapes", set()),
    ],
)
def test_filter(text: str, presets: set[str]) -> None:
    assert {one.config.preset for one in summaries() if records.wanted(one, text.split())} == presets


def test_a_run_is_found_by_the_beginning_of_its_id() -> None:
    one = summaries()[0]
    assert records.wanted(one, [one.run.id])
    assert records.wanted(one, [one.run.id[:2]])


def test_orders_put_what_is_unknown_last_either_way() -> None:
    best = next(one for one in ORDERS if one.name == "best val")
    found = summaries()
    assert [one.config.preset for one in records.ordered(found, best, falling=True)] == ["cnn", "linear", "mlp"]
    assert [one.config.preset for one in records.ordered(found, best, falling=False)] == ["linear", "cnn", "mlp"]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
def test_every_order_sorts(order: records.Order) -> None:
    assert len(records.ordered(summaries(), order, falling=order.falling)) == 3


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
    assert {one.best_accuracy for one in found if records.wanted(one, ["spirals"])} == {0.7, 0.6}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("folder:/home/me/pictures/leaves", "…/leaves"),
        ("folder:~/leaves/", "…/leaves"),
        ("folder:pets", "folder:pets"),
        ("digits", "digits"),
    ],
)
def test_a_folder_is_told_by_its_own_name(name: str, shown: str) -> None:
    made("mlp", dataset=name)
    known = Records()
    read_all(known)
    assert [records.dataset(one) for one in known.summaries()] == [shown]


def fits() -> list[Summary]:
    for preset, mae, r2 in (("mlp", 0.07, 0.98), ("wave", 0.02, 0.999), ("line", 0.5, None)):
        made(preset, *fitted.sine(1), fitted.ended(1, mae, mae, r2), dataset="sine")
    known = Records()
    read_all(known)
    return known.summaries()


def test_of_regression_the_smallest_error_leads_and_can_be_asked_for() -> None:
    found = fits()
    leaders = records.leaders(found)
    assert [one.config.preset for one in found if one.run.folder in leaders] == ["wave"]
    assert {one.config.preset for one in found if records.wanted(one, ["mae<0.1"])} == {"mlp", "wave"}
    assert not any(records.wanted(one, ["val>0"]) for one in found)
    best = next(one for one in ORDERS if one.name == "best val")
    assert [one.config.preset for one in records.ordered(found, best, falling=True)] == ["wave", "mlp", "line"]


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
            assert records.process(one) == "4711 on box"
    read_all(known)
    assert [one.status for one in known.summaries()] == ["lost"]
    assert records.process(known.summaries()[0]) == ""


def test_the_process_of_this_machine_is_a_number() -> None:
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(Hosted(4711, socket.gethostname()))
        known = Records()
        read_all(known)
        assert [records.process(one) for one in known.summaries()] == ["4711"]
