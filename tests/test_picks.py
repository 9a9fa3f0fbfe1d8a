"""Marks: as many settings as can be told apart, and any number of seeds of each."""

from __future__ import annotations

from collections.abc import Mapping

from made import ended, made
from tui_trainer.app import picks
from tui_trainer.app.picks import Picks, setting_of
from tui_trainer.runs import store
from tui_trainer.runs.store import Summary


def summaries(*settings: Mapping[str, object]) -> list[Summary]:
    return [store.summary(made("cnn", ended(), **one)) for one in settings]


def test_runs_that_differ_in_the_seed_alone_are_of_one_setting() -> None:
    first, seed, rate, knob = summaries({}, {"seed": 7}, {"lr": 0.5}, {"knobs": {"width": 64}})
    assert setting_of(first) == setting_of(seed)
    assert len({setting_of(one) for one in (first, rate, knob)}) == 3


def test_nine_settings_are_one_too_many_but_another_seed_is_not() -> None:
    found = summaries(*({"lr": 0.01 * (at + 1)} for at in range(9)), {"lr": 0.01, "seed": 3})
    known = {one.run.folder: one for one in found}
    looking = Picks()
    assert [looking.toggle(one, known) for one in found[:8]] == [""] * 8
    assert "8 settings are marked" in looking.toggle(found[8], known)
    assert looking.toggle(found[9], known) == ""
    assert looking.marked == [one.run.folder for one in (*found[:8], found[9])]
    assert looking.toggle(found[3], known) == ""  # not any more
    assert looking.toggle(found[8], known) == ""
    looking.forget([found[8].run.folder])
    assert found[8].run.folder not in looking.marked


def test_there_is_an_end_to_how_many_runs_are_marked() -> None:
    one, another = summaries({}, {"seed": 1})
    looking = Picks(marked=[one.run.folder / str(at) for at in range(picks.MOST_RUNS - 1)])
    known = {two.run.folder: two for two in (one, another)}
    assert looking.toggle(one, known) == ""
    assert "64 runs are marked" in looking.toggle(another, known)
