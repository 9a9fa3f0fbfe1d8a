"""Columns of the list of runs: each says, sorts and is found by all that it is called; nothing steers the terminal."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tui_trainer import config
from tui_trainer.runs import columns
from tui_trainer.runs.columns import BY_WORD, COLUMNS, Column, ColumnError
from tui_trainer.runs.run import Run
from tui_trainer.runs.summaries import Summary

FIRST = Summary(
    Run(Path("/runs/20261121-071900-cnn-digits-7f3a")),
    "finished",
    config.read({"preset": "cnn", "dataset": "digits", "epochs": 10, "knobs": {"width": 64, "bias": True}, "data": {"noise": 0.5}}),
    "wide net",
    "try wider",
    best_accuracy=0.718,
    last_accuracy=0.71,
    test_accuracy=0.7,
    best_loss=0.862,
    epochs=6,
    steps=1760,
    seconds=552.0,
    parameters=356_810,
    speed=4812.3,
    time=time.time() - 7300,
)
BARE = Summary(Run(Path("/runs/x-0000")), "new", config.read({"preset": "mlp", "dataset": "sine", "steps": 5}))


def column(name: str) -> Column:
    return next(one for one in COLUMNS if one.name == name)


SAID: list[tuple[str, str, str | None]] = [
    ("status", "done", "new"),
    ("run", "7f3a", "0000"),
    ("name", "wide net", ""),
    ("preset", "cnn", "mlp"),
    ("dataset", "digits", "sine"),
    ("optimizer", "adam", "adam"),
    ("rate", "1e-3", "1e-3"),
    ("batch", "32", "32"),
    ("seed", "0", "0"),
    ("settings", "width 64, bias yes, noise 0.5", ""),
    ("best", "71.8 %", "·"),
    ("last", "71.0 %", "·"),
    ("test", "70.0 %", "·"),
    ("loss", "0.862", "·"),
    ("mae", "·", "·"),
    ("epochs", "6/10", "0"),
    ("steps", "1 760", "·"),
    ("time", "9:12", "·"),
    ("speed", "4 812", "·"),
    ("parameters", "356 810", "·"),
    ("age", "2 h", None),
    ("note", "try wider", ""),
    ("process", "", ""),
    ("machine", "", ""),
]
"""Column, what it says of the first run, and of the bare one."""


@pytest.mark.parametrize(("name", "full", "bare"), SAID)
def test_what_a_column_says(name: str, full: str, bare: str | None) -> None:
    assert column(name).text(FIRST) == full
    assert bare is None or column(name).text(BARE) == bare


def test_every_column_is_above() -> None:
    assert [row[0] for row in SAID] == [one.name for one in COLUMNS]


@pytest.mark.parametrize("one", COLUMNS, ids=lambda one: one.name)
def test_a_column_sorts_both_ways_with_the_unknown_last(one: Column) -> None:
    found = [BARE, FIRST, BARE, FIRST]
    for falling in (True, False, None):
        rows = columns.ordered(found, one, falling=falling)
        assert sorted(map(id, rows)) == sorted(map(id, found))
        known = [one.key(row) is not None for row in rows]
        assert known == sorted(known, reverse=True)


def test_a_loss_that_is_none_comes_last_and_leaves_the_others_in_order() -> None:
    found = [replace(FIRST, best_loss=loss) for loss in (float("nan"), 2.0, float("nan"), 1.0, float("inf"))]
    for falling, losses in ((False, [1.0, 2.0, float("inf")]), (True, [float("inf"), 2.0, 1.0])):
        assert [one.best_loss for one in columns.ordered(found, columns.find("loss"), falling=falling)][:3] == losses


def test_a_column_is_found_by_all_that_it_is_called() -> None:
    called = [
        ("lr", "rate"),
        ("VAL", "best"),
        ("best val", "best"),
        ("best-val", "best"),
        ("params", "parameters"),
        ("state", "status"),
    ]
    for word, name in called:
        assert columns.find(word).name == name
    words = [word for one in COLUMNS for word in {one.name, one.heading.lower(), *one.words}]
    assert len(words) == len(set(words)) == len(BY_WORD)
    with pytest.raises(ColumnError, match=r"there is no column 'sped'; did you mean speed\? they are status, run, name"):
        columns.find("sped")


def test_names_from_people_and_data_do_not_steer_the_terminal() -> None:
    steering = "\x1b[2J"
    settings = {"preset": f"p{steering}", "dataset": f"d{steering}", "knobs": {f"k{steering}": steering}}
    one = Summary(Run(Path(f"/runs/x-{steering}")), "running", config.read(settings), steering, steering, pid=3, host=steering)
    for each in COLUMNS:
        assert "\x1b" not in each.text(one), each.name


def test_the_process_says_its_machine_where_that_is_another() -> None:
    settings = config.read({"preset": "cnn", "dataset": "digits"})
    here = Summary(FIRST.run, "running", settings, pid=4711, host=socket.gethostname())
    there = Summary(FIRST.run, "paused", settings, pid=4711, host="box")
    assert [columns.process(one) for one in (here, there)] == ["4711", "4711 on box"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("folder:/home/me/leaves", "…/leaves"),
        ("folder:~/leaves/", "…/leaves"),
        ("folder:pets", "folder:pets"),
        ("digits", "digits"),
    ],
)
def test_a_folder_is_told_by_its_own_name(name: str, shown: str) -> None:
    assert columns.dataset(Summary(FIRST.run, "new", config.read({"preset": "mlp", "dataset": name}))) == shown


def test_knobs_are_those_of_presets_and_datasets() -> None:
    assert columns.knobs([FIRST, BARE]) == {"width", "bias", "noise"}
