"""Settings and facts of one run, in any room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from made import ended, evaluated, made, started
from stage import drawn, staged
from tui_trainer.app.widgets import run_facts
from tui_trainer.app.widgets.run_card import RunCard
from tui_trainer.events import CheckpointSaved, LearningRateChanged, SettingChanged
from tui_trainer.runs import store
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Summary


def a_run() -> Summary:
    run = made("cnn", started(), ended(), lr=1e-3, knobs={"width": 32}, seed=7, batch_size=128)
    return replace(store.summary(run), name="wide one", note="try [b]wider[/b] next")


def history() -> History:
    made = History()
    made.extend([started(), LearningRateChanged(5, 1e-3, 3e-4, 1.0), SettingChanged(6, "weight_decay", 0.0, 0.1, 1.0)])
    made.extend([evaluated(), CheckpointSaved(10, 1, True, 1_400_000)])
    return made


def test_settings_say_what_was_changed_and_knobs_come_before_the_seed() -> None:
    found = dict(run_facts.settings(a_run(), history()))
    assert found["rate"] == "1e-3 → 3e-4"
    names = list(found)
    assert names.index("width") < names.index("seed") < names.index("epochs")
    assert dict(run_facts.settings(a_run()))["rate"] == "1e-3"


def test_facts() -> None:
    said = {fact.words: fact.value for fact in run_facts.facts(a_run(), history())}
    assert said["name"] == "wide one"
    assert said["note"] == "“try [b]wider[/b] next”"
    assert said["worst class"] == "cat 80.0 %"
    assert said["best.pt"] == "epoch 1, 1.4 MB"
    assert said["test"] == "90.0 %"
    failed = replace(a_run(), error="no \x1b[31m memory")
    assert run_facts.facts(failed)[0].colour == "worse"


async def test_settings_of_a_run_stand_under_each_other() -> None:
    card = RunCard()
    async with staged(card, 40, 16):
        card.show(a_run(), history())
        rows = [row.strip() for row in drawn(card)]
    assert rows[0].startswith("─ Settings ─")
    assert rows[1:8] == [
        "preset     cnn",
        "dataset    digits",
        "optimizer  adam",
        "rate       1e-3 → 3e-4",
        "batch      128",
        "width      32",
        "seed       7",
    ]
    assert "name wide one" in rows
    assert "note “try [b]wider[/b] next”" in rows


@pytest.mark.parametrize("size", [(1, 1), (12, 3), (40, 4), (78, 4), (30, 9), (52, 18)])
async def test_in_any_room_it_keeps_within(size: tuple[int, int]) -> None:
    card = RunCard()
    async with staged(card, *size):
        card.show(None)
        card.show(replace(a_run(), error="x" * 400, note="y " * 200), history())
        assert all(len(row) <= size[0] for row in drawn(card))
        assert len(drawn(card)) <= size[1]


async def test_few_rows_hold_settings_side_by_side_and_one_row_of_facts() -> None:
    card = RunCard()
    async with staged(card, 80, 4):
        card.show(a_run())
        rows = drawn(card)
    assert "preset" in rows[1]
    assert "seed" in rows[1] + rows[2]
    assert "wide one" in rows[3]
