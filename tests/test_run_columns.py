"""The columns of the table: what tells most is there at any width, what runs are sorted by always, and none is torn."""

from __future__ import annotations

import pytest

from made import ended, made
from many import many
from tui_trainer.app.widgets.run_columns import PLACES, Texts, Widths, absent, fitting, shared
from tui_trainer.runs import labels, store
from tui_trainer.runs.columns import COLUMNS
from tui_trainer.runs.store import Summary

GAP = 2


@pytest.fixture
def runs() -> list[Summary]:
    return [store.summary(run) for run in many(12)]


def laid_out(runs: list[Summary], room: int, sorted_by: str = "age") -> list[str]:
    texts = Texts()
    widths = Widths(texts)
    widths.take(runs)
    places = fitting(widths, room, GAP, sorted_by, absent=absent(runs, texts), same=shared(runs, texts))
    assert len(places) == 1 or sum(widths.of(place) + GAP for place in places) - GAP <= room
    return [place.name for place in places]


def test_every_column_has_a_place() -> None:
    assert {one.name for one in COLUMNS} <= {place.name for place in PLACES}


def test_what_decides_is_there_at_any_width(runs: list[Summary]) -> None:
    for room in (57, 77, 97, 115, 157, 300):
        shown = laid_out(runs, room)
        assert {"run", "preset", "best", "status", "age"} <= set(shown)
        assert shown == [place.name for place in PLACES if place.name in shown]
        assert {"dataset", "curve"} <= set(shown) or room < 77


def test_what_runs_are_sorted_by_is_always_there(runs: list[Summary]) -> None:
    for column in COLUMNS:
        assert column.name in laid_out(runs, 57, column.name)


def test_what_nobody_has_takes_no_room(runs: list[Summary]) -> None:
    plain = [one for one in runs if not one.name]
    assert not {"name", "note", "process", "mae"} & set(laid_out(plain, 300))
    assert {"name", "note"} <= set(laid_out(runs, 300))


def test_a_setting_that_all_have_gives_way_to_those_that_tell_them_apart() -> None:
    same = [store.summary(made("cnn", ended(), lr=rate)) for rate in (0.1, 0.2)]
    other = [*same, store.summary(made("cnn", ended(), dataset="shapes", lr=0.1))]
    assert "dataset" not in laid_out(same, 90)
    assert "dataset" in laid_out(other, 90)


def test_texts_are_made_once_until_there_is_more_to_say() -> None:
    run = made("cnn", ended())
    texts = Texts()
    one = store.summary(run)
    assert texts.of(one) is texts.of(one)
    labels.write(run, name="wide")
    assert texts.of(store.summary(run))["name"] == "wide"
